/* What builtins and asm do not take. */
void overflow(int x, const int *c, _Bool *b, enum letters { A, B } *e)
{
    __builtin_add_overflow(x, 1, c); //~ E0254: '__builtin_add_overflow' cannot store in an object of type 'const int'
    __builtin_add_overflow(x, 1, b); //~ E0254: '__builtin_add_overflow' cannot store in an object of type '_Bool'
    __builtin_add_overflow(x, 1, e); //~ E0254: '__builtin_add_overflow' cannot store in an object of type 'enum letters'
}

void atomic(double *d, _Bool *b)
{
    __atomic_load_n(d, 0); //~ E0276: atomic operation on 'double', which is no integer or pointer
    __atomic_fetch_add(d, 1, 0); //~ E0276: atomic operation on 'double', which is no integer or pointer
    __atomic_fetch_or(b, 1, 0); //~ E0276: atomic arithmetic on '_Bool'
    __atomic_exchange_n(b, 1, 0);
    __sync_fetch_and_add(b, 1); //~ E0276: atomic arithmetic on '_Bool'
}

void of_variable_length(int n)
{
    int a[n], b[n];

    __atomic_exchange(&n, &a, &n, 0); //~ E0276: atomic operation on 'int' with 'int []', of another size
    __atomic_load(&a, &b, 0); //~ E0276: atomic operation through 'int (*)[]'
}

void assembly(int x, const int c, struct { int field : 3; } bits)
{
    asm("" : "r"(x)); //~ E0275: the result 'r' of asm has neither '=' nor '+'
    asm("" : : "=r"(x)); //~ E0275: the input '=r' of asm is written
    asm("" : "=r"(c)); //~ E0265: asm has a read-only result
    asm("" : : : "foo"); //~ E0275: asm changes 'foo', which is no register
    asm("" : [a] "=r"(x) : [a] "r"(x)); //~ E0275: two asm operands are called 'a'
    asm("" : "+m"(bits.field)); //~ E0263: address of a bit-field
    asm("" : : : "rax", "%ecx", "r8d", "al", "st(1)", "xmm15", "cc", "memory", "k1", "mm0", "st");
}
