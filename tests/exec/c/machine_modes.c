/* GNU: machine modes of integers, floats, complex numbers and vectors. */
#include <stdio.h>
typedef int di __attribute__((mode(DI))); typedef unsigned qi __attribute__((mode(QI))); typedef int ti __attribute__((mode(TI))); typedef float sf __attribute__((mode(SF))); typedef float df __attribute__((__mode__(__DF__))); typedef int hi __attribute__((mode(HI))); typedef float xf __attribute__((mode(XF))); typedef int word __attribute__((mode(word))); typedef int ptr __attribute__((mode(__pointer__))); typedef _Complex float sc __attribute__((mode(DC)));
typedef int v4si __attribute__((mode(V4SI)));
int x __attribute__((mode(DI))) = 5; 
struct s { int a __attribute__((mode(QI))); unsigned b : 3 __attribute__((mode(QI))); };
int main(void){ printf("%zu %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu\n", sizeof(di), sizeof(qi), sizeof(ti), sizeof(sf), sizeof(df), sizeof(hi), sizeof(xf), sizeof(word), sizeof(ptr), sizeof(sc), sizeof(v4si), sizeof x, sizeof(struct s)); return 0; }
