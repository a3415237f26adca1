/*
 * freestanding.c - see freestanding.h.
 */
#include "freestanding.h"

#include <stdarg.h>

enum { LSR = PORT_CONSOLE + 5, LSR_EMPTY = 0x20 };

/* Of Xen's public/arch-x86/hvm/start_info.h, as far as it is used. */
struct start_info {
    uint32_t magic, version, flags, n_modules;
    uint64_t modules, command_line;
};

/* Tells the VMM that this is no kernel: note 1 of "CPC" (runtime/boot.h). */
struct note {
    uint32_t name_size, description_size, type;
    char name[4];
};
const struct note flat_note
    __attribute__((section(".note.cpc"), used, aligned(4))) = {4, 0, 1, "CPC"};

void guest_start(const struct start_info *info);

void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port));
    return value;
}

void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "d"(port));
}

uint32_t in32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "d"(port));
    return value;
}

static void put(char c)
{
    while (!(in8(LSR) & LSR_EMPTY))
        ;
    out8(PORT_CONSOLE, (uint8_t)c);
}

static void put_number(uint64_t value, unsigned base)
{
    char digits[20];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    while (n > 0)
        put(digits[--n]);
}

void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%') {
            put(*p);
            continue;
        }
        p++;
        if (*p == 's') {
            for (const char *s = va_arg(args, const char *); *s != '\0'; s++)
                put(*s);
        } else if (*p == 'u') {
            put_number(va_arg(args, unsigned), 10);
        } else {                /* %lx */
            p++;
            put_number(va_arg(args, unsigned long), 16);
        }
    }
    va_end(args);
}

void guest_exit(int status)
{
    for (;;)
        out8(PORT_EXIT, (uint8_t)status);
}

bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* volatile: a compiler may not turn these loops into calls of themselves. */
void *memcpy(void *to, const void *from, size_t size)
{
    volatile uint8_t *t = to;
    const uint8_t *f = from;

    while (size-- > 0)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    volatile uint8_t *t = to;

    while (size-- > 0)
        *t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const volatile uint8_t *x = a, *y = b;

    for (; size > 0; size--, x++, y++) {
        if (*x != *y)
            return *x < *y ? -1 : 1;
    }
    return 0;
}

void guest_start(const struct start_info *info)
{
    guest_exit(guest_main((const char *)(uintptr_t)info->command_line));
}
