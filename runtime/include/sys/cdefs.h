/*
 * The system's <sys/cdefs.h>, without __va_arg_pack: cpc has no functions that pass variable arguments on, so glibc's
 * checked functions (-D_FORTIFY_SOURCE) have to be the macros that it keeps for such compilers.
 */
#pragma GCC system_header
#include_next <sys/cdefs.h>
#undef __va_arg_pack
#undef __va_arg_pack_len
