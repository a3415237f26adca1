/* The generic atomic builtins want objects of one size; pointers to anything else are errors, not accesses. */
struct pair { int a, b; };
struct unknown;

int wrong(int *p, short *s, _Complex double *c, struct unknown *u, void *v, struct pair *pair)
{
    __atomic_load(p, s, 0); //~ E0276: atomic operation on 'int' with 'short', of another size
    return 0;
}

int wrong_exchange(int *p, _Complex double *c)
{
    return __atomic_compare_exchange(p, c, p, 0, 5, 5); //~ E0276: atomic operation on 'int' with '_Complex double', of another size
}

void wrong_store(int *p, struct unknown *u)
{
    __atomic_store(p, u, 5); //~ E0276: atomic operation on 'int' with 'struct unknown', of another size
}

void wrong_void(int *p, void *v)
{
    __atomic_exchange(p, p, v, 5); //~ E0276: atomic operation on 'int' with 'void', of another size
}

int right(long *p, struct pair *pair, void *v)
{
    __atomic_load(p, pair, 5);
    return __atomic_compare_exchange_n(p, v, 2, 0, 5, 5);
}
