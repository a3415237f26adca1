/* Quicksort of ints by hand, and qsort-like sorting of structs through a comparison function. */
#include <stdint.h>
#include <stdio.h>

#define COUNT 400000

struct item {
    int key;
    int place;
};

static int numbers[COUNT];
static struct item items[COUNT / 4];

static void sort_numbers(int *v, int n)
{
    while (n > 16) {
        int pivot = v[n / 2], i = 0, j = n - 1;
        while (i <= j) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i <= j) {
                int swap = v[i];
                v[i++] = v[j];
                v[j--] = swap;
            }
        }
        sort_numbers(v, j + 1);
        v += i;
        n -= i;
    }
    for (int i = 1; i < n; i++) {
        int x = v[i], j = i;
        for (; j > 0 && v[j - 1] > x; j--) {
            v[j] = v[j - 1];
        }
        v[j] = x;
    }
}

static void sort_items(struct item *v, int n, int (*compare)(const void *, const void *))
{
    for (int root = n / 2; root > 0;) {
        root--;
        for (int i = root, child; (child = 2 * i + 1) < n; i = child) {
            if (child + 1 < n && compare(&v[child], &v[child + 1]) < 0) {
                child++;
            }
            if (compare(&v[i], &v[child]) >= 0) {
                break;
            }
            struct item swap = v[i];
            v[i] = v[child];
            v[child] = swap;
        }
        if (root == 0 && n > 1) {
            struct item swap = v[0];
            v[0] = v[--n];
            v[n] = swap;
            root = 1;
        }
    }
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->place - y->place;
}

int main(void)
{
    uint32_t random = 1;
    unsigned long sum = 0;
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < COUNT; i++) {
            random = random * 1664525 + 1013904223;
            numbers[i] = (int)(random >> 4);
        }
        for (int i = 0; i < COUNT / 4; i++) {
            items[i] = (struct item){numbers[i] & 0xffff, i};
        }
        sort_numbers(numbers, COUNT);
        sort_items(items, COUNT / 4, by_key);
        for (int i = 0; i < COUNT / 4; i++) {
            sum = sum * 31 + (unsigned)numbers[4 * i] + (unsigned)items[i].place;
        }
    }
    printf("%lu\n", sum);
    return 0;
}
