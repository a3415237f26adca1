/*
 * The compiler's <pmmintrin.h>, without __OPTIMIZE__: intrinsics that need a constant are then macros, whose argument is
 * one, where gcc would wait for inlining to find it.
 */
#pragma GCC system_header
#pragma push_macro("__OPTIMIZE__")
#undef __OPTIMIZE__
#include_next <pmmintrin.h>
#pragma pop_macro("__OPTIMIZE__")
