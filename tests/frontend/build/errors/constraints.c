/* Constraints of C11 that nothing else here is about (6.5.1.1, 6.5.2.5, 6.5.3.4, 6.5.16, 6.6, 6.8.4.2, 6.8.5, 6.8.6.1). */
struct unknown;
struct fixed {
    int before;
    struct { const int inner[2]; } nested;
};
struct bits { int field : 3; };
enum letters { A, B };

int two_fit(int x) { return _Generic(x, int: 1, signed: 2); } //~ E0266: _Generic asks for 'int' and 'int', which are compatible
int two_defaults(int x) { return _Generic(x, default: 1, default: 2); } //~ E0266: _Generic has two defaults
int of_array(int x) { return _Generic(x, int[]: 1, default: 2); } //~ E0266: _Generic cannot ask for 'int []'
int of_function(int x) { return _Generic(x, int (void): 1, default: 2); } //~ E0266: _Generic cannot ask for 'int (void)'
int of_unknown(int x) { return _Generic(x, struct unknown: 1, default: 2); } //~ E0266: _Generic cannot ask for 'struct unknown'
int of_variable(int x) { return _Generic(x, int[x]: 1, default: 2); } //~ E0266: _Generic cannot ask for 'int []'
int literal(int n) { return (int[n]){0}[0]; } //~ E0255: a compound literal of variable length
int aligned(void) { return _Alignof(struct unknown); } //~ E0250: alignment of incomplete type 'struct unknown'
int looked_at(struct unknown *p) { return *p, 0; } //~ E0250: use of incomplete type 'struct unknown'
int subscripted(int x) { return subscripted[1]; } //~ E0262: subscript of 'int (*)(int)', which points to a function
void assigned(struct fixed *p, struct fixed *q) { *p = *q; } //~ E0265: assignment to an object of type 'struct fixed', which has a const member
void typed(struct bits b) { typeof(b.field) x; } //~ E0263: 'typeof' of a bit-field
int comma = (1, 2); //~ E0235: a static initialiser is not constant

int past_array(int n)
{
    if (n == 3) {
        goto inside; //~ E0273: a jump into the scope of a variable length array
    }
    int array[n];
inside:
    return sizeof array;
}

int back_into_block(int n)
{
    {
        int array[n];
    again:
        array[0] = n;
    }
    goto again; //~ E0273: a jump into the scope of a variable length array
}

int case_past_array(int n)
{
    switch (n) {
        int array[n];
    case 1: //~ E0273: a jump into the scope of a variable length array
        return 1;
    }
    return 0;
}

int case_past_pointer(int n)
{
    switch (n) {
        int (*p)[n];
    case 1: //~ E0273: a jump into the scope of a variable length array
        return sizeof *p;
    }
    return 0;
}

int into_expressions(int n)
{
    goto label; //~ E0273: a jump into a statement expression
    n += ({ label: n; });
    switch (n) {
    case 0:
        n = ({ case 1: 5; }); //~ E0273: a jump into a statement expression
    }
    n = ({ switch (n) { case 1: n = 2; } if (n) goto out; n; });
out:
    return n;
}

int declared_twice(long a; int b[a], int a); //~ E0202: conflicting types for parameter 'a'
int declared_forward(int a; int b); //~ E0224: parameter 'a' has a forward declaration only
enum undefined;
int cast(int x) { return sizeof((enum undefined)x); } //~ E0250: cast to incomplete type 'enum undefined'
struct in_struct { enum undefined field : 3; }; //~ E0207: bit-field 'field' has an incomplete type

int loops(void)
{
    for (static int i = 0; i < 3; i++) { //~ E0206: 'i' is declared 'static' in a for loop
    }
    for (typedef int t; 0;) { //~ E0206: 't' is declared 'typedef' in a for loop
    }
    for (int f(void); 0;) { //~ E0206: function 'f' is declared in a for loop
    }
    for (struct s { int a; } x = {1}; x.a < 3; x.a++) { //~ E0206: a type is declared in a for loop
    }
    for (_Static_assert(1, "may stand here");;) {
        return 0;
    }
}

struct value { int a, array[2]; };
struct value made(void);
struct value *address(void) { return &made(); } //~ E0260: a value of type 'struct value' is not an lvalue
int *inside(struct value a, struct value b) { return &(a = b).a; } //~ E0260: a value of type 'int' is not an lvalue
void changed(int n, struct value a, struct value b) { (n ? a : b).a = 3; } //~ E0260: assignment to a part of a value, of type 'int'
unsigned wide[] = L"abc"; //~ E0230: the string's characters do not fit the array's elements

int allowed(int n, struct fixed *p)
{
    typedef int outer;
    {
        enum inner { before = sizeof(outer), outer = 5 };
        n += before + outer;
    }
    int *element = &made().array[1], read = made().a;

    n += *element + read;
    struct fixed copy = *p;
    int *q = &(*p).before;

    switch (n) {
    case 1: {
        int array[n];
        goto behind;
    }
    default:;
        int later[n];
        return sizeof later + copy.before + *q;
    }
behind:
    return _Generic(n, int: 1, const int: 2, int *: 3, default: 4);
}
