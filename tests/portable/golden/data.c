/* Initialisers: bytes, addresses, zeros, addresses of labels; names that are no identifiers of C. */
extern int other[];
static const char text[] = "one\0two\n";
static int zeros[300];
struct entry { const char *name; int *at; int (*call)(int); short size; };
int twice(int x) { static int calls; return 2 * x + calls++; }
const struct entry table[] = { { text, other + 3, twice, 8 }, { "b", &zeros[1], 0, -1 } };
__thread long counter __attribute__((visibility("hidden"))) = 5;
int renamed asm("other.name") = 1;
int dispatch(const char *code, int x)
{
    static void *const to[] = { &&add, &&done };
    goto *to[(int)*code];
add:
    x += table[0].size;
    goto *to[(int)*++code];
done:
    return x;
}
