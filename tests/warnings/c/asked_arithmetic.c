/* options: -Wconversion -Wsign-conversion */
char c; unsigned char uc; int i; short s; unsigned u; long l;
void f(void){
 uc = i & 0x7f;
 uc = i & 0xff; //~ conversion
 uc = u & 0xff;
 uc = 0xff & u;
 s = uc & i; //~ conversion
 s = i & 0x7fff;
 s = i & 0xffff; //~ conversion
 s = s * 2;
 s = s + 70000; //~ conversion
 s = s << 1;
 s = s >> 1;
 s = s / 2;
 s = s % 2;
 s = i % 2; //~ conversion
 s = i / 2; //~ conversion
 s = i >> 20; //~ conversion
 s = s | 1;
 s = s | i; //~ conversion
 s = s ^ uc;
 uc = uc + uc;
 uc = uc - 1;
 uc = ~uc;
 uc = -uc;
 uc <<= 1; uc |= 3; uc += uc; uc = uc >> 1; uc++; 
 l = u * 2; l = i * 2; i = l * 2; u = u + uc; i = i + u; //~ conversion sign-conversion
 u = u - s; u = s;  //~ sign-conversion
 s = (int)s;
 s = (i, s);
 s = i = s; //~ conversion
 c = uc; uc = c; c = s; //~ conversion sign-conversion
}
float ff;
double dd;
void more(void)
{
    ff = ff * 2.0; //~ float-conversion
    ff = ff + 1;
    ff += 1.0; //~ float-conversion
    ff += dd; //~ float-conversion
    i = i * 2.0; //~ float-conversion
    i += dd; //~ float-conversion
    dd = l + 1; //~ conversion
    uc = (unsigned char)i + (unsigned char)i;
    uc = uc ? uc + 1 : uc - 1;
    unsigned a[2] = { i, 2 }; //~ sign-conversion
    char text[] = { s, 'a' }; //~ conversion
    s += 1;
    s -= s;
    s |= uc;
    s *= i; //~ conversion
    u -= 1;
    u <<= i;
    u /= 2;
    u %= i; //~ sign-conversion
    (void)a, (void)text;
}
