/* What builtins and asm do not take. */
void overflow(int x, const int *c, _Bool *b, enum letters { A, B } *e, _Atomic int *a)
{
    __builtin_add_overflow(x, 1, a); //~ E0254: '__builtin_add_overflow' cannot store in an object of type '_Atomic int'
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
    asm("" : : "m"(x + 1)); //~ E0275: the input 'm' of asm is no object in memory
    asm("" : : "m"(0)); //~ E0275: the input 'm' of asm is no object in memory
    asm("" : : "m"("text"), "m"(*&x), "m"((int){1}), "m"(assembly), "rm"(x + 1), "m"(({ x; })), "m,r"(8));
    asm("add%z0 $1, %0" : "+m"(bits)); //~ E0275: '%z' of asm operand 0, which is no integer of 1, 2, 4 or 8 bytes
    asm("" : : : "rax", "%ecx", "r8d", "al", "st(1)", "xmm15", "cc", "memory", "k1", "mm0", "st");
}

void on_the_stack(int n)
{
    __builtin_alloca_with_align(n, 64);
    __builtin_alloca_with_align(n, n); //~ E0272: the alignment of '__builtin_alloca_with_align' is not a constant power of 2 between 8 and 2147483648 bits
    __builtin_alloca_with_align(n, 65); //~ E0272: the alignment of '__builtin_alloca_with_align' is not a constant power of 2 between 8 and 2147483648 bits
    __builtin_alloca_with_align(n, -1ul); //~ E0272: the alignment of '__builtin_alloca_with_align' is not a constant power of 2 between 8 and 2147483648 bits
}

int not_chosen(int n, struct { int a; } s)
{
    n = _Generic(n, int: 1, long: missing); //~ E0261: 'missing' is not declared
    n = _Generic(n, int: 1, default: s.b); //~ E0264: 'struct <anonymous>' has no member 'b'
    return __builtin_choose_expr(1, n, *n); //~ E0262: '*' of 'int', which is not a pointer
}

void next(int n, ...)
{
    __builtin_va_list ap;

    __builtin_va_start(ap); //~ E0268: va_start takes a va_list and the last parameter
    __builtin_va_start(ap, missing); //~ E0261: 'missing' is not declared
    __builtin_va_arg(ap, int (void)); //~ E0274: va_arg of the function type 'int (void)'
}

int gone(void) __attribute__((unavailable("call next")));
int uses(void) { return gone(); } //~ E0278: 'gone' is unavailable: call next
