/*
 * char_stream.c - see char_stream.h.
 */
#include "char_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "log.h"

#define ESCAPE_KEY 0x01     /* Ctrl-A */

struct char_stream {
    int in, out;                /* -1: not there, now or ever */
    int listener;               /* unix: */
    int slave;                  /* pty: held open, or the other end would be hung up without a user */
    int resize;                 /* a signalfd for SIGWINCH */
    char *link;                 /* to be removed at the end: the socket, or the link to the pty */
    int terminal;               /* whose settings are put back; -1: none */
    struct termios before;
    bool ended;                 /* no more input will come */
    bool escapes, escaped;
    struct char_stream *next;   /* of those with a terminal, for restore_terminals */
};

static struct char_stream *with_terminal;
static const struct char_stream *with_stdin;

static void restore_terminals(void)
{
    for (struct char_stream *s = with_terminal; s; s = s->next) {
        tcsetattr(s->terminal, TCSANOW, &s->before);
    }
    with_terminal = NULL;
}

/* Makes fd raw when it is a terminal. */
static void make_raw(struct char_stream *s, int fd)
{
    static bool registered;
    struct termios raw;

    if (tcgetattr(fd, &s->before)) {
        return;
    }
    if (!registered) {
        registered = atexit(restore_terminals) == 0;
    }
    raw = s->before;
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    s->terminal = fd;
    s->next = with_terminal;
    with_terminal = s;
}

/*
 * A descriptor of our own for what fd is, that does not block: O_NONBLOCK belongs to the open file,
 * which others may share.
 */
static int own_descriptor(int fd, int flags)
{
    char path[32];
    int own;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    own = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (own < 0) {
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);    /* a socket cannot be opened anew */
        if (own >= 0) {
            fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK);
        }
    }
    return own;
}

/* ---- the kinds ----------------------------------------------------------- */

static int open_stdio(struct char_stream *s, const char *rest, struct virtio_error *error)
{
    sigset_t changed;

    (void)rest;
    if (with_stdin) {
        return virtio_fail(error, -EBUSY, "another port is on stdio already");
    }
    with_stdin = s;
    s->in = own_descriptor(STDIN_FILENO, O_RDONLY);
    s->out = own_descriptor(STDOUT_FILENO, O_WRONLY);
    if (s->out < 0) {
        return virtio_fail(error, -errno, "cannot use standard output: %s", strerror(errno));
    }
    if (s->in >= 0 && isatty(s->in)) {
        make_raw(s, s->in);
        s->escapes = true;
        sigemptyset(&changed);
        sigaddset(&changed, SIGWINCH);
        sigprocmask(SIG_BLOCK, &changed, NULL);
        s->resize = signalfd(-1, &changed, SFD_NONBLOCK | SFD_CLOEXEC);
    }
    return 0;
}

static int open_pty(struct char_stream *s, const char *rest, struct virtio_error *error)
{
    char path[64];

    s->in = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    s->out = s->in;
    if (s->in < 0 || grantpt(s->in) || unlockpt(s->in) || ptsname_r(s->in, path, sizeof path)) {
        return virtio_fail(error, -errno, "cannot make a pseudo-terminal: %s", strerror(errno));
    }
    s->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s->slave < 0) {
        return virtio_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
    }
    make_raw(s, s->slave);
    if (*rest) {
        if (symlink(path, rest)) {
            return virtio_fail(error, -errno, "cannot make the link '%s': %s", rest,
                               strerror(errno));
        }
        s->link = strdup(rest);
    }
    log_info("console", "a terminal is at %s", path);
    return 0;
}

static int open_tty(struct char_stream *s, const char *path, struct virtio_error *error)
{
    s->in = s->out = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (s->in < 0) {
        return virtio_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
    }
    if (!isatty(s->in)) {
        return virtio_fail(error, -ENOTTY, "'%s' is not a terminal", path);
    }
    make_raw(s, s->in);
    return 0;
}

static int open_file(struct char_stream *s, const char *path, struct virtio_error *error)
{
    s->out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0666);
    if (s->out < 0) {
        return virtio_fail(error, -errno, "cannot open '%s': %s", path, strerror(errno));
    }
    return 0;
}

static int open_inherited(struct char_stream *s, const char *number, struct virtio_error *error)
{
    char *end;
    long fd = strtol(number, &end, 10);

    if (number[0] < '0' || number[0] > '9' || *end || fd > INT32_MAX ||
        fcntl((int)fd, F_GETFL) < 0) {
        return virtio_fail(error, -EINVAL, "'%s' is not the number of an open descriptor", number);
    }
    s->in = s->out = own_descriptor((int)fd, fcntl((int)fd, F_GETFL) & O_ACCMODE);
    if (s->in < 0) {
        return virtio_fail(error, -errno, "cannot use descriptor %s: %s", number, strerror(errno));
    }
    make_raw(s, s->in);
    return 0;
}

static int open_unix(struct char_stream *s, const char *path, struct virtio_error *error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat st;

    if (strlen(path) >= sizeof address.sun_path) {
        return virtio_fail(error, -ENAMETOOLONG, "the socket's path is longer than %zu bytes: '%s'",
                           sizeof address.sun_path - 1, path);
    }
    strcpy(address.sun_path, path);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->listener < 0) {
        return virtio_fail(error, -errno, "cannot make a socket: %s", strerror(errno));
    }
    if (connect(s->listener, (const struct sockaddr *)&address, sizeof address) == 0) {
        return virtio_fail(error, -EADDRINUSE, "another process serves '%s'", path);
    }
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        unlink(path);           /* nobody answered: it is left over */
    }
    if (bind(s->listener, (const struct sockaddr *)&address, sizeof address) ||
        listen(s->listener, 1)) {
        return virtio_fail(error, -errno, "cannot listen on '%s': %s", path, strerror(errno));
    }
    s->link = strdup(path);
    return 0;
}

static const struct {
    const char *name;           /* with its colon where something has to follow */
    int (*open)(struct char_stream *s, const char *rest, struct virtio_error *error);
} kinds[] = {
    { "stdio", open_stdio }, { "pty:", open_pty },   { "pty", open_pty }, { "tty:", open_tty },
    { "unix:", open_unix },  { "file:", open_file }, { "fd:", open_inherited },
};

int char_stream_open(struct char_stream **stream, const char *text, struct virtio_error *error)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t length = strlen(kinds[i].name);
        int r;

        if (strncmp(text, kinds[i].name, length) ||
            (text[length - 1] == ':' ? !text[length] : text[length])) {
            continue;
        }
        *stream = calloc(1, sizeof **stream);
        if (!*stream) {
            abort();
        }
        (*stream)->in = (*stream)->out = (*stream)->listener = (*stream)->slave = -1;
        (*stream)->resize = (*stream)->terminal = -1;
        r = kinds[i].open(*stream, text + length, error);
        if (r) {
            char_stream_close(*stream);
        }
        return r;
    }
    return virtio_fail(error, -EINVAL,
                       "'%s' is none of stdio, pty[:LINK], tty:PATH, unix:PATH, file:PATH, fd:N",
                       text);
}

static void close_both(struct char_stream *s)
{
    if (s->out >= 0 && s->out != s->in) {
        close(s->out);
    }
    if (s->in >= 0) {
        close(s->in);
    }
    s->in = s->out = -1;
}

bool char_stream_has_stdin(void)
{
    return with_stdin != NULL;
}

void char_stream_close(struct char_stream *s)
{
    struct char_stream **place = &with_terminal;

    if (with_stdin == s) {
        with_stdin = NULL;
    }
    while (*place && *place != s) {
        place = &(*place)->next;
    }
    if (*place) {
        *place = s->next;
        tcsetattr(s->terminal, TCSANOW, &s->before);
    }
    close_both(s);
    for (unsigned i = 0; i < 3; i++) {
        int fd = i == 0 ? s->listener : i == 1 ? s->slave : s->resize;

        if (fd >= 0) {
            close(fd);
        }
    }
    if (s->link) {
        unlink(s->link);
    }
    free(s->link);
    free(s);
}

/* ---- bytes ----------------------------------------------------------- */

bool char_stream_connected(const struct char_stream *s)
{
    return s->listener < 0 || s->in >= 0;
}

int char_stream_input_fd(const struct char_stream *s)
{
    if (s->ended) {
        return -1;
    }
    return char_stream_connected(s) ? s->in : s->listener;
}

int char_stream_output_fd(const struct char_stream *s)
{
    return s->out;
}

bool char_stream_accept(struct char_stream *s)
{
    s->in = s->out = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return s->in >= 0;
}

/* Takes the escape key out of what a terminal sent; returns how many bytes are left. */
static size_t handle_escapes(struct char_stream *s, uint8_t *bytes, size_t size)
{
    size_t kept = 0;

    for (size_t i = 0; i < size; i++) {
        bool escaped = s->escaped;

        s->escaped = !escaped && bytes[i] == ESCAPE_KEY;
        if (escaped && bytes[i] == 'x') {
            kill(getpid(), SIGTERM);
        } else if (!s->escaped) {
            bytes[kept++] = bytes[i];
        }
    }
    return kept;
}

ssize_t char_stream_read(struct char_stream *s, void *data, size_t size)
{
    ssize_t n = s->in < 0 ? 0 : read(s->in, data, size);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return -EAGAIN;
    }
    if (n <= 0) {               /* EIO, ECONNRESET: the same to whoever reads */
        if (s->listener >= 0) {
            close_both(s);
        }
        s->ended = s->listener < 0;
        return 0;
    }
    if (s->escapes) {
        n = (ssize_t)handle_escapes(s, data, (size_t)n);
    }
    return n ? n : -EAGAIN;
}

ssize_t char_stream_write(struct char_stream *s, const void *data, size_t size)
{
    ssize_t n = -1;

    if (s->out < 0) {
        return -ENOTCONN;
    }
    do {
        n = write(s->out, data, size);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

bool char_stream_size(const struct char_stream *s, uint16_t *columns, uint16_t *rows)
{
    struct winsize size;

    if (s->in < 0 || ioctl(s->in, TIOCGWINSZ, &size)) {
        return false;
    }
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

int char_stream_resize_fd(const struct char_stream *s)
{
    return s->resize;
}
