/*
 * net_open.c - opens and closes the host's end of a network cable; see net_link.h.
 *
 * passt is a process of its own on purpose: what parses the guest's packets there is confined by
 * itself and shares no memory with us. It ends when our end of its socket closes, and with us.
 */
#include "net_link_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NET_PASST_ROOM (8 << 20)    /* more than two TCP windows of Linux */

/* ---- tap ----------------------------------------------------------- */

static int open_tap_queue(const char *name, unsigned flags)
{
    struct ifreq request = { .ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | flags) };
    int header = sizeof(struct net_header), little = 1;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    memcpy(request.ifr_name, name, strlen(name));
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0 &&
        ioctl(fd, TUNSETVNETHDRSZ, &header) == 0 && ioctl(fd, TUNSETVNETLE, &little) == 0) {
        return fd;
    }
    header = -errno;
    if (fd >= 0) {
        close(fd);
    }
    return header;
}

/* The largest set of offloads that this kernel takes; since Linux 6.2 without UFO it has USO. */
static unsigned find_offloads(int fd)
{
    static const unsigned sets[] = {
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_UFO,
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN,
        TUN_F_CSUM,
    };
    unsigned found = 0;

    for (unsigned i = 0; i < sizeof sets / sizeof sets[0] && !found; i++) {
        if (ioctl(fd, TUNSETOFFLOAD, (unsigned long)sets[i]) == 0) {
            found = sets[i];
        }
    }
    ioctl(fd, TUNSETOFFLOAD, 0ul);
    return found;
}

static int open_tap(struct net_link *link, const char *name, struct virtio_error *error)
{
    unsigned flags = link->n_pairs > 1 ? IFF_MULTI_QUEUE : 0;

    link->kind = NET_TAP;
    snprintf(link->name, sizeof link->name, "tap %.32s", name);
    if (strlen(name) == 0 || strlen(name) >= IFNAMSIZ) {
        return virtio_fail(error, -EINVAL, "'%s' is not the name of an interface", name);
    }
    for (uint16_t i = 0; i < link->n_pairs; i++) {
        int fd = open_tap_queue(name, flags);

        if (fd == -EINVAL && link->n_pairs == 1) {
            fd = open_tap_queue(name, IFF_MULTI_QUEUE);     /* it was made with several */
        }
        if (fd < 0) {
            return virtio_fail(error, fd,
                               "cannot open the tap interface '%s': %s%s", name, strerror(-fd),
                               fd == -EPERM ? " ('ip tuntap add NAME mode tap user USER', as root, "
                                              "makes one for a user)" : "");
        }
        link->pairs[i].fd = fd;
        link->pairs[i].attached = true;
    }
    link->offloads = find_offloads(link->pairs[0].fd);
    for (uint16_t i = 1; i < link->n_pairs; i++) {
        net_link_attach(link, i, false);
    }
    return 0;
}

/* ---- sockets ----------------------------------------------------------- */

static int open_socket(struct net_link *link, const char *path, struct virtio_error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    link->kind = NET_STREAM;
    snprintf(link->name, sizeof link->name, "socket %.50s", path);
    if (strlen(path) >= sizeof address.sun_path) {
        return virtio_fail(error, -ENAMETOOLONG, "the socket's path is longer than %zu bytes: '%s'",
                           sizeof address.sun_path - 1, path);
    }
    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    link->pairs[0].fd = fd;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) ||
        fcntl(fd, F_SETFL, O_NONBLOCK)) {
        return virtio_fail(error, -errno, "cannot connect to '%s': %s", path, strerror(errno));
    }
    return 0;
}

static int open_inherited(struct net_link *link, const char *number, struct virtio_error *error)
{
    char *end;
    long fd = strtol(number, &end, 10);
    int type;
    socklen_t size = sizeof type;

    snprintf(link->name, sizeof link->name, "descriptor %.16s", number);
    if (number[0] < '0' || number[0] > '9' || *end || fd > INT32_MAX ||
        getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size)) {
        return virtio_fail(error, -EINVAL, "'%s' is not the number of an open socket", number);
    }
    link->kind = type == SOCK_STREAM ? NET_STREAM : NET_DATAGRAM;
    link->pairs[0].fd = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
    if (link->pairs[0].fd < 0 || fcntl(link->pairs[0].fd, F_SETFL, O_NONBLOCK)) {
        return virtio_fail(error, -errno, "cannot use descriptor %s: %s", number, strerror(errno));
    }
    return 0;
}

/* ---- passt ----------------------------------------------------------- */

/* In the child: becomes passt, or tells `report` why not. */
static void become_passt(int socket_fd, int report, const struct net_link_options *options)
{
    const char *argv[16] = { "passt", "--foreground", "--quiet", "--fd" };
    char number[16];
    unsigned n = 4;
    sigset_t none;
    int problem;

    snprintf(number, sizeof number, "%d", socket_fd);
    argv[n++] = number;
    if (options->tcp_ports) {
        argv[n++] = "--tcp-ports";
        argv[n++] = options->tcp_ports;
    }
    if (options->udp_ports) {
        argv[n++] = "--udp-ports";
        argv[n++] = options->udp_ports;
    }
    argv[n] = NULL;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    fcntl(socket_fd, F_SETFD, 0);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    problem = errno;
    if (write(report, &problem, sizeof problem) < 0) {
        _exit(126);
    }
    _exit(127);
}

/*
 * Lets the socket hold bursts to the guest: as much as the kernel allows, which is twice
 * net.core.wmem_max unless we are privileged. passt sends a TCP window at once and drops what does not
 * fit; Debian 12's then retransmits whole windows, and may never end its answer to the duplicate ACKs.
 */
static void make_room(int socket_fd)
{
    int size = NET_PASST_ROOM;

    if (setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
        setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
}

/* Starts passt on socket_fd. Its process, or -errno. */
static pid_t start_passt(int socket_fd, const struct net_link_options *options)
{
    int report[2], problem = 0;
    pid_t child;

    if (pipe2(report, O_CLOEXEC)) {
        return -errno;
    }
    child = fork();
    if (child == 0) {
        become_passt(socket_fd, report[1], options);
    }
    problem = child < 0 ? errno : 0;
    close(report[1]);
    if (child > 0 && read(report[0], &problem, sizeof problem) == sizeof problem) {
        waitpid(child, NULL, 0);
    }
    close(report[0]);
    return problem ? -problem : child;
}

static int open_passt(struct net_link *link, const struct net_link_options *options,
                      struct virtio_error *error)
{
    int ends[2];
    pid_t child;

    link->kind = NET_STREAM;
    strcpy(link->name, "passt");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        return virtio_fail(error, -errno, "cannot make a socket: %s", strerror(errno));
    }
    make_room(ends[1]);
    child = start_passt(ends[1], options);
    close(ends[1]);
    link->pairs[0].fd = ends[0];
    if (child < 0) {
        return virtio_fail(error, child, "cannot start passt: %s%s", strerror(-child),
                           child == -ENOENT ? " (Debian's package is called passt)" : "");
    }
    link->passt = child;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* ---- all kinds ----------------------------------------------------------- */

static struct net_link *new_link(uint16_t pairs)
{
    struct net_link *link = calloc(1, sizeof *link + pairs * sizeof link->pairs[0]);

    if (!link) {
        abort();
    }
    link->n_pairs = pairs;
    for (uint16_t i = 0; i < pairs; i++) {
        link->pairs[i].fd = -1;
        link->pairs[i].buffer = malloc(NET_BUFFER);
        if (!link->pairs[i].buffer) {
            abort();
        }
    }
    return link;
}

int net_link_open(struct net_link **link, uint16_t pairs, const struct net_link_options *o,
                  struct virtio_error *error)
{
    int r;

    if (!!o->tap + !!o->passt + !!o->socket + !!o->fd != 1) {
        return virtio_fail(error, -EINVAL,
                           "a net device needs one of tap, passt, socket and fd");
    }
    if ((o->tcp_ports || o->udp_ports) && !o->passt) {
        return virtio_fail(error, -EINVAL, "tcp-ports and udp-ports need passt");
    }
    if (pairs > 1 && !o->tap) {
        return virtio_fail(error, -EINVAL, "only a tap has more than one pair of queues");
    }
    *link = new_link(pairs);
    if (o->tap) {
        r = open_tap(*link, o->tap, error);
    } else if (o->passt) {
        r = open_passt(*link, o, error);
    } else {
        r = o->socket ? open_socket(*link, o->socket, error) : open_inherited(*link, o->fd, error);
    }
    if (r) {
        net_link_close(*link);
    }
    return r;
}

void net_link_close(struct net_link *link)
{
    for (uint16_t i = 0; i < link->n_pairs; i++) {
        if (link->pairs[i].fd >= 0) {
            close(link->pairs[i].fd);
        }
        free(link->pairs[i].buffer);
    }
    if (link->passt) {
        kill(link->passt, SIGTERM);
        waitpid(link->passt, NULL, 0);
    }
    free(link);
}
