/* gcc's operands in LLVM's spelling: ties, memory, names, modifiers and clobbers. */
long f(long a, int *p)
{
    long r;
    __asm__ volatile("addq %[b], %0; movl %k0, %1; # 100%% $x" : "=&r"(r), "+m"(*p) : [b] "ri"(a), "0"(3L) : "cc", "memory");
    __asm__("incq %0" : "+r"(r));
    return r;
}
