/*
 * sandbox.h - gives up what a running VMM does not need, before the guest gets the CPU, and what a
 * daemon does not need, before a client is listened to.
 *
 * No new privileges; no way to any file, network port or program (Landlock, where the kernel has it:
 * descriptors that are open stay usable); and only the system calls that a type of thread needs
 * (seccomp). What io_uring does is not seen by seccomp: Landlock is what confines it.
 *
 * A system call that is not allowed is a mistake of ours or an attack: it ends the process, with one
 * sentence in the log. Opening a file and the like fail with EACCES instead, because the C library
 * tries that on its own and goes on without.
 */
#ifndef CPC_SANDBOX_H
#define CPC_SANDBOX_H

/*
 * Confines the process: the calling thread, those that run already, and all that are started later.
 * To be called by the loop's thread when all is open. 0, or -errno logged.
 */
int sandbox_enter(void);

/*
 * The same for a daemon that serves on the socket at `socket`. It may also make memory files, and
 * remove files from the socket's folder (and those below it), as it removes the socket at its end.
 */
int sandbox_enter_daemon(const char *socket);

/*
 * Narrows the calling thread, which has just started, to what a vCPU needs. Without effect when the
 * process is not confined. 0, or -errno logged.
 */
int sandbox_enter_vcpu(void);

#endif
