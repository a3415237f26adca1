/* options: -Wconversion -Wsign-conversion -Wfloat-conversion */
struct b { int bits : 5; unsigned ubits : 3; } bits;
void take(char c, unsigned u, float f, short s);
unsigned char uc;
char c;
short s;
int i;
unsigned u;
long l;
unsigned long ul;
float f;
double d;
_Bool b;

unsigned ret(int x)
{
    return x; //~ sign-conversion
}

char retc(int x)
{
    return x; //~ conversion
}

void all(int n)
{
    c = i; //~ conversion
    c = s; //~ conversion
    s = c;
    i = c;
    u = c; //~ sign-conversion
    u = uc;
    i = u; //~ sign-conversion
    u = i; //~ sign-conversion
    l = u;
    ul = i; //~ sign-conversion
    i = l; //~ conversion
    f = d; //~ float-conversion
    d = f;
    i = d; //~ float-conversion
    f = i; //~ conversion
    d = i;
    d = l; //~ conversion
    f = s;
    b = i;
    c = 'a';
    c = 3;
    u = -1; //~ sign-conversion
    i = 3000000000u; //~ sign-conversion
    uc = -1; //~ sign-conversion
    f = 0.1; //~ float-conversion
    f = 0.5;
    i = 2.5; //~ float-conversion
    i = 2.0;
    f = 16777217; //~ float-conversion
    f = 16777216;
    c = i & 0x7f;
    c = i & 0xff; //~ conversion
    uc = i & 0xff; //~ conversion
    c = n ? 1 : 2;
    c = n ? i : 2; //~ conversion
    c += 1;
    s += i; //~ conversion
    u += i; //~ sign-conversion
    uc++;
    c = (i == 3);
    c = (char)i;
    u = u + i; //~ sign-conversion
    u = u * 2;
    ul = u + i; //~ sign-conversion
    ul = ul - i; //~ sign-conversion
    l = ul; //~ sign-conversion
    i = i + s;
    s = s + s;
    take(i, i, d, i); //~ conversion float-conversion sign-conversion
    take(1, 2, 3, 4);
    bits.bits = i; //~ conversion
    i = bits.ubits;
    u = bits.bits; //~ sign-conversion
    unsigned init = i; //~ sign-conversion
    float finit = d; //~ float-conversion
    (void)init, (void)finit;
    c = i > 3;
    c = !i;
    u = i > 3;
    l = l + u;
    u = u << i;
    u = i << 2; //~ sign-conversion
    u |= i; //~ sign-conversion
    s = -s;
    s = ~s;
    u = sizeof(int);
    i = sizeof(int);
    i = sizeof(int) * n; //~ sign-conversion
}

enum e { A, B };
enum negative { N = -1 };
struct e_bits { enum e b : 3; };

char enums(enum e e, enum negative n, struct e_bits *p)
{
    i = e;
    u = n;
    uc = e;
    f = e;
    e = i;
    e = n;
    e = 1.5;
    p->b = e;
    p->b = i; //~ conversion
    u = u + n; //~ sign-conversion
    return e & 0xfff; //~ conversion
}

unsigned bytes(unsigned char *p, signed char sc, struct b *q, int k)
{
    u = u * p[0];
    u = (u << 8) + p[1];
    u = u + q->ubits + *p++;
    u = u + q->bits; //~ sign-conversion
    u = u - sc; //~ sign-conversion
    u = p[2] ^ 48U;
    u += p[3];
    ul = ul | p[4];
    if (k == 1)
        return p[0] ^ 3;
    if (k == 2)
        return p[0] << 8 | p[1];
    if (k == 3)
        return p[0] & k; //~ sign-conversion
    i = (u & 0xff) & (u + 'A');
    i = (u & 0x80000000) & u; //~ sign-conversion
    return p[0] + p[1];
}
