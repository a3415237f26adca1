/*
 * The compiler's <immintrin.h>, without __OPTIMIZE__: intrinsics that need a constant are then macros, whose argument is
 * one, where gcc would wait for inlining to find it.
 */
#pragma GCC system_header
#define __AVX512FP16INTRIN_H_INCLUDED           /* _Float16, which cpc has not */
#define __AVX512FP16VLINTRIN_H_INCLUDED
#pragma push_macro("__OPTIMIZE__")
#undef __OPTIMIZE__
#include_next <immintrin.h>
#pragma pop_macro("__OPTIMIZE__")
