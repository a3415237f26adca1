/* As far as the block; set again; static, or of the function; never used again; no suspension. W0513 is in blocks.c. */
#include <stddef.h>
#include <qemu/coroutine.h>
int coroutine_fn good(int n, char *buf)
{
    char outer[16];
    int *p = NULL;
    if (n) {
        int inner = n;
        static char always[16];
        p = &inner;
        qemu_coroutine_yield();
        n = *p;
        buf = always;
    } else {
        buf = outer;
    }
    qemu_coroutine_yield();
    for (int i = 0; i < n; i++) {
        p = &i;
        qemu_coroutine_yield();
        n -= *p;
    }
    p = &n;
    qemu_coroutine_yield();
    return buf[*p];
}
int coroutine_fn leaves(int n)
{
    int *p = &n;
    while (n--) {
        int now = n;
        p = &now;
        if (*p == 3)
            goto out;
        qemu_coroutine_yield();
        p = &n;
    }
out:
    p = &n;
    qemu_coroutine_yield();
    return *p;
}
int coroutine_fn values(int n)
{
    struct { int a; } x = { 0 };
    int *p = &n, m = 0;
    if (n) {
        struct { int a[2]; } y = { { n, n } };
        x.a = y.a[1];
        m = *(&y.a[0]);
        p = m ? p : &n;
    }
    qemu_coroutine_yield();
    return *p + x.a + m;
}
