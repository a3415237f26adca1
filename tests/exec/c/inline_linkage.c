/* 6.7.4, GNU: inline and extern inline, aliases, weak symbols, sections, constructors, asm names, visibility, thread locals. */
#include <pthread.h>
#include <stdio.h>

inline int c99_inline(int x) { return x + 1; }
extern inline int c99_inline(int x);
static inline int local_inline(int x) { return x * 2; }
extern inline int provided(int x) { return x * 3; }
inline __attribute__((gnu_inline)) int gnu_provided(int x) { return x * 5; }
extern inline __attribute__((gnu_inline, always_inline)) int gnu_only_inline(int x) { return x * 7; }
int original(int x) { return x + 100; }
int aliased(int) __attribute__((alias("original")));
static int also(int) __attribute__((alias("original")));
extern int weak_alias(int) __attribute__((weak, alias("original")));
int variable = 11; extern int variable_alias __attribute__((alias("variable")));
extern int missing(int) __attribute__((weak));
extern int missing_variable __attribute__((weak));
__attribute__((weak)) int weakly(int x) { return x + 4; }
int renamed(int) __asm__("other_name"); int renamed(int x) { return x - 1; }
extern int other(int) __asm__("other_name");
int renamed_variable __asm__("variable.with.dots") = 12;
__attribute__((section("my_section"))) int placed = 13; __attribute__((section("my_section"), used)) static int placed2 = 14;
extern int __start_my_section, __stop_my_section;
__attribute__((section(".text.special"), noinline)) int placed_function(void) { return 15; }
__attribute__((visibility("hidden"))) int hidden = 16; 
__attribute__((visibility("protected"))) int protected_function(void) { return 17; }
static int order;
static void __attribute__((constructor)) start(void) { order = order * 10 + 3; }
static void __attribute__((constructor(101))) first(void) { order = order * 10 + 1; }
static void __attribute__((constructor(102))) second(void) { order = order * 10 + 2; }
static void __attribute__((destructor)) finish(void) { printf("finish\n"); }
static _Thread_local int local_to_thread = 5; __thread int zero_in_thread; static __thread struct { int a[100]; } big_in_thread = {{1, 2}};
static void *thread(void *p) { local_to_thread += *(int *)p; zero_in_thread++; big_in_thread.a[1]++; *(int *)p = local_to_thread * 100 + zero_in_thread * 10 + big_in_thread.a[1]; return &local_to_thread == p ? 0 : p; }
__attribute__((const)) static int pure_function(int x) { return x; } __attribute__((hot, flatten)) static int hot(int x) { return x; } __attribute__((cold)) static int cold(int x) { return x; }
__attribute__((deprecated, unused)) static int old(void) { return 1; }
static int __attribute__((noinline)) __attribute__((regparm(0))) odd(int x) { return x; }
static int common_like[4] __attribute__((aligned(64)));
__attribute__((common)) int common; 
typedef int aligned_int __attribute__((aligned(16))); static aligned_int ai;
static int extern_local(void) { extern int variable; int original(int); return variable + original(1); }
static int (*volatile pointer)(int) = missing;
/* As btowc in the C library's header: the body calls the library's function, which has the same name. */
extern int toupper_of_library(int) __asm__("toupper");
extern inline __attribute__((gnu_inline)) int toupper(int c) { return __builtin_constant_p(c) && c < 'a' ? c : toupper_of_library(c); }
static int (*volatile toupper_pointer)(int) = toupper;
asm(".globl from_asm\n.data\nfrom_asm: .long 77\n.text"); extern int from_asm;
__attribute__((returns_nonnull, malloc)) static void *allocate(void) { static char c; return &c; }

int main(void)
{
    printf("%d %d %d %d %d\n", c99_inline(1), local_inline(2), provided(3), gnu_provided(4), gnu_only_inline(5));
    printf("%d %d %d %d\n", aliased(1), also(2), weak_alias(3), variable_alias);
    printf("%d %d %d %d\n", missing == 0, &missing_variable == 0, pointer == 0, weakly(1));
    printf("%d %d %d\n", renamed(5), other(6), renamed_variable);
    printf("%d %d %ld %d\n", placed, placed2, (long)(&__stop_my_section - &__start_my_section), placed_function());
    printf("%d %d %d\n", hidden, protected_function(), order);
    int arg = 3; pthread_t t; pthread_create(&t, 0, thread, &arg); pthread_join(t, 0);
    printf("%d %d %d %d\n", arg, local_to_thread, zero_in_thread, big_in_thread.a[1]);
    printf("%d %d %d %d %d\n", pure_function(1), hot(2), cold(3), odd(4), (int)((unsigned long)common_like % 64));
    printf("%d %zu %zu %d %d %d\n", common, sizeof(aligned_int), _Alignof(ai), extern_local(), from_asm, allocate() != 0);
    int upper = 0; for (int c = 'A'; c < 'a' + 5; c++) { upper = upper * 3 + toupper(c) + toupper_pointer(c) - toupper('A'); }
    printf("%d\n", upper);
    return 0;
}
