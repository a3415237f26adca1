/* typeof of variably modified types is evaluated once, where a type name is; sizes only where they matter. */
#include <stdio.h>
#include <string.h>

static int numbers[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void type_names(int n)
{
    int (*rows)[n] = (int (*)[n])numbers;
    int size = sizeof(int (*)[n++]);

    printf("pointer %d %d\n", size, n);
    size = sizeof(int[n++]);
    printf("array %d %d\n", size, n);
    size = sizeof(typeof(n++, rows));
    printf("typeof a pointer %d %d\n", size, n);
    size = sizeof(typeof(*(n++, rows)));
    printf("typeof an array %d %d\n", size, n);
    size = _Alignof(typeof(*(n++, rows))) + _Alignof(int[n++]);
    printf("alignment %d %d\n", size, n);
    rows = (typeof(n++, rows))numbers;
    printf("cast %d %d\n", (*rows)[1], n);
    printf("literal %d\n", (*(typeof(n++, rows)){ rows })[0]);
    printf("n %d\n", n);
    size = _Generic((typeof(n++, rows))0, default: 3) + __builtin_types_compatible_p(typeof(n++, rows), int);
    printf("selection %d %d\n", size, n);
}

static void declarations(int n)
{
    int (*rows)[n] = (int (*)[n])numbers;
    typeof(n++, rows) a = rows, b = a + 1;
    typedef typeof(n++, rows) rows_type;
    rows_type c = b, d = c;
    typeof(n++, 1) plain = 4;
    typeof(*(n++, rows)) copy;
    int prototype(int m, typeof(n++, rows) p, int q[m++]);

    printf("%d %d %d %d %d\n", (*a)[0], (*b)[0], (*d)[0], plain, n);
    memcpy(copy, rows, sizeof copy);
    printf("%d %d\n", (int)sizeof copy, copy[1]);
    for (int i = 0; i < 3; i++) {
        typeof(*(n++, rows)) each;

        each[0] = n;
        printf("%d ", each[0]);
    }
    printf("%d\n", n);
}

/* A tag of the third expression is seen in the body, as it comes first in the text. */
static void tags(void)
{
    struct tag { char c[1]; };
    int step = 0;

    for (int i = 0; i < 2; step = sizeof(struct tag { char c[7]; }), i++) {
        printf("body %d step %d\n", (int)sizeof(struct tag), step);
        if (step) {
            continue;
        }
    }
    for (int i = 0; i < (int)sizeof(enum { TWO = 2 }); i += 4, step = sizeof(enum { FIVE = 5 })) {
        enum { FOUR = 4 };
        printf("%d\n", FOUR + TWO + FIVE);
    }
    printf("%d\n", (int)sizeof(struct tag));
}

/* alloca() ends with the function, also where it was called beside an array of variable length. */
static int kept(int n)
{
    char *pieces[3];

    for (int i = 0; i < 3; i++) {
        char array[n];

        memset(array, i, n);
        {
            char inner[n];

            memset(inner, i, n);
            pieces[i] = __builtin_alloca(16);
            memset(pieces[i], 'a' + i, 16);
        }
        if (array[0]) {
            continue;
        }
    }
    for (int i = 0; i < 3; i++) {
        char over[4 * n];

        memset(over, 0, 4 * n);
    }
    return printf("%.16s %.16s %.16s\n", pieces[0], pieces[1], pieces[2]);
}

static const int constants[] = (const int[]){ 1, 2, 3 };

int main(void)
{
    type_names(3);
    declarations(2);
    tags();
    kept(32);
    printf("%d %d\n", (int)sizeof constants, constants[2]);
    return 0;
}
