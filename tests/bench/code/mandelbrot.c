/* The Mandelbrot set: a loop-carried chain of multiplications. */
#include <stdio.h>

static int iterations(double cx, double cy, int limit)
{
    double x = 0, y = 0;
    int n = 0;
    while (n < limit && x * x + y * y <= 4) {
        double next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        n++;
    }
    return n;
}

int main(void)
{
    enum { WIDTH = 800, HEIGHT = 560 };
    long total = 0;
    for (int j = 0; j < HEIGHT; j++) {
        for (int i = 0; i < WIDTH; i++) {
            total += iterations(-2.2 + 3.2 * i / WIDTH, -1.2 + 2.4 * j / HEIGHT, 1000);
        }
    }
    printf("%ld\n", total);
    return 0;
}
