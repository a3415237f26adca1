/* Arithmetic of every kind, in one expression each. */
int sum(int a, int b) { return a + b * 2; }
unsigned char narrow(unsigned char a, unsigned char b) { return a * b - (a << 1); }
long quotient(long a, long b) { return a / b % 3 >> 1; }
unsigned rotate(unsigned x, int n) { return x << n | x >> (32 - n); }
double mean(const double *v, int n) { return (v[0] + v[n - 1]) / 2.5e-3; }
int before(const char *a, const char *b, signed char c) { return a < b && c < -3; }
