/* The calling half: fills every type with a pattern and passes it alone, late and in a list. */
#include "abi.h"

static void fill(void *image, unsigned long size)
{
    unsigned char *bytes = image;
    for (unsigned long i = 0; i < size; i++)
        bytes[i] = 0x61 + 7 * i;
}

#define PASS(type, name)                                                                           \
    {                                                                                              \
        type v, w;                                                                                 \
        memset(&v, 0, sizeof v);                                                                   \
        memset(&w, 0, sizeof w);                                                                   \
        fill(&v, SIGNIFICANT(type));                                                               \
        if (sizeof v == 1)                                                                         \
            memset(&v, 1, 1);                                                                      \
        w = alone_##name(v);                                                                       \
        show("back " #name, &w, SIGNIFICANT(type));                                                \
        w = late_##name(1, 2.5, 3, 4, 5.5, 6, v, 7, w);                                            \
        show("late " #name, &w, SIGNIFICANT(type));                                                \
        listed_##name(4, v, 1, 1.5, w, 2, 2.5, v, 3, 3.5, w, 4, 4.5);                              \
    }

int main(void)
{
    TYPES(PASS)
    return 0;
}
