/* The definition and every declaration have to agree. */
#include <qemu/coroutine.h>
int first(void);                  //~ E0106: 'first' is not coroutine_fn here, as it is elsewhere
int coroutine_fn first(void);
int coroutine_fn second(void);
int second(void) { return first(); } //~ E0106: 'second' is not coroutine_fn here
int coroutine_fn third(void);
int coroutine_fn third(void) { return second(); }
