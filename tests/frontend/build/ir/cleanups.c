/* Every way out of a block runs its cleanups: falling out, break, goto and return. */
void unlock(int *);
int work(void);

int f(int n)
{
    int outer __attribute__((cleanup(unlock))) = 1;
    while (n--) {
        int inner __attribute__((cleanup(unlock))) = 2;
        if (n == 1)
            break;
        if (n == 2)
            goto out;
        if (n == 3)
            return work();
    }
out:
    return 0;
}
