/* Exceptions that pass through scopes with cleanups: forced unwinding, cancelled and ended threads.  argv[1]: which. */
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#define CLEANUP(f) __attribute__((cleanup(f)))

struct triple { long a, b, c; };

static _Unwind_Reason_Code stop(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                                struct _Unwind_Exception *exception, struct _Unwind_Context *context, void *unused)
{
    if (actions & _UA_END_OF_STACK) {
        puts("end of stack");
        exit(0);
    }
    return _URC_NO_REASON;
}

static void raise_one(void)
{
    struct _Unwind_Exception *exception = calloc(1, sizeof *exception);
    _Unwind_ForcedUnwind(exception, stop, 0);
    abort();
}

static void clean(int *p) { printf("clean %d\n", *p); }
static void clean_text(char **p) { printf("free %s\n", *p); free(*p); }
static void clean_triple(struct triple *p) { printf("triple %ld\n", p->a + p->c); }
static void clean_and_raise(int *p) { printf("raise %d\n", *p); if (*p == 5) raise_one(); }
static int next(int n) { if (n > 2) raise_one(); return n + 1; }
static int fails(void) { raise_one(); return 7; }
static void note(void *p) { printf("note %s\n", (char *)p); }

static struct triple returned(int n)
{
    struct triple r CLEANUP(clean_triple) = {n, 2, 3};
    if (n)
        raise_one();
    return r;
}

static void loop(int n)
{
    int a CLEANUP(clean) = 1;
    char *text CLEANUP(clean_text) = strdup("text");
    for (int i = 0; i < 5; i++) {
        int k CLEANUP(clean) = i * 10;
        if (i == 1)
            continue;
        if (n == 1 && i == 2) {
            struct triple v CLEANUP(clean_triple) = returned(0);
            struct triple w CLEANUP(clean_triple) = returned(1);
        }
        k = next(i) + k;
    }
    puts("not here");
}

/* The value of x differs between the calls that an exception may leave. */
static void changing(void (*call)(void))
{
    jmp_buf back;
    volatile int n = 0;
    int x CLEANUP(clean) = 5;
    if (setjmp(back) == 0) {
        n = 1;
        longjmp(back, 1);
    }
    n++;
    x += n;
    call();
    puts("not here");
}

static void variable_length(int n)
{
    int x CLEANUP(clean) = 77;
    char buffer[n];
    memset(buffer, 1, n);
    int y CLEANUP(clean) = fails(); /* not initialised: not cleaned up */
    puts("not here");
}

static void in_a_cleanup(void)
{
    int outer CLEANUP(clean) = 9;
    { int inner CLEANUP(clean_and_raise) = 5; }
    puts("not here");
}

static void *cancelled(void *unused)
{
    int x CLEANUP(clean) = 3;
    pthread_cleanup_push(note, "handler");
    for (;;) {
        pthread_testcancel();
        usleep(100);
    }
    pthread_cleanup_pop(0);
    return 0;
}

static void *ended(void *unused)
{
    int x CLEANUP(clean) = 4;
    pthread_exit((void *)5L);
}

int main(int argc, char **argv)
{
    int outermost CLEANUP(clean) = 100;
    pthread_t thread;
    void *result = 0;
    switch (atoi(argv[1])) {
    case 0: loop(0); break;
    case 1: loop(1); break;
    case 2: variable_length(30); break;
    case 3: in_a_cleanup(); break;
    case 6: changing(raise_one); break;
    case 4:
        pthread_create(&thread, 0, cancelled, 0);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        break;
    case 5:
        pthread_create(&thread, 0, ended, 0);
        pthread_join(thread, &result);
        break;
    }
    printf("%d %ld\n", result == PTHREAD_CANCELED, (long)result);
    return 0;
}
