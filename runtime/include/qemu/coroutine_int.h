/* What a Coroutine is in memory, for code that looks inside as QEMU's tests do. */
#ifndef QEMU_COROUTINE_INT_H
#define QEMU_COROUTINE_INT_H

#include "../../co.h"
#include <qemu/coroutine.h>

#endif
