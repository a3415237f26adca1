/* GNU: attribute naked: the asm has the whole body and finds the parameters where the ABI says; nothing is inlined. */
#include <stdio.h>
struct big { long a[5]; };
__attribute__((naked)) static int sum(int a, int b) { __asm__("leal (%rdi,%rsi), %eax\n\tret"); }
__attribute__((naked)) static long deep(int first, struct big b) { __asm__("movq 16(%rsp), %rax\n\tret"); }
__attribute__((naked)) struct big *same(struct big *p, double x) { __asm__ volatile("mov %%rdi, %%rax\n\tret" : : : "memory"); }
__attribute__((naked)) static void nothing(void *from, void *to) { __asm__("ret"); }
static __attribute__((naked, used)) void seven(void) { __asm__("movl $7, %eax\n\tret"); }
__attribute__((naked)) static inline int calls(int size) { __asm__("call %c0\n\taddl %1, %%eax\n\tret" : : "i"(seven), "i"(sizeof size)); }
int main(void) { struct big b = { { 1, 2, 3 } };
  nothing(&b, 0);
  printf("%d %ld %d %d\n", sum(20, 22), deep(1, b), same(&b, 1.0) == &b, calls(3));
  return 0; }
