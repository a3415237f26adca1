/* Operands that are tied to results. */
void f(int a, int r)
{
    asm("" : "=r"(r) : "0"(a), "0"(3)); //~ E0275: two values for operand 0 of asm
    asm("" : "+r"(r) : "0"(a)); //~ E0275: two values for operand 0 of asm
    asm("" : "=r"(r) : "7"(a)); //~ E0275: an asm operand is tied to operand 7, which is no result
    asm("" : "=r"(r) : "0r"(a), "0"(a));
}
