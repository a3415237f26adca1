/* 6.8.6, GNU: goto in all directions, labels as values, tables of label differences, local labels, jumps into blocks and loops. */
#include <stdio.h>

static int forward(int n) { if (n) goto skip; n = 100; skip: return n + 1; }
static int backward(int n) { int r = 0; again: r += n; if (--n > 0) goto again; return r; }
static int into(int n) { int r = 0; if (n) goto inside; while (r < 5) { r += 10; inside: r += 1; } return r; }
static int into_block(int n) { if (n > 3) goto in; { int x; x = 1; n += x; in: x = 2; n += x; } return n; }
static int nested(int n) { for (int i = 0; i < 10; i++) for (int j = 0; j < 10; j++) if (i * j == n) { n = i * 100 + j; goto done; } done: return n; }
static int machine(const unsigned char *code)
{
    static const void *const table[] = {&&stop, &&add, &&multiply, &&jump, &&subtract};
    int value = 1;
    goto *table[*code++];
add: value += *code++; goto *table[*code++];
multiply: value *= *code++; goto *table[*code++];
subtract: value -= *code++; goto *table[*code++];
jump: code += *code + 1; goto *table[*code++];
stop: return value;
}
static int offsets(int which)
{
    static const int table[] = {&&a - &&a, &&b - &&a, &&c - &&a};
    goto *(&&a + table[which]);
a: return 10;
b: return 20;
c: return 30;
}
static int local_labels(int n)
{
#define FIND(v) ({ __label__ found; int k = 0; for (;;) { if (k * k >= (v)) goto found; k++; } found: k; })
    return FIND(n) * 1000 + FIND(n * 2);
}
static int stored(int n)
{
    void *target = n ? &&yes : &&no;
    goto *target;
yes: return 1;
no: return 2;
}
static int compare_labels(void) { void *p = &&x, *q = &&y; x: y: return p != 0 && (p == q || 1); }
static int end_of_block(int n) { { if (n) goto end; n = 5; end: ; } return n; }
static int unused_labels(int n) { unused: __attribute__((unused)); n++; if (n < 0) goto unused; L1: L2: return n; goto L1; goto L2; }
static int same_names(int same) { same: if (same++ < 3) goto same; struct same { int same; } s = {same}; return s.same; }
static int vla_loop(int n) { int r = 0; again:; int a[n]; a[n - 1] = n; r += a[n - 1]; if (--n > 0) goto again; return r; }
static int reinit(void) { int n = 0, total = 0; top:; int x = 5; total += x; x = 100; if (n++ < 2) goto top; return total; }
static int break_continue(void)
{
    int r = 0, i = 0;
    do { if (i == 3) continue; if (i == 6) break; r = r * 10 + i; } while (i++ < 10);
    for (i = 0; i < 3; i++) { int j = 0; while (1) { if (j++ > i) break; if (j == 2) continue; r++; } }
    for (int k = 0, m = 10; k < m; k++, m--) r += m - k;
    for (;;) { if (r & 1) break; r++; }
    return r;
}
static int dead(int n) { return n; n = 5; { int k; back: k = 7; return k; } goto back; }

int main(void)
{
    printf("%d %d %d %d %d\n", forward(0), forward(1), backward(5), into(0), into(1));
    printf("%d %d %d %d\n", into_block(1), into_block(9), nested(42), nested(97));
    printf("%d\n", machine((unsigned char[]){1, 5, 2, 7, 3, 2, 1, 99, 4, 2, 0}));
    printf("%d %d %d %d %d %d\n", offsets(0), offsets(1), offsets(2), local_labels(50), stored(0), stored(3));
    printf("%d %d %d %d %d %d %d %d %d\n", compare_labels(), end_of_block(0), end_of_block(3), unused_labels(1), same_names(0), vla_loop(4), reinit(), break_continue(), dead(3));
    return 0;
}
