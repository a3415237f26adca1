/* Thread-local variables of coroutines, with QEMU's names.
 *
 * In QEMU the compiler may keep the address of a thread-local variable across a yield, after which
 * the coroutine may run in another thread: these accessors keep it from doing so.  cpc takes
 * coroutines apart where they suspend and finds the address anew behind, so plain __thread
 * variables are right as well; the pointer of get_ptr_VAR must be asked for again in any case. */
#ifndef QEMU_COROUTINE_TLS_H
#define QEMU_COROUTINE_TLS_H

#define QEMU_DECLARE_CO_TLS(type, var) \
    __attribute__((noinline)) type get_##var(void); \
    __attribute__((noinline)) void set_##var(type v); \
    __attribute__((noinline)) type *get_ptr_##var(void);

#define QEMU_CO_TLS_ACCESSORS_(type, var, storage) \
    storage type get_##var(void) \
    { \
        return co_tls_##var; \
    } \
    storage void set_##var(type v) \
    { \
        co_tls_##var = v; \
    } \
    storage type *get_ptr_##var(void) \
    { \
        return &co_tls_##var; \
    }

/* Defines what QEMU_DECLARE_CO_TLS declares. */
#define QEMU_DEFINE_CO_TLS(type, var) \
    static __thread type co_tls_##var; \
    QEMU_CO_TLS_ACCESSORS_(type, var, )

/* For use in one file. */
#define QEMU_DEFINE_STATIC_CO_TLS(type, var) \
    static __thread type co_tls_##var; \
    QEMU_CO_TLS_ACCESSORS_(type, var, static __attribute__((noinline, unused)))

#endif
