/*
 * boot_timer.c - starts a virtual machine monitor, and says when its guest printed what.
 *
 *   boot_timer MARK... -- PROGRAM ARGUMENT...
 *
 * Prints, at the end, for each MARK that appeared on the program's output, and for its "end":
 *
 *   timer: MARK MILLISECONDS EXITS REASON:EXITS...
 *
 * since before fork(): time, and how often KVM_RUN came back to user space, in all and by kvm_run's
 * exit_reason (linux/kvm.h). The exits are those of all guests on the machine, counted by a histogram on
 * the trace point kvm_userspace_exit, which costs both sides the same; it needs tracefs in
 * /sys/kernel/tracing and root. Everything the program prints goes to our standard error.
 * Exit status: the program's, 125 if something is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EVENT "/sys/kernel/tracing/events/kvm/kvm_userspace_exit/"

enum { TEXT_MAX = 1 << 16, FAILED = 125 };

static char text[TEXT_MAX], lines[TEXT_MAX];

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void set_trigger(const char *command)
{
    int fd = open(EVENT "trigger", O_WRONLY);

    if (fd < 0 || write(fd, command, strlen(command)) < 0) {
        fprintf(stderr, "boot_timer: cannot count exits: %s\n", strerror(errno));
        exit(FAILED);
    }
    close(fd);
}

/* Lines of the histogram are "{ reason:          2 } hitcount:         37". */
/* Writes them to `out`, of `size` bytes. */
static void put_exits(char *out, size_t size)
{
    FILE *file = fopen(EVENT "hist", "r");
    char line[256], by_reason[1024] = "";
    unsigned long reason, count, sum = 0;
    size_t used = 0;

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "{ reason: %lu } hitcount: %lu", &reason, &count) == 2) {
            sum += count;
            used += (size_t)snprintf(by_reason + used, sizeof by_reason - used, " %lu:%lu", reason,
                                     count);
        }
    }
    if (file) {
        fclose(file);
    }
    snprintf(out, size, " %lu%s\n", sum, by_reason);
}

static void report(const char *mark, double started)
{
    size_t used = strlen(lines);

    used += (size_t)snprintf(lines + used, TEXT_MAX - used, "timer: %s %.1f", mark, now_ms() - started);
    put_exits(lines + used, TEXT_MAX - used);
}

/* Reads until the program closes its output; says when the marks come, in their order. */
static void watch(int fd, char **marks, double started)
{
    size_t used = 0;
    ssize_t n;

    while ((n = read(fd, text + used, TEXT_MAX - 1 - used)) > 0) {
        char *found;

        used += (size_t)n;
        text[used] = '\0';
        while (*marks && (found = strstr(text, *marks))) {
            report(*marks++, started);
        }
        if (write(2, text + used - n, (size_t)n) < 0) {
            return;
        }
        if (used == TEXT_MAX - 1) {
            memmove(text, text + TEXT_MAX / 2, used -= TEXT_MAX / 2);
        }
    }
}

int main(int argc, char **argv)
{
    int ends[2], status, split = 1;
    double started;
    pid_t child;

    while (split < argc && strcmp(argv[split], "--")) {
        split++;
    }
    if (split + 1 >= argc || pipe(ends)) {
        fprintf(stderr, "usage: boot_timer MARK... -- PROGRAM ARGUMENT...\n");
        return FAILED;
    }
    argv[split] = NULL;
    set_trigger("hist:keys=reason");
    started = now_ms();
    child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execv(argv[split + 1], argv + split + 1);
        _exit(FAILED);
    }
    close(ends[1]);
    watch(ends[0], argv + 1, started);
    waitpid(child, &status, 0);
    report("end", started);
    set_trigger("!hist:keys=reason");
    printf("\n%s", lines);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
