/* Static initialisers with infinities and NaNs, and conversions of them. */
#include <stdio.h>

#define INF (1.0 / 0.0)
#define NAN_ (0.0 / 0.0)

static double a[] = {
    NAN_, INF - INF, 0.0 * INF, -NAN_, INF / INF, -0.0 / 0.0, -0.0 + -0.0, NAN_ + 1.0, 1.0 / INF, -1.0 / INF, INF * -2,
    0.0 - 0.0, -0.0 - 0.0, -0.0 * 0.0, INF + 1, 1 - INF, INF / -3, 1.0 - NAN_, 2.0 / 0.0f, (float)NAN_, (float)-INF,
};
static float f = (float)NAN_;
static long double l = NAN_ * 2.0L, m = -INF;
static int truths[] = {NAN_ == NAN_, NAN_ != NAN_, INF > 1e308, -INF < INF, NAN_ < 1, !(NAN_ >= 1)};

int above(double x) { return x > __builtin_inf() || x < -__builtin_inf(); }

int main(void)
{
    for (unsigned i = 0; i < sizeof a / sizeof *a; i++)
        printf("%g%c", a[i], i % 7 == 6 ? '\n' : ' ');
    printf("%g %Lg %Lg\n", f, l, m);
    for (unsigned i = 0; i < sizeof truths / sizeof *truths; i++)
        printf("%d", truths[i]);
    printf(" %d\n", above(INF) + above(a[0]) + above(-3));
    return 0;
}
