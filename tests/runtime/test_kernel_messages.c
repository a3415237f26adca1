/* What is read along on a guest's console: panics, hints, and lines that are too long. */
#include "test.h"

#include "kernel_messages.h"

static struct kernel_messages messages;

static void print(const char *text)
{
    while (*text != '\0')
        kernel_messages_read(&messages, *text++);
}

static void start(void)
{
    memset(&messages, 0, sizeof messages);
}

static void test_panic(void)
{
    start();
    print("Linux\r\nwe read: Kernel panic - not syncing\r\n");
    CHECK(!kernel_messages_panicked(&messages));
    print("[    1.250000] Kernel panic - not syncing: sysrq\r\nCPU: 0\r\n");
    CHECK(kernel_messages_panicked(&messages));
    CHECK(messages.hint == NULL);
    for (int i = 0; i < 500; i++)
        print("a shell's line\n");
    CHECK(!kernel_messages_panicked(&messages));
}

static void test_hints(void)
{
    start();
    print("Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n");
    CHECK(kernel_messages_panicked(&messages));
    CHECK(strstr(messages.hint, "--initrd") != NULL);
    start();
    print("cpc-guest: cannot load module virtio_blk\n");
    CHECK(strstr(messages.hint, "another kernel") != NULL);
    start();
    print("ALERT!  /dev/vda1 does not exist.  Dropping to a shell!");
    CHECK(messages.hint == NULL);       /* the line is not complete */
    print("\n");
    CHECK(strstr(messages.hint, "root=") != NULL);
}

static void test_long_lines(void)
{
    start();
    for (int i = 0; i < 100000; i++)
        print("x");
    print("\nKernel panic - not syncing: after a long line\n");
    CHECK(kernel_messages_panicked(&messages));
    print("[ never closed");
    print("\n");
    CHECK(kernel_messages_panicked(&messages));
}

static const struct test tests[] = {
    { "panic", test_panic },
    { "hints", test_hints },
    { "long-lines", test_long_lines },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
