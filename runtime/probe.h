/*
 * probe.h - can this /dev/kvm run Linux?
 *
 * A software KVM creates machines and runs simple programs, but lacks what every kernel does in its
 * first seconds. So the answer is tried, not asked: a program of a few bytes in 64-bit mode raises
 * a breakpoint exception and returns from it.
 */
#ifndef CPC_PROBE_H
#define CPC_PROBE_H

/*
 * 0; or -errno with one sentence logged: no /dev/kvm, not permitted, or not able. A few
 * milliseconds.
 */
int probe_linux(void);

#endif
