/* A suspension that a longjmp would cross. */
#include <setjmp.h>
#include <qemu/coroutine.h>
static jmp_buf env;
void coroutine_fn bad(void)
{
    if (!setjmp(env))
        qemu_coroutine_yield(); //~ W0507: 'bad' calls coroutine_fn 'qemu_coroutine_yield' after setjmp
}
int coroutine_fn good(void)
{
    qemu_coroutine_yield();
    return setjmp(env);
}
void coroutine_fn jumps(void)
{
    qemu_coroutine_yield();
    longjmp(env, 1); //~ W0507: 'jumps' calls longjmp after a suspension
}
void coroutine_fn at_once(int n)
{
    if (n == 1)
        longjmp(env, 1);
    qemu_coroutine_yield();
    if (!setjmp(env))
        longjmp(env, 1);
}
