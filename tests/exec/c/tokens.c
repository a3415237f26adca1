/* 6.4, 6.10: digraphs, splices, universal names, #line, _Pragma, variadic macros. */
#include <stdio.h>
#include <stddef.h>
#define CAT(a, b) a ## b
#define STR(...) #__VA_ARGS__
#define VARGS(fmt, ...) printf(fmt, ##__VA_ARGS__)
#define COUNT(...) (sizeof((int[]){0, __VA_ARGS__}) / sizeof(int) - 1)
#define EMPTY
_Pragma("GCC diagnostic push") _Pragma("pack(1)") struct pk { char c; int i; }; _Pragma("pack()")
#pragma STDC FP_CONTRACT OFF
#pragma once_unknown whatever
static int f(int n, int a[static restrict const 3], const char *restrict s) { return a[n] + s[0]; } 
int a_very_long_identifier_name_that_goes_on_and_on_and_on_for_more_than_sixty_three_characters_1 = 1, a_very_long_identifier_name_that_goes_on_and_on_and_on_for_more_than_sixty_three_characters_2 = 2;
int \u00e9t\u00e9 = 5; int naïve = 6; int $dollar$ = 7; 
struct fl { size_t n; double d[]; }; static struct fl fl = { 2, { 1.5, 2.5 } }; 
int main(void) <% int arr<:3:> = <% 1, 2, 3 %>; printf("%d %zu\n", f(1, arr, "a"), sizeof(struct pk)); VARGS("no args\n"); VARGS("%d %d\n", 1, 2); printf("%s %d %zu\n", STR(a, "b\n", 'c'), CAT(1, 2), COUNT(5, 6, 7)); printf("%d %d\n", a_very_long_identifier_name_that_goes_on_and_on_and_on_for_more_than_sixty_three_characters_2, été + naïve + $dollar$); printf("%g %zu\n", fl.d[1], offsetof(struct fl, d)); int *p; { p = (int[]){1, 2, 3}; p[1] = 9; printf("%d\n", p[1]); } const char *s = "spl\
ice"; puts(s); printf("%s:%d\n", "file", __LINE__);
#line 500 "renamed.c"
printf("%s %d\n", __FILE__, __LINE__); // comment \
continues
printf("%d\n", __STDC__ + (__STDC_VERSION__ >= 201112L) + (sizeof __DATE__ == 12)); int x = 3 /* c */ + /**/ 4; printf("%d\n", x //* c
); printf("%d\n", 1 ? 2 ? 3 : 4 : 5); printf("%s\n", "??/"[0] == '?' ? "no trigraphs" : "trigraphs"); for (int i = 0, *q = arr; i < 3; i++) { static int st; st += q[i]; if (i == 2) printf("%d\n", st); } int i = 5; { extern int naïve; i += naïve; } printf("%d\n", i); return 0; %>
