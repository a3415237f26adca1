/* The name of sysemu/iothread.h since QEMU 10. */
#include <sysemu/iothread.h>
