/* Loops, short circuits and switches become blocks; conditions never go through int. */
int f(int a, int *p)
{
    int n = 0;
    while (a > 0 && p[a])
        a--;
    switch (a) {
    case 1 ... 3:
        n = 1;
    case 9:
        n++;
        break;
    default:
        n = a ? -1 : 2;
    }
    return !n;
}
