/* Operands that are tied to results, and in memory. */
void f(int a, int r)
{
    asm("" : "=r"(r) : "0"(a), "0"(3)); //~ E0275: two values for operand 0 of asm
    asm("" : "+r"(r) : "0"(a)); //~ E0275: two values for operand 0 of asm
    asm("" : "=r"(r) : "7"(a)); //~ E0275: an asm operand is tied to operand 7, which is no result
    asm("" : "=r"(r) : "0r"(a), "0"(a));
}
struct bits { int part : 3; };
void g(struct bits *of, int (*few)[of->part])
{
    asm("" : "=m"(of->part)); //~ E0263: address of a bit-field
    asm("" : "=r"(of->part) : "m"(*few));
    asm("" : "=r"(*few)); //~ E0307: an asm operand of type 'int []' in a register is not supported
}
struct twelve { int parts[3]; };
void h(int a, int r, struct twelve s)
{
    asm("" : : "@"(a)); //~ E0275: '@' is no constraint of an asm operand
    asm("" : : "@ccz"(a)); //~ E0275: '@ccz' is no constraint of an asm operand
    asm("" : "+rm"(s) : ""(a), "*"(a), "g"(s));
    asm("" : : : "memory", "cc", "%rax", "r15d", "xmm31", "st(7)", "sil", "ah", "k7", "0");
    asm("" : "+r"(s)); //~ E0307: an asm operand of 12 bytes in a register is not supported
}
