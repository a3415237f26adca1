/* __builtin_object_size of variables, members, elements and sums with constants. */
#include <stdio.h>
#include <string.h>

struct inner { char a[6]; int n; char tail[4]; };
struct outer { int x; struct inner in[3]; char *p; union { char u[7]; long l; }; char last[10]; } o;
static char buffer[100];
extern char **environ;
int grid[4][5];
int calls;
static char *count(void) { calls++; return buffer; }

#define SIZES(e) printf("%-16s %ld %ld %ld %ld\n", #e, (long)__builtin_object_size(e, 0), \
    (long)__builtin_object_size(e, 1), (long)__builtin_object_size(e, 2), (long)__builtin_object_size(e, 3))

int main(void)
{
    char local[12];
    SIZES(buffer); SIZES(&buffer[90]); SIZES(&buffer[100]); SIZES(environ); SIZES(&o); SIZES(&o.x);
    SIZES(o.in); SIZES(&o.in[1]); SIZES(o.in[1].a); SIZES(&o.in[1].a[4]); SIZES(o.in[2].tail); SIZES(o.u); SIZES(&o.l);
    SIZES(o.last); SIZES(&o.last[3]); SIZES(grid); SIZES(grid[1]); SIZES(&grid[1][2]); SIZES(local); SIZES("string");
    SIZES((void *)&o.in[1].n); SIZES(o.p); SIZES(count());
    printf("%d\n", calls);
    memcpy(local, "fits", 5);
    puts(local);
    return 0;
}

