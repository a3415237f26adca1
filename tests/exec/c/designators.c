/* 6.7.9: initialisers: designators, nesting, elided braces, overriding, strings, unions, flexible arrays; static and automatic. */
#include <stdio.h>
#include <stddef.h>

struct point { int x, y; };
struct line { struct point a, b; const char *name; };
struct deep { int n; struct { int k[3]; struct point p[2]; } in; union { float f; int i; char c[8]; } u; };
union pick { char c; int i; double d; struct point p; };
struct flexible { int n; short tail[]; };
struct flexible_points { int n; struct point tail[]; };

#define BOTH(type, name, ...) static type static_##name = __VA_ARGS__; static type get_##name(void) { type v = __VA_ARGS__; return v; }
BOTH(struct line, line, {1, 2, 3, 4, "elided"})
BOTH(struct line, line2, {.b = {.y = 7}, .a.x = 9, .name = "designated"})
BOTH(struct line, line3, {{1}, .b.x = 5, 6, "continues"})
BOTH(struct line, line4, {.a = {1, 2}, .a.y = 9, .b = {3, 4}, .b = {.x = 8}})
BOTH(struct deep, deep, {1, {{2, 3}, {{4}, {5, 6}}}, {.i = 7}})
BOTH(struct deep, deep2, {1, 2, 3, 4, 5, 6, 7, 8, 9})
BOTH(struct deep, deep3, {.in.k[1] = 5, 6, 7, .u.c = "hi", .in.p[1].y = 3, .n = 2})
BOTH(struct deep, deep4, {.in = {.p = {[1] = {1, 2}}, .k = {[2] = 9}}, .u = {.c = {1, 2, 3}}})
BOTH(union pick, pick, {'A'})
BOTH(union pick, pick2, {.d = 1.5})
BOTH(union pick, pick3, {.p = {.y = 3}})
BOTH(union pick, pick4, {.c = 1, .i = 2})

static int array[] = {[5] = 1, 2, [1] = 3, 4, [10] = 5};
static int ranges[10] = {[0 ... 3] = 1, [5 ... 7] = 2, 3, [2] = 9};
static int matrix[3][3] = {1, 2, 3, {4}, 5};
static int matrix2[][2] = {{1}, {2, 3}, [4] = {5, 6}, {[1] = 7}};
static int matrix3[2][3][2] = {{{1, 2}, 3}, {[2][1] = 4, [0] = {5}}};
static int matrix4[2][2] = {[1][0] = 3, 4};
static struct point points[] = {[2].y = 1, [0] = {2, 3}, 4, 5, [2].x = 6};
static struct flexible flexible = {3, {1, 2, 3}};
static struct flexible_points flexible_points = {2, {{1, 2}, {.y = 3}}};
static char chars[][4] = {"a", "bcd", [3] = "ef"};
static int *addresses[] = {&array[1], array + 2, &matrix[1][1], (int *)((char *)array + 4), 0};
static struct point *member = &points[1], whole = {.x = sizeof(points), .y = offsetof(struct deep, in.p[1].y)};
static void *self = &self;
static int (*functions[])(const char *, ...) = {printf, &printf, *printf};
static struct point compound = (struct point){7, 8};
static int *literal = (int[]){1, 2, 3}, literal_array[] = (int[]){4, 5};
static int gnu_old = {5}, scalar_braced = {{6}};
static struct point gnu_field = {y : 2, x : 1};
static int gnu_index[4] = {[2] 5};
static struct { int : 3; int a; struct { int b; union { int c; float d; }; }; } anonymous = {1, {2, {3}}}, anonymous2 = {.c = 4, .b = 5, .a = 6};
static struct { struct point; } *nothing;
static struct {} empty = {};
static int empty_braces[3] = {};
static int trailing[] = {1, 2, 3,};

static void show_line(struct line v) { printf("%d %d %d %d %s\n", v.a.x, v.a.y, v.b.x, v.b.y, v.name ? v.name : "(none)"); }
static void show_deep(struct deep v)
{
    printf("%d; %d %d %d; %d %d %d %d; %x\n", v.n, v.in.k[0], v.in.k[1], v.in.k[2], v.in.p[0].x, v.in.p[0].y, v.in.p[1].x, v.in.p[1].y, v.u.i);
}
static void show_pick(union pick v, int n) { for (int i = 0; i < n; i++) printf("%02x", ((unsigned char *)&v)[i]); printf("\n"); }
static int order[8], count;
static int next(int v) { order[count++] = v; return v; }

int main(void)
{
#define LINE(n) show_line(static_##n); show_line(get_##n());
    LINE(line) LINE(line2) LINE(line3) LINE(line4)
#define DEEP(n) show_deep(static_##n); show_deep(get_##n());
    DEEP(deep) DEEP(deep2) DEEP(deep3) DEEP(deep4)
    show_pick(static_pick, 1); show_pick(get_pick(), 1); show_pick(static_pick2, 8); show_pick(get_pick2(), 8);
    show_pick(static_pick3, 8); show_pick(get_pick3(), 8); show_pick(static_pick4, 4); show_pick(get_pick4(), 4);
#define ALL(a) printf(#a " %zu:", sizeof a); for (unsigned i = 0; i < sizeof a / sizeof(int); i++) printf(" %d", ((int *)a)[i]); printf("\n");
    ALL(array) ALL(ranges) ALL(matrix) ALL(matrix2) ALL(matrix3) ALL(matrix4) ALL(points) ALL(literal_array) ALL(gnu_index) ALL(empty_braces) ALL(trailing)
    printf("%d %d %d %d %zu\n", flexible.n, flexible.tail[0], flexible.tail[2], flexible_points.tail[1].y, sizeof flexible);
    for (int i = 0; i < 4; i++) printf("[%.4s]", chars[i]);
    printf("%zu\n", sizeof chars);
    printf("%d %d %d %d %d\n", *addresses[0], *addresses[1], *addresses[2], *addresses[3], addresses[4] == 0);
    printf("%d %d %d %d\n", member->x, whole.x, whole.y, self == &self);
    for (int i = 0; i < 3; i++) functions[i]("call %d\n", i);
    printf("%d %d %d %d %d %d\n", compound.x, compound.y, literal[2], gnu_old, scalar_braced, gnu_field.x * 10 + gnu_field.y);
    printf("%d %d %d; %d %d %d; %zu\n", anonymous.a, anonymous.b, anonymous.c, anonymous2.a, anonymous2.b, anonymous2.c, sizeof empty);
    int n = 3;
    struct point local[] = {{n, n + 1}, [2] = {.y = n * 2}, [1].x = next(5)};
    int values[4] = {[1] = next(1), next(2), [0] = next(3)};
    printf("%d %d %d %d %d %d; %d %d %d %d\n", local[0].x, local[0].y, local[1].x, local[1].y, local[2].x, local[2].y, values[0], values[1], values[2], values[3]);
    struct point p = {1, 2}; struct line from = {p, .b = p, "copies"};
    show_line(from);
    struct { struct point v[2]; int k; } arr = {{p, {3}}, 4};
    printf("%d %d %d %d %d %d\n", arr.v[0].x, arr.v[0].y, arr.v[1].x, arr.v[1].y, arr.k, count);
    char c[2][3] = {"ab", "cd"}; char d[] = {'x', [3] = 'y'};
    printf("%.3s%.3s %zu %d\n", c[0], c[1], sizeof d, d[1]);
    struct point *pp = &(struct point){.y = 4}; pp->x++;
    printf("%d %d\n", pp->x, pp->y);
    for (int i = 0; i < 2; i++) { int *q = (int[]){i, i * 2}; int z[2] = {i}; printf("%d %d %d;", q[0], q[1], z[1]); q[1] = 99; z[1] = 98; }
    printf("\n");
    (void)nothing;
    return 0;
}
