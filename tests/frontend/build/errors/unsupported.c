/* What cpc does not support is named, with its place. */
void f(int i)
{
    auto int missing(int); //~ E0304: the nested function 'missing' has no body
    void inner(void)
    {
        goto out; //~ E0273: label 'out' is used but not defined
    }
out:
    __builtin_nonsense(i); //~ E0308: the builtin '__builtin_nonsense' is not supported
}

register long kept asm("rbx"); //~ E0343: global register variable 'kept' is not supported
register long stack asm("rsp");
static void moved(void) { stack += 8; } //~ E0343: assignment to 'stack', which is the stack pointer

long uses_kept(void)
{
    long before = kept;
    long inner(void) { return kept; }
    return before + inner() + kept;
}

void result_of_refused_type(int n)
{
    struct sized { int a[n]; }; //~ E0342: member 'a' has variable length, which structs cannot have here
    struct sized make(void) { struct sized s; return s; }
    make();
}

__attribute__((naked)) int of_naked(int a)
{
    if (a) //~ E0340: a variable in naked function 'of_naked', which has no frame, is not supported
        asm("ret");
}
