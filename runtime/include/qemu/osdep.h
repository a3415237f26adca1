/* What every file of QEMU includes first: the C library, glib where it is installed, and small
 * macros (qemu/compiler.h).  A subset: what coroutine code and its tests need.  A project with an
 * osdep.h of its own puts its folder first and includes what it wants from here by name. */
#ifndef QEMU_OSDEP_H
#define QEMU_OSDEP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<glib.h>)
#include <glib.h>
#endif

#include <qemu/compiler.h>

/* Ended coroutines are kept and used again: QEMU's configure option of this name. */
#ifndef CONFIG_COROUTINE_POOL
#define CONFIG_COROUTINE_POOL 1
#endif
#ifndef CONFIG_POSIX
#define CONFIG_POSIX 1
#endif
#ifndef CONFIG_LINUX
#define CONFIG_LINUX 1
#endif

#endif
