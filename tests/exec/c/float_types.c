/* TS 18661-3: _Float32, _Float64, _Float32x and _Float64x with their constants. */
#include <stdio.h>
int main(void){ _Float32 a = 1.5f32; _Float64 b = 2.5f64; _Float32x c = 3; _Float64x d = 4; printf("%g %g %g %g\n", (double)a,(double)b,(double)c,(double)d); return 0; }
