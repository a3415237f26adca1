/* A function that is declared void, and defined without a type, stays void (gcc). */
extern int printf();
static void say(int);
struct table { void (*entry)(int); };
int main()
{
    struct table table = { say };
    table.entry(3);
    say(4);
    return 0;
}
say(int n) { printf("%d\n", n); }
