/* Loops over arrays of float and int behind pointers: what needs alias information to be vectorised well. */
#include <stdio.h>
#include <stdlib.h>

#define SIZE 8192

struct vector {
    float *data;
    int size;
};

static void scale(struct vector *to, const struct vector *from, float factor)
{
    for (int i = 0; i < to->size; i++) {
        to->data[i] = from->data[i] * factor + 1.0f;
    }
}

static float dot(const struct vector *a, const struct vector *b)
{
    float sum = 0;
    for (int i = 0; i < a->size; i++) {
        sum += a->data[i] * b->data[i];
    }
    return sum;
}

static void histogram(int *counts, const struct vector *v)
{
    for (int i = 0; i < v->size; i++) {
        counts[(int)v->data[i] & 63]++;
    }
}

static float largest(const struct vector *v)
{
    float best = v->data[0];
    for (int i = 1; i < v->size; i++) {
        if (v->data[i] > best) {
            best = v->data[i];
        }
    }
    return best;
}

int main(void)
{
    struct vector a = {malloc(SIZE * sizeof(float)), SIZE}, b = {malloc(SIZE * sizeof(float)), SIZE};
    int counts[64] = {0};
    double total = 0;
    if (!a.data || !b.data) {
        return 1;
    }
    for (int i = 0; i < SIZE; i++) {
        a.data[i] = (float)(i % 97);
    }
    for (int round = 0; round < 18000; round++) {
        scale(&b, &a, 1.0f + (float)(round & 3));
        total += (double)dot(&a, &b) + (double)largest(&b);
        if (round % 4 == 0) {
            histogram(counts, &b);
        }
    }
    for (int i = 0; i < 64; i++) {
        total += counts[i] * (double)i;
    }
    printf("%.0f\n", total);
    free(a.data);
    free(b.data);
    return 0;
}
