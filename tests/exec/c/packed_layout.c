/* GNU: packed and aligned records, #pragma pack, unaligned access. */
#include <stdio.h>
#include <string.h>
struct __attribute__((packed)) pk { char c; int i; double d; short s[2]; struct { char x; long y; } in; }; struct pk2 { char c; int i __attribute__((packed)); short s; } ; struct al { char c; int i __attribute__((aligned(16))); } __attribute__((aligned(32))); typedef int una __attribute__((aligned(1))); struct un { char c; una i; };
#pragma pack(push, 2)
struct pp { char c; int i; long l; };
#pragma pack(pop)
struct np { char c; int i; };
#pragma pack(1)
struct p1 { char c; long l; struct np n; };
#pragma pack()
static struct pk g = {1, 2, 3.5, {4, 5}, {6, 7}}; static int *pi = &g.i; 
int main(void) { struct pk a[2] = {g, g}; a[1].d += 1; a[1].in.y++; a[0].s[1]--; int *q = &a[1].i; (*q)++; printf("%d %d %g %d %ld\n", a[0].c, a[1].i, a[1].d, a[0].s[1], a[1].in.y); printf("%zu %zu %zu %zu %zu %zu %zu %zu\n", sizeof(struct pk), sizeof(struct pk2), sizeof(struct al), sizeof(struct un), sizeof(struct pp), sizeof(struct np), sizeof(struct p1), _Alignof(struct pp)); printf("%zu %zu %zu %zu\n", __builtin_offsetof(struct pk, in.y), __builtin_offsetof(struct pk2, i), __builtin_offsetof(struct al, i), __builtin_offsetof(struct pp, l)); struct al x = {1, 2}, y[2]; printf("%d %d %d\n", (int)((long)&x & 31), (int)((long)&y[1] & 31), *pi); char buf[20]; memset(buf, 1, 20); una *u = (una *)(buf + 3); *u += 5; printf("%x\n", *u); long r; memcpy(&r, buf + 1, 8); printf("%lx\n", r); union { struct pk p; char raw[40]; } un; memset(&un, 0, sizeof un); un.p.in.y = -1; printf("%zu %d\n", sizeof un, un.raw[sizeof(struct pk) - 1]); return 0; }
