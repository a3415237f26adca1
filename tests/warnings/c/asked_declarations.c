/* options: -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations -Wold-style-definition -Wredundant-decls -Wnested-externs -Wdeclaration-after-statement -Wvla -Wunused-local-typedefs -Wignored-qualifiers */
typedef int number;
int global, callee(int);
static int quiet(void);
void proto(); //~ strict-prototypes
int (*pointer)(); //~ strict-prototypes
const int constant(void); //~ ignored-qualifiers
volatile const char *fine(void);

int missing(int global) //~ missing-prototypes shadow
{
    int global2 = global;
    {
        int global2 = 1; //~ shadow
        typedef char number; //~ shadow
        number n = 1;
        for (int global2 = 0; global2 < 3; global2++) //~ shadow
            n++;
        global2 += n;
    }
    return global2;
}

int callee(int callee)
{
    int quiet = callee;
    int (*missing)(int) = 0; //~ shadow
    return quiet + (missing != 0);
}

int old(a, b) //~ old-style-definition strict-prototypes
    int a, b;
{
    return a + b;
}

int empty() //~ old-style-definition strict-prototypes
{
    return 1;
}

static int quiet(void)
{
    extern int elsewhere; //~ nested-externs
    int nested(void); //~ nested-externs
    typedef int unused_here; //~ unused-local-typedefs
    typedef int used_here;
    used_here x = elsewhere;
    x++;
    int late = x; //~ declaration-after-statement
    late++;
    int later = late; //~ declaration-after-statement
    return nested() + later;
}

int callee(int); //~ redundant-decls
extern int global; //~ redundant-decls
int global; //~ redundant-decls
int global = 3;
extern int only;
extern int only; //~ redundant-decls
int only;
void defined(void);
void defined(void) { quiet(); }
void defined(void); //~ redundant-decls

int vla(int n, int a[n], int (*p)[n]) //~ missing-prototypes vla
{
    int v[n]; //~ vla
    int w[n][3]; //~ vla
    v[0] = n;
    w[0][0] = a[0];
    return v[0] + w[0][0] + p[0][0];
}

inline int inlined(void) { return 1; }
int main(void) { return 0; }
