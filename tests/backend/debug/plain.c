/* Variables of every kind in plain functions; the test stops at the comments. */
#include <stdio.h>

struct big {
    long words[5];
};
struct small {
    int a;
    char b;
};
int counter = 3;
_Thread_local int own = 11;

static int scopes(int n)
{
    static int calls = 40;
    int x = n;
    calls++;
    for (int i = 0; i < 2; i++) {
        double x = i + 0.5;
        if (i == 1) {
            static char letter = 'c';
            const char *x = "inner";
            printf("%s%c\n", x, letter); /* stop: inner */
        }
        printf("%g\n", x); /* stop: middle */
    }
    return x + calls; /* stop: outer */
}

static long structs(struct big big, struct small small, struct small *behind, float scale)
{
    struct small copy = small;
    union {
        float f;
        unsigned u;
    } bits = { scale };
    copy.a += behind->a;
    return big.words[4] + copy.a + bits.u; /* stop: structs */
}

static int arrays(int rows, int columns)
{
    int table[rows][columns];
    int fixed[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
    for (int i = 0; i < rows * columns; i++) {
        table[i / columns][i % columns] = 10 * i;
    }
    return table[1][0] + fixed[1][2]; /* stop: arrays */
}

static int old_style(c, f) char c;
float f;
{
    return c + (int)f; /* stop: old */
}

static int expression(int n)
{
    int y = ({
        int inside = n * 2;
        inside + 1; /* stop: expression */
    });
    return y;
}

int main(void)
{
    struct big big = { { 1, 2, 3, 4, 5 } };
    struct small small = { 6, 'b' };
    int sum = scopes(7);
    sum += structs(big, small, &small, 1.0f);
    sum += arrays(2, 3);
    sum += old_style('a', 2.5f);
    sum += expression(21);
    return sum + counter + own == 0; /* stop: main */
}
