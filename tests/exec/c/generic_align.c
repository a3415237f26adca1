/* 6.5.1.1, 6.7.5, 6.7.10: _Generic, _Alignas, _Alignof, _Static_assert. */
#include <stdio.h>
#include <stdalign.h>
#include <stdnoreturn.h>
#include <assert.h>
#define T(x) _Generic((x), int : "int", const int : "const int", int * : "int *", const int * : "const int *", char * : "char *", const char * : "const char *", float : "float", void (*)(void) : "fn", int (*)[3] : "arrp", struct s * : "s*", default : "?")
struct s2 { int a; _Static_assert(sizeof(int) == 4, "int"); char b; }; static_assert(alignof(int) == 4, "align"); static void fn(void) {} alignas(32) static char buf[3]; struct al { char c; alignas(16) int x; alignas(double) char d; };
int main(void) { int i = 0; const int ci = 1; int a[3]; const char *s = ""; _Static_assert(sizeof a == 12, "a"); alignas(64) int over; alignas(int) alignas(16) char two; printf("%s %s %s %s %s %s %s %s %s\n", T(i), T(ci), T(&i), T(&ci), T("x"), T(s), T(fn), T(&a), T(a)); printf("%s %s %s\n", T(1.0f), T(1.0), T('a')); printf("%d %d %d\n", (int)((long)buf & 31), (int)((long)&over & 63), (int)((long)&two & 15)); printf("%zu %zu %zu %zu\n", sizeof(struct al), alignof(struct al), _Alignof(char[7]), alignof(long double)); return 0; }
