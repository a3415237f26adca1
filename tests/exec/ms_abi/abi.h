/* What caller.c and callee.c share: functions that are called as on Windows. */
#define MS __attribute__((ms_abi))

struct s1 { char a; };
struct s2 { short a; };
struct s3 { char a[3]; };
struct s4 { float f; };
struct s8 { double d; };
struct pair { int a, b; };
struct s12 { int a[3]; };
struct s16 { long a, b; };
typedef int vec __attribute__((vector_size(16)));

MS long mixed(int a, double b, struct s3 c, float d, struct s8 e, char f, struct s16 g, long double h, __int128 i,
              _Complex float j, struct s4 k, unsigned char l, _Complex double m, struct s2 n, vec o);
MS struct s1 give_s1(int x);
MS struct s3 give_s3(int x);
MS struct s4 give_s4(int x);
MS struct s8 give_s8(int x);
MS struct pair give_pair(int x);
MS struct s16 give_s16(int x);
MS long double give_long_double(int x);
MS __int128 give_int128(int x);
MS double give_double(float x);
MS _Complex float give_complex(int x);
MS _Complex double give_wide_complex(int x);
MS vec give_vector(int x);
MS void give_nothing(int *x);

/* The unnamed arguments are n times an int, a double and a struct pair. */
MS double sum(int n, ...);
MS double sum_of_list(int n, __builtin_ms_va_list list);

typedef double (MS *summer)(int, ...);
extern summer table[2];

MS int call_back(MS int (*f)(int, struct s12), int n);
int call_back_here(int (*f)(int, double), double x);
