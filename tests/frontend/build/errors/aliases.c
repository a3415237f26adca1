/* An alias needs a definition in its own unit; one that leads to another alias may. */
static float of_nothing[2] __attribute__((alias("nothing"))); //~ E0277: 'of_nothing' is an alias of 'nothing', which is not defined here
int declared(void);
int of_declaration(void) __attribute__((alias("declared"))); //~ E0277: 'of_declaration' is an alias of 'declared', which is not defined here
extern int round __attribute__((alias("trip"))); //~ E0277: 'round' is an alias of 'round', which is not defined here
extern int trip __attribute__((alias("round"))); //~ E0277: 'trip' is an alias of 'trip', which is not defined here
int defined;
extern int first __attribute__((alias("defined")));
extern int second __attribute__((alias("first")));
static int choose(void) { return 0; }
void chosen(void) __attribute__((ifunc("choose"))); //~ E0277: the resolver 'choose' of 'chosen' does not return a pointer
