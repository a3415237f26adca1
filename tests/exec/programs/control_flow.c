/* Control flow: Duff, nested switch, ranges, goto both ways, computed goto, statement expressions,
 * labels. */
#include <stdio.h>

static void duff(char *to, const char *from, int n)
{
    int k = (n + 7) / 8;
    switch (n % 8) {
    case 0:
        do {
            *to++ = *from++;
        case 7:
            *to++ = *from++;
        case 6:
            *to++ = *from++;
        case 5:
            *to++ = *from++;
        case 4:
            *to++ = *from++;
        case 3:
            *to++ = *from++;
        case 2:
            *to++ = *from++;
        case 1:
            *to++ = *from++;
        } while (--k > 0);
    }
}

static const char *cls(long v)
{
    switch (v) {
    case -5 ... - 1:
        return "neg";
    case 0:
        return "zero";
    case 1 ... 9:
    case 11:
        return "small";
    case 1000 ... 2000000:
        return "big";
    default:
        return "other";
    }
}

static int interp(const unsigned char *c)
{
    static void *const t[] = { &&inc, &&dbl, &&end };
    int v = 1;
    goto *t[*c++];
inc:
    v++;
    goto *t[*c++];
dbl:
    v *= 2;
    goto *t[*c++];
end:
    return v;
}

static int rel(int i)
{
    static const int off[] = { &&a - &&a, &&b - &&a };
    goto *(&&a + off[i]);
a:
    return 10;
b:
    return 20;
}

static int f(int n)
{
    int r = 0;
again:
    if (n > 0) {
        r += n--;
        goto again;
    }
    if (r > 10)
        goto out;
    r = -r;
out:
    return r;
}

static int cnt;

static int side(int v)
{
    cnt++;
    return v;
}

static int sw(unsigned char c)
{
    int r = 0;
    switch (c) {
    case 1:
        r += 1;
    case 2:
        r += 2;
        break;
    case 200: {
        r = 7;
        switch (r) {
        case 7:
            r = 70;
            break;
        default:
            r = 1;
        }
        break;
    }
    default:
        r = -1;
    }
    return r;
}

int main(void)
{
    char b[30] = { 0 };
    duff(b, "the quick brown fox", 19);
    printf("%s\n", b);
    for (long v = -6; v <= 12; v += 3)
        printf("%s ", cls(v));
    printf("%s %s\n", cls(1500), cls(3000000));
    printf("%d %d %d\n", interp((unsigned char[]){ 0, 1, 1, 0, 2 }), rel(0), rel(1));
    printf("%d %d\n", f(3), f(6));
    printf("%d %d %d %d\n", sw(1), sw(2), sw(200), sw(9));
    int r = 0 && side(1);
    r += 1 || side(1);
    r += side(0) && side(1);
    r += side(2) || side(0);
    printf("%d %d\n", r, cnt);
    r = side(0) ? side(1) : side(5);
    printf("%d %d\n", r, cnt);
    r = side(6) ?: side(7);
    printf("%d %d\n", r, cnt);
    int x = ({
        int y = 5;
        for (int i = 0; i < 3; i++)
            y += i;
        y;
    });
    printf("%d\n", x);
    int n = 0;
    do {
        if (n == 3)
            continue;
        if (n == 6)
            break;
    } while (n++ < 10);
    printf("%d\n", n);
    for (;;) {
        if (n-- < 0)
            break;
        while (1) {
            if (n & 1)
                break;
            n--;
            goto next;
        }
    next:;
    }
    printf("%d\n", n);
    int i, j;
    for (i = 0, j = 10; i < j; i++, j--)
        ;
    printf("%d %d\n", i, j);
    if (0) {
    dead:
        printf("dead\n");
    } else if (x > 100)
        goto dead;
    else
        printf("live\n");
    {
        __label__ l;
        int k = 0;
    l:
        if (k++ < 2)
            goto l;
        printf("%d\n", k);
    }
    {
        __label__ l;
        goto l;
    l:;
    }
    switch (x)
    default:
        printf("d\n");
    switch (3) {
        int hidden;
    case 3:
        hidden = 4;
        printf("%d\n", hidden);
    }
    unsigned u = 3;
    while (u-- > 0)
        printf("%u", u);
    printf("\n");
    printf("%d\n", !(x == 8) + !!x + (x > 3 && x < 9 || cnt == 0));
    return x != 8;
}
