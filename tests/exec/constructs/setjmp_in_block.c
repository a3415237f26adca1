/* setjmp and longjmp between suspensions, with variables that change in between. */
#include "construct.h"

#include <setjmp.h>

static int *kept;

static void thrower(jmp_buf env, int n)
{
    if (n > 2) {
        longjmp(env, n);
    }
    say("passed", n);
}

static int coroutine_fn f(int n)
{
    volatile int tries = 0;
    int x = n * 3, r;

    for (int i = 0; i < 3; i++) {
        may_wait();
        {
            jmp_buf env;
            r = setjmp(env);
            if (r == 0) {
                tries++;
                kept = &x;
                thrower(env, n + i);
            } else {
                tries += 10;
                *kept += r;
            }
        }
        may_wait();
        *kept += i;
        say("tries", tries), say("x", x), say("r", r);
    }
    jmp_buf own;
    volatile int count = 0;
    if (setjmp(own) < 3) {
        count++;
        longjmp(own, count);
    }
    return x + (int)get(count);
}

static void coroutine_fn test(void)
{
    for (int i = 0; i < 3; i++) {
        say("f", f(i));
    }
}
