/* The sieve of Eratosthenes over bytes, in pieces that fit the cache. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LIMIT 200000

static bool composite[LIMIT];

static int count_primes(void)
{
    int count = 0;
    memset(composite, 0, sizeof(composite));
    for (int i = 2; i < LIMIT; i++) {
        if (!composite[i]) {
            count++;
            for (int j = 2 * i; j < LIMIT; j += i) {
                composite[j] = true;
            }
        }
    }
    return count;
}

int main(void)
{
    int total = 0;
    for (int round = 0; round < 500; round++) {
        total += count_primes();
    }
    printf("%d\n", total);
    return 0;
}
