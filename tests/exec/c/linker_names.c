/* weakref, ifunc, alias, symver and asm names, also given after the use: names that the linker and the loader resolve. */
#include <stdio.h>

static int here(const char *) __attribute__((weakref("puts")));
extern int gone_function(void);
static int missing(void) __attribute__((weakref("gone_function")));
static int missing_variable __attribute__((weakref("gone_variable")));
static __typeof(printf) direct __attribute__((weakref("printf")));
static int first_of_chain __attribute__((weakref("second_of_chain")));
static int second_of_chain __attribute__((weakref("third_of_chain")));
static int third_of_chain __attribute__((weakref("gone_at_last")));
static int through(void) __attribute__((weakref, alias("defined_below")));

int twice(int x)
{
    return 2 * x;
}

static int (*chosen(void))(int)
{
    return twice;
}

int pick(int) __attribute__((ifunc("chosen")));
static int pick_here(int) __attribute__((ifunc("chosen")));
int also(int x) __attribute__((alias("twice")));
int weakly(int x) __attribute__((weak, alias("twice")));
int by_way_of_weak(int x) __attribute__((weak, alias("weakly")));
int by_way_of_both(int x) __attribute__((alias("by_way_of_weak")));
int by_way_of_pick(int x) __attribute__((alias("pick")));

int named_later(int), later_object;
static int named_static(int);
static int uses_names(int x) { return named_later(x) + later_object + named_static(x); }
int named_later(int) __asm__("assembler_name");
extern int later_object __asm__("assembler_object");
static int named_static(int) __asm__("assembler_static");
extern int same_object __asm__("assembler_object");
int later_object = 5;
int named_later(int x) { return x * 2 + same_object; }
static int named_static(int x) { return x - 1; }

int defined_below(void)
{
    return 3;
}

#pragma weak declared = defined_below
#pragma weak undeclared = defined_below
int declared(void);
int by_its_label(void) __asm__("undeclared");

int main(void)
{
    const char *name = __func__;

    printf("chain %d, own name %d\n", !&first_of_chain, "main" == __func__ || name != __func__);
    direct("%d %d %d\n", here != 0, missing != 0, &missing_variable != 0);
    direct("%d %d %d %d\n", pick(4), pick_here(5), also(1), through());
    direct("%d %d %d\n", by_way_of_weak(6), by_way_of_both(7), by_way_of_pick(8));
    direct("%d %d\n", declared(), by_its_label());
    direct("%d\n", uses_names(8));
    here("end");
}
