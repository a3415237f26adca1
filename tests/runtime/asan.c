/* For test_checkers.py, compiled by gcc -fsanitize=address: what coroutines compiled by cpc call while
 * they are suspended and resumed around it.  `wrong` writes behind its memory. */
#include <stdlib.h>
#include <string.h>

int use_memory(int n, int wrong);

int use_memory(int n, int wrong)
{
    char local[64];
    char *heap = malloc((size_t)n);

    memset(local, n, sizeof local);
    memset(heap, n, (size_t)n + (wrong ? 1 : 0));
    int sum = heap[n - 1] + local[63];
    free(heap);
    return sum;
}
