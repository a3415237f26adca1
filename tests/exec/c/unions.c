/* 6.7.2.1: unions: overlap, bit-fields inside, anonymous members, initialisers, results. */
#include <stdio.h>
#include <string.h>
typedef union { int i; float f; char *s; } arg; static int take(arg a) { return a.i; } 
union u { struct { unsigned char a, b, c, d; }; unsigned v; struct { unsigned lo : 4, mid : 8, hi : 20; } bits; float f; }; union nested { struct { int tag; union { int x; double d; }; } s; char raw[16]; };
static union u ret(unsigned v) { union u x = { .v = v }; return x; } struct tagged { int kind; union { int i; double d; char s[8]; } u; }; static struct tagged mk(int k) { struct tagged t = { .kind = k }; if (k) t.u.d = 2.5; else strcpy(t.u.s, "hi"); return t; }
int main(void) { union u x = { .v = 0x11223344 }; printf("%x %x %x\n", x.a, x.bits.mid, x.d); x.bits.mid = 0xff; printf("%x\n", x.v); x.f = 1.0f; printf("%x\n", x.v); printf("%x %x\n", ret(0xabcdef01).b, ret(5).bits.lo); union nested n; memset(&n, 0, sizeof n); n.s.d = 1.0; printf("%x %zu\n", (unsigned char)n.raw[15], sizeof n); printf("%g %s\n", mk(1).u.d, mk(0).u.s); printf("%d\n", take((arg){5})); float f = 2; printf("%x\n", 5); union u a[2] = {{.f = 1}, {{1,2,3,4}}}; printf("%x %x\n", a[0].v, a[1].v); union u *p = &a[1]; p->a++; p->bits.hi--; printf("%x\n", p->v); const union u cu = {.v = 9}; union u copy = cu; printf("%u\n", copy.v); return 0; }
