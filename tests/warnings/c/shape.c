// options: -Wall -Wextra
int g(int);
int assigns(int a, int b) { if (a = b) return 1; return 2; } //~ parentheses
int assigns_meant(int a, int b) { if ((a = b)) return a; return 2; }
int loops(int a) { while (a = g(a)) { } return 1; } //~ parentheses
int and_or(int a, int b, int c) { return a || b && c; } //~ parentheses
int and_or_if(int a, int b, int c) { if (a && b || c) return 1; return 2; } //~ parentheses
int and_or_meant(int a, int b, int c) { return a || (b && c); }
int mask(int a, int b) { return a & b == 1; } //~ parentheses
int mask_if(int a, int b) { if (a & b == 1) return 1; return 2; } //~ parentheses
int mask_meant(int a, int b) { return (a & b) == 1; }
int shift(int a, int b) { return a << b + 1; } //~ parentheses
int bits(int a, int b, int c) { return a | b & c; } //~ parentheses
int bits_sum(int a, int b, int c) { return a | b + c; } //~ parentheses
int xor_and(int a, int b, int c) { return a ^ b & c; } //~ parentheses
int chain(int a, int b, int c) { return a < b < c; } //~ parentheses
int chain_equal(int a, int b, int c) { return a == b == c; } //~ parentheses
int sum(int a, int b, int c) { return a + b * c; }
int not_and(int a, int b) { return !a & b; } //~ parentheses
int dangling(int a, int b) { if (a) if (b) return 1; else return 2; return 3; } //~ dangling-else
int braces(int a, int b) { if (a) { if (b) return 1; else return 2; } return 3; }
int ends(int a) { if (a) return 1; } //~ return-type
void no_result(void) { return 1; } //~ return-type
int no_value(void) { return; } //~ return-type
int never_ends(void) { for (;;) { } }
int noreturn(void) { __builtin_abort(); }
int switches(int a) { switch (a) { case 1: return 1; default: return 2; } }
int switch_ends(int a) { switch (a) { case 1: return 1; } } //~ return-type
void void_ends(int a) { if (a) return; }
static int both(int a) { if (a) return 1; else return 2; }
int calls_both(void) { return both(1); }
int uninitialized(void) { int x; return x; } //~ uninitialized
int uninitialized_sum(int a) { int x; a += x; return a; } //~ uninitialized
int maybe(int a) { int x; if (a) return x; return 1; } //~ maybe-uninitialized
int set_first(int a) { int x; x = a; return x; }
int set_on_both(int a) { int x; if (a) x = 1; else x = 2; return x; }
int own(void) { int x = x; return x; }
int by_address(void) { int x; extern void fill(int *); fill(&x); return x; }
enum color { RED, GREEN, BLUE };
int enumeration(enum color c)
{
    switch (c) { //~ switch
    case RED:
        return 1;
    case GREEN:
        return 2;
    }
    switch (c) {
    case RED:
        return 3;
    default:
        break;
    }
    switch (c) {
    case RED: case GREEN: case BLUE:
        return 4;
    case 17: //~ switch
        return 5;
    }
    return 0;
}
int falls(int a)
{
    switch (a) {
    case 1:
        a = 2; //~ implicit-fallthrough
    case 2:
        a = 3;
        break;
    case 3:
    case 4:
        a = 5;
        __attribute__((fallthrough));
    case 5:
        g(1);
        /* fall through */
    case 6:
        if (a)
            return 1;
        else
            return 2;
    case 8:
        if (a)
            return 1;
        else if (a + 1)
            return 2;
        else
            return 3;
    case 7:
        if (a) //~ implicit-fallthrough
            break;
    default:
        g(3);
    }
    return a;
}
int labels(int x, int y)
{
    switch (x) {
    case 1:
        if (y == 2) goto other;
        break;
    other:
    case 2:
        return 3;
    more:
        y++; //~ implicit-fallthrough
    default:
        if (y == 7) goto more;
    }
    return y;
}
#define BOTH case 11: a++; /* fall through */ case 12: a--; break;
int leads_on(int a, int n)
{
    while (n--) {
        switch (a) {
        case 1: a++;
        case 2: break;
        case 3: a++;
        case 4: continue;
        case 5: a++;
        case 6: ;
        case 7: { goto out; }
        BOTH
        case 8: a++; //~ implicit-fallthrough
        case 9: ;
        case 10: return 1;
        case 13: if (n) return 2;
        default:;
        }
    }
out:
    return a;
}
struct bits { unsigned small : 4, full : 32; };
int bit_fields(struct bits *p, int n)
{
    n += p->small < n;
    n += p->small++ == n;
    return p->full < n; //~ sign-compare
}
int past_a_condition(int a, int n)
{
    switch (a) {
    case 1:
        n++;
        if (n == 2) /* can be skipped */
    case 2: {
            n++;
        }
        n--; //~ implicit-fallthrough
    case 3:
        n++;
    }
    return n;
}
