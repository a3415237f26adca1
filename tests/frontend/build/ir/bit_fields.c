/* A bit-field access touches the bytes the field lies in, and reads none that it covers completely. */
struct s {
    unsigned a : 3, b : 13;
    int c : 16;
    unsigned long d : 24;
};

int get(struct s *s)
{
    return s->b + (int)s->d;
}

void set(struct s *s, int v)
{
    s->c = v;
    s->a = v;
}
