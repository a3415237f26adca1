/* cpc: the direct style is the program; the runtime is the one every program links with. */
#include <qemu/coroutine.h>

#define coroutine_create qemu_coroutine_create
#define coroutine_enter qemu_coroutine_enter
#define coroutine_yield qemu_coroutine_yield

#include "direct.h"
