/* What cpc does not support is named, with its place. */
void f(int i)
{
    int inner(int x) //~ E0304: the nested function 'inner' is not supported
    {
        return x;
    }
    __builtin_nonsense(i); //~ E0308: the builtin '__builtin_nonsense' is not supported
}

register long kept asm("rbx"); //~ E0343: global register variable 'kept' is not supported

long uses_kept(void)
{
    long before = kept;
    long inner(void) { return kept + undeclared; } //~ E0304: the nested function 'inner' is not supported
    return before + inner() + kept;
}
