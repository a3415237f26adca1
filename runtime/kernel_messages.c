/*
 * kernel_messages.c - see kernel_messages.h.
 */
#include "kernel_messages.h"

#include <string.h>

enum { PANIC_LINES_MAX = 400 };     /* of registers and traces, between the panic and the reset */

static const char PANIC[] = "Kernel panic - not syncing";

static const char NO_ROOT[] =
    "the initrd found no root file system: check root=, and that the initrd has the disk's module";

/* Words of a line and what to do about it; the first that matches counts. */
static const struct {
    const char *words, *hint;
} known[] = {
    {"VFS: Unable to mount root fs",
     "the kernel found no root file system: give an initrd (--initrd), or name a disk whose driver "
     "is built into the kernel (--append root=/dev/vda)"},
    {"VFS: Cannot open root device",
     "the kernel does not know the disk that root= names: its driver is a module, which belongs "
     "into an initrd (--initrd)"},
    {"No working init found",
     "the root file system has no program to start: name one (--append init=PATH)"},
    {"Requested init",
     "the program that init= names cannot be started: it is missing, or for another machine"},
    {"Failed to execute /init",
     "the initrd's /init cannot be started: it is missing, not executable, or for another machine"},
    {"Initramfs unpacking failed",
     "the kernel cannot unpack the initrd: it is damaged, or packed in a way this kernel lacks"},
    {"deadlocked on memory", "the guest has too little memory to start; give it more (--memory)"},
    {"Out of memory and no killable processes",
     "the guest ran out of memory; give it more (--memory)"},
    {"does not exist.  Dropping to a shell", NO_ROOT},
    {"Gave up waiting for root", NO_ROOT},
    {"cpc-guest: no root file system", NO_ROOT},
    {"cannot load module",
     "a kernel module could not be loaded: the initrd was made for another kernel"},
    {"Module not found",
     "a kernel module is missing in the initrd, which was made for another kernel"},
};

/* Words of the first lines that are not the kernel's, or the kernel's last before them. */
static const char *const ready_words[] = {
    "as init process", "cpc-guest: ready", "Reached target", "Welcome to ",
};

/* Behind the time stamp that Linux puts in front ("[    0.123456] "), if there is one. */
static const char *message(const char *line)
{
    const char *end;

    if (line[0] != '[')
        return line;
    end = strstr(line, "] ");
    return end != NULL ? end + 2 : line;
}

static void read_line(struct kernel_messages *m)
{
    m->line[m->used] = '\0';
    for (size_t i = 0; i < sizeof ready_words / sizeof ready_words[0]; i++)
        m->ready |= strstr(m->line, ready_words[i]) != NULL;
    if (strncmp(message(m->line), PANIC, sizeof PANIC - 1) == 0)
        m->since_panic = 1;
    else if (m->since_panic > 0)
        m->since_panic = m->since_panic < PANIC_LINES_MAX ? m->since_panic + 1 : 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strstr(m->line, known[i].words) != NULL) {
            m->hint = known[i].hint;
            return;
        }
    }
}

void kernel_messages_read(struct kernel_messages *m, char byte)
{
    if (byte == '\n') {
        read_line(m);
        m->used = 0;
    } else if (m->used < sizeof m->line - 1 && byte != '\r' && byte != '\0') {
        m->line[m->used++] = byte;
    }
}

bool kernel_messages_panicked(const struct kernel_messages *m)
{
    return m->since_panic > 0;
}
