/* Direct calls, calls through annotated pointers, and hidden calls by cleanup; guards are understood. */
#include <qemu/coroutine.h>
struct ops { int coroutine_fn (*read)(int); };
int coroutine_fn co_read(int fd);
void coroutine_fn co_close(int *fd);
int direct(void) { return co_read(1); } //~ E0101: 'direct' calls coroutine_fn 'co_read' but is not coroutine_fn
int pointer(struct ops *o) { return o->read(1); } //~ E0101: a coroutine_fn through member 'read' of struct ops
void hidden(void) { __attribute__((cleanup(co_close))) int fd = 3; } //~ E0101: coroutine_fn 'co_close'
int guarded(void) { return qemu_in_coroutine() ? co_read(1) : 0; }
int early(void) { if (!qemu_in_coroutine()) return 0; return co_read(1); }
int wrong_branch(void) { if (qemu_in_coroutine()) return 0; return co_read(1); } //~ E0101: 'wrong_branch'
int coroutine_fn good(struct ops *o) { return co_read(1) + o->read(2); }
unsigned size(void) { return sizeof(co_read(1)); }
