/*
 * ends.c - a freestanding guest that ends in the way its argument names.
 */
#include "freestanding.h"

enum {
    SLEEP_S5 = 5 << 2 | 0x20,
    RESET = 1,
    KEYBOARD_PORT = 0x64,
    KEYBOARD_RESET = 0xfe,
    PANICKED = 1,
    FLOOD_LINES = 3000,
};

/* Without an IDT any exception becomes a triple fault. */
static void fault(void)
{
    __asm__ volatile("ud2");
}

/* More text than a pipe and the serial port hold. */
static int flood(void)
{
    for (unsigned i = 0; i < FLOOD_LINES; i++)
        print("%u abcdefghijklmnopqrstuvwxyz\n", i);
    return 0;
}

int guest_main(const char *arguments)
{
    print("ends: %s\n", arguments);
    if (same_text(arguments, "flood"))
        return flood();
    if (same_text(arguments, "poweroff"))
        out8(PORT_SLEEP, SLEEP_S5);
    else if (same_text(arguments, "reset"))
        out8(PORT_RESET, RESET);
    else if (same_text(arguments, "keyboard-reset"))
        out8(KEYBOARD_PORT, KEYBOARD_RESET);
    else if (same_text(arguments, "panic"))
        out8(PORT_PANIC, PANICKED);
    else if (same_text(arguments, "fault"))
        fault();
    else if (same_text(arguments, "forever"))
        for (;;)
            in8(PORT_SLEEP);
    else if (same_text(arguments, "echo"))
        for (;;) {
            uint8_t c = in8(PORT_CONSOLE + 5) & 1 ? in8(PORT_CONSOLE) : 0;

            if (c == '.')
                return 0;
            if (c != 0)
                print("<%lx>", (unsigned long)c);
        }
    else
        return 7;
    for (;;)
        ;
}
