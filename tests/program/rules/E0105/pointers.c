/* Functions that are only called through pointers which coroutines call; mixed functions suspend in coroutines. */
#include <qemu/coroutine.h>
int coroutine_fn co(void);
int coroutine_mixed_fn either(int n);
typedef int extent_fn(int n);
struct file { int (*next)(int n); };

static int leaf(int n) { return either(n); }                //~ E0105: 'leaf' runs in coroutines only and reaches 'either'
static int by_parameter(int n) { return leaf(n); }          //~ E0105: 'by_parameter' runs in coroutines only
static int by_member(int n) { return either(n); }           //~ E0105: 'by_member' runs in coroutines only
static int elsewhere(int n) { return either(n); }
static int unseen(int n) { return either(n); }
static int coroutine_fn create(extent_fn *extent) { return co() + extent(1); }
static int run(extent_fn *extent) { return extent(2); }
void library(extent_fn *extent);
int coroutine_fn start(struct file *f)
{
    f->next = by_member;
    library(unseen);
    return create(by_parameter) + create(elsewhere) + f->next(3);
}
int plain(void) { return run(elsewhere); }
