/* Bodies that attract each other: structs of doubles, square roots, no vector shape. */
#include <math.h>
#include <stdio.h>

struct body {
    double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[5] = {
    {0, 0, 0, 0, 0, 0, 40},
    {4.84, -1.16, -0.10, 0.60, 2.81, -0.02, 0.037},
    {8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.011},
    {12.89, -15.11, -0.22, 1.08, 0.86, -0.010, 0.0017},
    {15.37, -25.91, 0.17, 0.97, 0.59, -0.034, 0.0020},
};

static void advance(struct body *all, int count, double step)
{
    for (int i = 0; i < count; i++) {
        struct body *p = &all[i];
        for (int j = i + 1; j < count; j++) {
            struct body *q = &all[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = step / (square * sqrt(square));
            p->vx -= dx * q->mass * pull;
            p->vy -= dy * q->mass * pull;
            p->vz -= dz * q->mass * pull;
            q->vx += dx * p->mass * pull;
            q->vy += dy * p->mass * pull;
            q->vz += dz * p->mass * pull;
        }
    }
    for (int i = 0; i < count; i++) {
        all[i].x += step * all[i].vx;
        all[i].y += step * all[i].vy;
        all[i].z += step * all[i].vz;
    }
}

int main(void)
{
    for (int i = 0; i < 3000000; i++) {
        advance(bodies, 5, 0.001);
    }
    printf("%.3f %.3f %.3f\n", bodies[1].x, bodies[2].y, bodies[4].z);
    return 0;
}
