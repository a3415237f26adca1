/* GNU C: an array without a length has that of the compound literal that it is initialised from. */
#include <stdio.h>

int longer[] = (int[3]){ 1 };
char text[] = (char[9]){ "hello" };
static char as_text[] = (char[]){ "hello" };
int given[4] = (int[4]){ [2] = 7 };

int main(void)
{
    static int kept[] = (int[5]){ 1, 2, 3, 4 };

    printf("%zu %zu %zu %zu %zu\n", sizeof longer, sizeof text, sizeof as_text, sizeof given, sizeof kept);
    printf("%d %d %d %d\n", longer[0], longer[2], kept[3], given[2]);
    return 0;
}
