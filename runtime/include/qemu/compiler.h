/* Small macros that QEMU's code uses everywhere, under QEMU's names; what is here already (from
 * glib, or from a shim's own header) stays. */
#ifndef QEMU_COMPILER_H
#define QEMU_COMPILER_H

#include <cpc/annotations.h>
#include <stddef.h>

#ifndef glue
#define xglue(x, y) x##y
#define glue(x, y) xglue(x, y)
#define tostring(s) #s
#define stringify(s) tostring(s)
#endif

/* 1 when the macro `option` is defined, as nothing or as 1; else 0. */
#ifndef IS_ENABLED
#define IS_ENABLED(option) IS_ENABLED_EXPANDED_(option)
#define IS_ENABLED_EXPANDED_(value) IS_ENABLED_SECOND_(IS_ENABLED_IF_##value 1, 0, 0)
#define IS_ENABLED_IF_ 0,
#define IS_ENABLED_IF_1 0,
#define IS_ENABLED_SECOND_(...) IS_ENABLED_TAKE_(__VA_ARGS__)
#define IS_ENABLED_TAKE_(first, second, ...) second
#endif

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#ifndef container_of
#define container_of(ptr, type, member) \
    ({ \
        const __typeof__(((type *)0)->member) *member_ = (ptr); \
        (type *)((char *)member_ - offsetof(type, member)); \
    })
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif
#ifndef MIN
#define MIN(a, b) \
    ({ \
        __typeof__((a) + 0) min_a_ = (a); \
        __typeof__((b) + 0) min_b_ = (b); \
        min_a_ < min_b_ ? min_a_ : min_b_; \
    })
#define MAX(a, b) \
    ({ \
        __typeof__((a) + 0) max_a_ = (a); \
        __typeof__((b) + 0) max_b_ = (b); \
        max_a_ > max_b_ ? max_a_ : max_b_; \
    })
#endif
#ifndef ROUND_UP
#define ROUND_DOWN(n, unit) ((n) & -(0 ? (n) : (unit)))
#define ROUND_UP(n, unit) ROUND_DOWN((n) + (unit) - 1, (unit))
#define DIV_ROUND_UP(n, unit) (((n) + (unit) - 1) / (unit))
#endif
#ifndef QEMU_IS_ALIGNED
#define QEMU_ALIGN_DOWN(n, unit) ((n) / (unit) * (unit))
#define QEMU_ALIGN_UP(n, unit) QEMU_ALIGN_DOWN((n) + (unit) - 1, (unit))
#define QEMU_IS_ALIGNED(n, unit) ((n) % (unit) == 0)
#endif

#ifndef QEMU_PACKED
#define QEMU_PACKED __attribute__((packed))
#define QEMU_ALIGNED(unit) __attribute__((aligned(unit)))
#endif
#ifndef QEMU_WARN_UNUSED_RESULT
#define QEMU_WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#endif
#ifndef QEMU_ALWAYS_INLINE
#define QEMU_ALWAYS_INLINE __attribute__((always_inline))
#define QEMU_NOINLINE __attribute__((noinline))
#endif
#ifndef QEMU_NORETURN
#define QEMU_NORETURN __attribute__((noreturn))
#endif
#ifndef G_NORETURN
#define G_NORETURN __attribute__((noreturn))
#endif
#ifndef G_GNUC_UNUSED
#define G_GNUC_UNUSED __attribute__((unused))
#endif
#ifndef G_GNUC_PRINTF
#define G_GNUC_PRINTF(format, arguments) __attribute__((format(printf, format, arguments)))
#endif
#ifndef QEMU_BUILD_BUG_ON
#define QEMU_BUILD_BUG_MSG(x, message) _Static_assert(!(x), message)
#define QEMU_BUILD_BUG_ON(x) QEMU_BUILD_BUG_MSG(x, "not expecting: " #x)
#endif

/* clang's thread safety analysis, which QEMU's block layer is annotated for: not done here. */
#ifndef TSA
#define TSA(x)
#define TSA_CAPABILITY(x)
#define TSA_GUARDED_BY(...)
#define TSA_PT_GUARDED_BY(...)
#define TSA_REQUIRES(...)
#define TSA_REQUIRES_SHARED(...)
#define TSA_EXCLUDES(...)
#define TSA_ACQUIRE(...)
#define TSA_ACQUIRE_SHARED(...)
#define TSA_RELEASE(...)
#define TSA_RELEASE_SHARED(...)
#define TSA_ASSERT(...)
#define TSA_ASSERT_SHARED(...)
#define TSA_NO_TSA
#endif

#endif
