/* The marks of coroutine code, under QEMU's names.  They stand among the specifiers of a function
 * or in front of the declarator of a pointer to one; `cpc lint` checks them.  Compilers that do
 * not know coroutines see plain C.
 *
 * A shim may have defined coroutine_fn to nothing, as QEMU does for gcc: these win. */
#ifndef CPC_ANNOTATIONS_H
#define CPC_ANNOTATIONS_H

#undef coroutine_fn
#undef no_coroutine_fn
#undef coroutine_mixed_fn

#ifdef __CPC__
/* May suspend; runs in coroutines only and is called by coroutine_fn functions only. */
#define coroutine_fn __attribute__((annotate("coroutine_fn")))
/* Blocks the thread or runs the event loop: not to be called in a coroutine. */
#define no_coroutine_fn __attribute__((annotate("no_coroutine_fn")))
/* Suspends where it runs in a coroutine, and works outside too. */
#define coroutine_mixed_fn __attribute__((annotate("coroutine_mixed_fn")))
/* The suspension itself: qemu_coroutine_yield only. */
#define co_yield_fn __attribute__((annotate("coroutine_fn"), annotate("co_yield")))
#else
#define coroutine_fn
#define no_coroutine_fn
#define coroutine_mixed_fn
#define co_yield_fn
#endif

#endif
