/* Clause 7: the standard headers as they are, and a call of nearly each family. */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>
#include <locale.h>
#include <errno.h>
#include <math.h>
#include <ctype.h>
#include <time.h>
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <limits.h>
#include <float.h>
#include <tgmath.h>
#include <fenv.h>
#include <iso646.h>
#include <stdalign.h>
#include <string.h>
static int cmp(const void *a, const void *b) { int x = *(const int *)a, y = *(const int *)b; return x < y ? -1 : x > y; }
int main(void) { int a[] = {5, 2, 9, 1, 7}; qsort(a, 5, sizeof *a, cmp); int k = 7, *f = bsearch(&k, a, 5, sizeof *a, cmp); printf("%d %d %td\n", a[0], a[4], f - a); wchar_t w[32]; swprintf(w, 32, L"%d-%ls", 5, L"wide"); printf("%ls %zu %d\n", w, wcslen(w), wcscmp(w, L"5-wide")); printf("%d %lc\n", iswalpha(L'x') != 0, (wint_t)towupper(L'q')); errno = 0; strtol("99999999999999999999", 0, 10); printf("%d\n", errno == ERANGE); printf("%" PRId64 " %" PRIx32 " %" PRIuPTR "\n", INT64_C(-5), UINT32_C(255), (uintptr_t)7); printf("%.3f %.3f %.3f %d\n", sin(1.0), pow(2, 0.5), fmod(7.5, 2), isnan(NAN)); printf("%g %g %Lg\n", sqrt(2.0f), fabs(-1.5f), sqrt(2.0L)); printf("%zu %zu\n", sizeof(sqrt(1.0f)), sizeof(sqrt(1))); div_t d = div(17, 5); ldiv_t ld = ldiv(-17, 5); printf("%d %d %ld %ld\n", d.quot, d.rem, ld.quot, ld.rem); char *end; printf("%g ", strtod("3.5abc", &end)); printf("%s\n", end); printf("%d %d\n", isdigit('5') != 0, toupper('a')); assert(k == 7); struct tm tm = {.tm_year = 100, .tm_mday = 1}; char buf[32]; strftime(buf, 32, "%Y-%m-%d", &tm); puts(buf); bool b = 5; printf("%d %d\n", b, not b or 1 and 0); printf("%d %d %d\n", fpclassify(0.0) == FP_ZERO, signbit(-1.0) != 0, isinf(INFINITY)); printf("%d\n", isgreater(2.0, 1.0)); printf("%ld %ld %d\n", lrint(2.5), lround(2.5), (int)rint(-0.5)); char s[] = "a,b,,c"; for (char *t = strtok(s, ","); t; t = strtok(0, ",")) printf("[%s]", t); printf("\n%d\n", INT_MAX - (DBL_DIG > 10)); int n; sscanf("42 0x1f abc", "%d %i %s", &n, &k, buf); printf("%d %d %s\n", n, k, buf); fesetround(FE_TONEAREST); printf("%d\n", MB_CUR_MAX > 0); setlocale(LC_ALL, "C"); fprintf(stdout, "%5d|%-5d|%05d|%+d|%x|%o|%e|%c|%%\n", 42, 42, 42, 42, 255, 8, 12345.678, 'c'); double m; printf("%g ", modf(3.75, &m)); printf("%g %g\n", m, ldexp(0.5, 4)); return 0; }
