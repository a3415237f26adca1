/* Type errors, one for each rule; the next statement is looked at all the same. */
struct s {
    int a;
    int bits : 3;
};
struct hidden;
void nothing(void);
int plain(int);
struct hidden make(void);
typedef int four __attribute__((vector_size(16)));

int large(void) //~ E0212: the variables of 'large' take 3221225472 bytes of stack, over 2 GiB
{
    char half[1l << 30], rest[2l << 30];
    return half[0] + rest[0];
}

void f(struct s v, struct hidden *h, const int *c, double d, int i)
{
    int n = nothing(); //~ E0251: initializing 'int' from a 'void' expression
    v + 1; //~ E0254: invalid operands of '+': 'struct s' and 'int'
    d % 2; //~ E0254: invalid operands of '%': 'double' and 'int'
    h->x = 1; //~ E0250: 'struct hidden' is incomplete
    missing = 3; //~ E0261: 'missing' is not declared
    missing = 4;
    plain(*(_Atomic struct hidden *)h); //~ E0250: value of incomplete struct or union type
    *c = 3; //~ E0265: assignment to an object of type 'const int', which is read-only
    5 = i; //~ E0260: assignment to an expression of type 'int', which is no lvalue
    v.b = 1; //~ E0264: 'struct s' has no member 'b'
    i->a = 1; //~ E0264: '->a' of 'int'
    *i = 1; //~ E0262: '*' of 'int', which is not a pointer
    i(3); //~ E0267: call of 'int', which is not a function
    plain(1, 2); //~ E0268: too many arguments for 'plain': 2 instead of 1
    plain(); //~ E0268: too few arguments for 'plain': 0 instead of 1
    v = i; //~ E0253: assigning to 'struct s' from 'int': incompatible types
    (void)&v.bits; //~ E0263: address of a bit-field
    if (v) //~ E0257: 'struct s' used where a scalar is needed
        i++;
    _Generic(i, float: 1); //~ E0266: no association of _Generic fits 'int'
    i ? v : i; //~ E0258: the sides of '?:' are 'struct s' and 'int'
    make(); //~ E0250: call with the incomplete type 'struct hidden'
    four x = { 1 };
    __builtin_shuffle(x, i); //~ E0254: '__builtin_shuffle' takes one or two vectors and a mask of the same shape
}

typedef int two __attribute__((vector_size(8)));

two convert(int x)
{
    return __builtin_convertvector(x, two); //~ E0254: convertvector of 'int' to 'int vector of 2'
}

/* With -fms-extensions a record inside itself would have no end. */
struct outer {
    union {
        struct outer { //~ E0201: nested redefinition of 'struct outer'
            int a;
        } b;
    } c;
};

int expects_nothing(void)
{
    if (__builtin_expect()) //~ E0268: '__builtin_expect' takes 2 arguments, not 0
        return 1;
    return 0;
}
