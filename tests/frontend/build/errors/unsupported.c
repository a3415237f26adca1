/* What cpc does not support is named, with its place. */
void f(int i)
{
    int inner(int x) //~ E0304: the nested function 'inner' is not supported
    {
        return x;
    }
    __asm__ goto("" : : : : out); //~ E0306: asm goto is not supported
out:
    __builtin_nonsense(i); //~ E0308: the builtin '__builtin_nonsense' is not supported
}

_Atomic struct {
    char b[24];
} big, other;

void g(void)
{
    big = other; //~ E0303: atomic access to 'struct <anonymous>' of 24 bytes is not supported
}
