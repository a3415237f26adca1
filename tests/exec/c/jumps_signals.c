/* 7.13, 7.14: setjmp, sigsetjmp; signal handlers. */
#include <setjmp.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
static jmp_buf env; static sigjmp_buf senv; static volatile sig_atomic_t got; static int depth;
static void deep(int n) { if (n == 0) longjmp(env, 42); deep(n - 1); depth++; } static void handler(int s) { got = s; siglongjmp(senv, s); } static void h2(int s) { got++; }
int main(void) { volatile int count = 0; int r = setjmp(env); if (r == 0) { count++; deep(10); } else printf("%d %d %d\n", r, count, depth); switch (setjmp(env)) { case 0: longjmp(env, 0); case 1: printf("one\n"); break; default: printf("other\n"); } while (setjmp(env) < 3) longjmp(env, ++count); printf("%d\n", count); signal(SIGUSR1, handler); if (!sigsetjmp(senv, 1)) raise(SIGUSR1); printf("%d\n", got == SIGUSR1); struct sigaction sa = { .sa_handler = h2 }; sigaction(SIGUSR2, &sa, 0); got = 0; raise(SIGUSR2); printf("%d\n", got); if (!_setjmp(env)) _longjmp(env, 1); else printf("under\n");  return 0; }
