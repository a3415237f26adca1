/* Who asks for its own coroutine, or asserts that it is in one, is for coroutines, whatever it calls. */
#include <assert.h>
#include <qemu/coroutine.h>
struct request { Coroutine *co; int left; };
int coroutine_fn co(void);
static void begin(struct request *r) { r->co = qemu_coroutine_self(); }    //~ E0105: 'begin' runs in coroutines only and asks for its own (qemu_coroutine_self)
int coroutine_fn start(struct request *r) { begin(r); return co(); }

static void anywhere(struct request *r) { r->co = qemu_coroutine_self(); }
int coroutine_fn other(struct request *r) { anywhere(r); return co(); }
void plain(struct request *r) { anywhere(r); }
void unknown(struct request *r) { r->co = qemu_coroutine_self(); }
static void tests(struct request *r) { if (qemu_in_coroutine()) { r->co = qemu_coroutine_self(); } }
int coroutine_fn third(struct request *r) { tests(r); return co(); }

int asserts(struct request *r)                                             //~ E0105: 'asserts' asserts that it runs in a coroutine
{
    assert(qemu_in_coroutine());
    return r->left;
}
