// __builtin_longjmp: in the same function, and through a buffer that is a local variable, with and without alloca.
extern int printf(const char *, ...);

static __attribute__((noinline)) void through_copy(void **from)
{
    void *copy[16];
    __builtin_memcpy(copy, from, 5 * sizeof(void *));
    __builtin_memset(from, 0, 5 * sizeof(void *));
    __builtin_longjmp(copy, 1);
}

static __attribute__((noinline)) void through_copy_and_alloca(void **from, volatile unsigned n)
{
    void *copy[5];
    char *room = __builtin_alloca(n);
    __builtin_memset(room, 7, n);
    for (int i = 0; i < 5; i++)
        copy[i] = from[i];
    __builtin_longjmp(copy, 1);
}

static int tries(int with_alloca)
{
    void *buffer[5];
    volatile int n = 3;
    char *volatile room = __builtin_alloca(n);
    if (!__builtin_setjmp(buffer)) {
        n++;
        room[0] = 'r';
        if (with_alloca)
            through_copy_and_alloca(buffer, 100);
        through_copy(buffer);
    }
    return n * 1000 + room[0];
}

static int once(void)
{
    void *buffer[5];
    volatile int n = 1;
    if (!__builtin_setjmp(buffer)) {
        n = 2;
        __builtin_longjmp(buffer, 1);
    }
    return n;
}

int main(void)
{
    printf("%d %d %d\n", once(), tries(0), tries(1));
    return 0;
}
