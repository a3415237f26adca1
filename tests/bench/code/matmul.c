/* Matrix multiply, the plain triple loop in the order that a compiler can vectorise. */
#include <stdio.h>

#define N 320

static double a[N][N], b[N][N], c[N][N];

static void multiply(double (*restrict out)[N], double (*restrict x)[N], double (*restrict y)[N])
{
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            for (int j = 0; j < N; j++) {
                out[i][j] += x[i][k] * y[k][j];
            }
        }
    }
}

int main(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = (i * 7 + j * 3) % 11;
            b[i][j] = (i * 5 + j) % 13;
        }
    }
    for (int round = 0; round < 36; round++) {
        multiply(c, a, b);
    }
    double sum = 0;
    for (int i = 0; i < N; i++) {
        sum += c[i][i] + c[i][N - 1 - i];
    }
    printf("%.0f\n", sum);
    return 0;
}
