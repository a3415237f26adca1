/* asm with memory whose size the type does not say: incomplete and variable length arrays, incomplete structs; and
 * structs that travel in registers, addresses. */
#include <stdio.h>

struct hidden;
extern struct hidden object;
extern int numbers[];

static int length(const char *text)
{
    int left;

    __asm__("repne scasb" : "=c"(left), "+D"(text) : "m"(*(const char (*)[])text), "0"(-1), "a"(0) : "cc");
    return -2 - left;
}

static int bounded(int n, const char *text)
{
    int left;

    __asm__("repne scasb" : "=c"(left), "+D"(text) : "m"(*(const char (*)[n])text), "0"(-1), "a"(0) : "cc");
    return -2 - left;
}

static void clear(int n, char *to)
{
    long left = n;

    __asm__("rep stosb" : "=m"(*(char (*)[n])to), "+c"(left), "+D"(to) : "a"(0));
}

static int first(struct hidden *of)
{
    int value;

    __asm__("movl %1, %0" : "=r"(value) : "m"(*of));
    return value;
}

struct pair {
    int low, high;
};

static struct pair swapped(struct pair of)
{
    struct pair copy;

    __asm__("rorq $32, %0" : "+r"(of) : : "cc");
    __asm__("movq %1, %0" : "=r"(copy) : "r"(of));
    return copy;
}

static int at(const int *place)
{
    int value, again;

    __asm__("movl %a1, %0" : "=r"(value) : "p"(place + 1), "m"(place[1]));
    __asm__("movl %a1, %0" : "=r"(again) : "p"(&numbers[1]), "m"(numbers[1]));
    return value * 10 + again;
}

int main(void)
{
    struct pair turned = swapped((struct pair){ 3, 4 });

    char text[32] = "hello world";
    int of_all, second;

    text[4] = 0;
    printf("%d ", length(text));
    text[4] = 'o';
    printf("%d ", bounded(sizeof(text), text));
    clear(3, text + 2);
    printf("%d %c ", length(text), text[5]);
    __asm__("movl %1, %0" : "=r"(of_all) : "m"(numbers));
    __asm__("addl $1, %0" : "+m"(numbers[1]) : : "cc");
    __asm__("movl %1, %0" : "=r"(second) : "o"(numbers[1]), "m"(*(int (*)[])numbers));
    printf("%d %d %d\n", of_all, second, first((struct hidden *)numbers));
    printf("%d %d %d\n", turned.low, turned.high, at((int[]){ 5, 6 }));
    return 0;
}

int numbers[] = {7, 8};
