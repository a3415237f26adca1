// Rows of case labels, of string literals and of declarator parts, and escapes at the seams of literals.
extern int printf(const char *, ...);

#define TEN(x) x##0: x##1: x##2: x##3: x##4: x##5: x##6: x##7: x##8: x##9:
#define HUNDRED(x) TEN(x##0) TEN(x##1) TEN(x##2) TEN(x##3) TEN(x##4) TEN(x##5) TEN(x##6) TEN(x##7) TEN(x##8) TEN(x##9)

static int row(int i)
{
    int n = 0;
    switch (i) {
    case 1: case 2: ;
    case 3: n = 3;
    HUNDRED(case 1)
        n++;
        break;
    case 5: case 6: default: case 7:
        if (n)
            case 8: case 9: n = 9;
        break;
    case 11: case 12: { int inner = i; n = inner; }
    }
    return n;
}

#define S10(x) x x x x x x x x x x
#define P10 (*(*(*(*(*(*(*(*(*(*
#define B10 ))))))))))
static int S10(P10) deep S10(B10);

static const char seams[] = "\1" "23" "\x4" "a" "" "\\" "1" "?" "?=" "\12" "" "3" "q\"" "z";
static const char big[] = S10(S10(S10("0123\n"))) "\0end";

int main(void)
{
    int numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 99, 1000, 1005, 1057, 1099, 1100};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        printf("%d ", row(numbers[i]));
    printf("\n%zu %zu %zu\n", sizeof seams, sizeof big, sizeof deep);
    for (unsigned i = 0; i < sizeof seams; i++)
        printf("%d ", seams[i]);
    printf("%d %s %zu\n", big[4999], big + 5001, sizeof("a" L"b" "c"));
    return deep == 0 ? 0 : 1;
}
