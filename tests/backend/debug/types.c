/* One global variable per kind of type; the test compares what gdb says of each with what it says of gcc's object. */
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <stdarg.h>
#include <complex.h>
typedef int Fn(const char *, ...);
typedef struct tree Tree;
struct hidden;
struct tree {
    Tree *left, *right;
    const char *restrict key;
    struct hidden *h;
    Fn *call;
    int (*table[4])(Tree *, double);
};
union mix {
    int i;
    float f;
    char raw[8];
    struct {
        short lo, hi;
    };
};
struct bits {
    unsigned a : 3;
    int b : 7;
    unsigned long c : 40;
    _Bool d : 1;
    unsigned : 0;
    unsigned char e : 4;
};
enum level { LOW = -2, MID, HIGH = 100 };
typedef enum { X1, X2 } xenum;
typedef int v4si __attribute__((vector_size(16)));
typedef struct { uint8_t bytes[16]; xenum kind; enum level lv; } Blob;
struct __attribute__((packed)) pk { char c; int i; };
struct flex { int n; int data[]; };
char t_char = 'a';
signed char t_schar;
unsigned char t_uchar;
short t_short;
unsigned short t_ushort;
long t_long = -5;
unsigned long t_ulong;
long long t_ll;
unsigned long long t_ull = -1ull;
__int128 t_i128;
unsigned __int128 t_u128;
_Bool t_bool = 1;
bool t_bool2;
float t_float = 0.5f;
double t_double = -1.25;
long double t_ld = 3;
double complex t_cplx = 1 + 2i;
float complex t_fc;
_Complex int no_debugger_shows_it;
int *t_ptr;
void *t_void;
const void *t_cvoid;
volatile int t_vol;
int *restrict t_restrict;
_Atomic int t_atomic;
int t_arr[3], t_arr2[2][3][4];
const int t_carr[2] = { 1, 2 };
Tree *t_parr[5];
int (*t_arrp)[7];
Tree t_tree;
union mix t_mix;
struct bits t_bits = { 1, -2, 3, 1, 4 };
enum level t_level = HIGH;
xenum t_x = X2;
v4si t_vec = { 1, 2, 3, 4 };
Blob t_blob = { { 1, 2 }, X2, MID };
struct pk t_pk;
Fn *t_fn;
int (*t_fnv)(void);
int (*t_fnk)();
void (*t_fnarr[2])(int (*)(char), Tree *);
uint32_t t_u32;
size_t t_size;
va_list t_va;
const uint8_t *t_cu8;
const Blob *const t_cblob;
int **t_pp;
wchar_t t_wc;
static struct flex t_flex;
static int t_static = 7;
_Thread_local int t_tls = 4;
struct {
    int x;
    struct {
        int y;
    } in;
} t_anon;

int fn1(int a, char b[], Blob c, Fn *d)
{
    return a + b[0] + c.kind + (d != 0);
}

void fn2(void)
{
}

Fn fn4;
int fn4(const char *format, ...)
{
    return *format;
}

int fn3()
{
    return 3 + t_static + fn4("") + t_flex.n;
}

int main(void)
{
    enum { LOCAL = 5 } local = LOCAL;
    struct hidden *hidden = 0;
    fn2();
    return fn1(1, "x", t_blob, 0) + (int)local + (hidden != 0) + fn3();
}
