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
