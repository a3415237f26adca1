/* A switch into the middle of a loop (Duff's device), with suspensions in it. */
#include "construct.h"

static void coroutine_fn copy(char *to, const char *from, int count)
{
    int n = (count + 3) / 4;

    switch (count % 4) {
    case 0: do { *to++ = *from++;
    case 3:      *to++ = *from++; may_wait();
    case 2:      *to++ = (char)get(*from++);
    case 1:      *to++ = *from++;
            } while (--n > 0);
    }
}

static void coroutine_fn test(void)
{
    char text[30];

    for (int n = 1; n < 26; n += 4 + n % 3) {
        memset(text, 0, sizeof text);
        copy(text, "abcdefghijklmnopqrstuvwxyz", n);
        printf("%s\n", text);
    }
}
