// options: -Wall -Wextra
int g(int);
int h(int *);
static int never_called(void) { return 1; } //~ unused-function
static int calls_itself(int n) { return n ? calls_itself(n - 1) : 0; } //~ unused-function
static int declared_only(void); //~ unused-function
static int called(void) { return 1; }
static inline int inline_function(void) { return 1; }
static int marked(void) __attribute__((unused));
static int marked(void) { return 1; }
static int by_address(void) { return 1; }
int (*pointer)(void) = by_address;
static int file_variable; //~ unused-variable
static const int file_constant = 1; //~ unused-const-variable
static int file_used;
int uses_file(void) { return file_used + called(); }
int locals(void) { int unused; int used = 1; return used; } //~ unused-variable
int with_value(void) { int unused = g(1); return 2; } //~ unused-variable
int set_only(void) { int set; set = g(1); return 2; } //~ unused-but-set-variable
int set_and_read(void) { int set; set = g(1); return set; }
int address_taken(void) { int x; return h(&x); }
int marked_local(void) { int x __attribute__((unused)); return 1; }
int in_block(void) { { int x; } return 1; } //~ unused-variable
int in_loop(void) { for (int i = 0, j = 0; i < 3; i++) { } return 1; } //~ unused-variable
int static_local(void) { static int x; return 1; } //~ unused-variable
int parameter(int a, int b) { return a; } //~ unused-parameter
int unnamed(int);
int cast_parameter(int a) { (void)a; return 1; }
int marked_parameter(int a __attribute__((unused))) { return 1; }
int set_parameter(int a) { a = 1; return 2; } //~ unused-but-set-parameter
int compound(void) { int x = 1; x += 2; return 3; }
int increments(void) { int x = 1; x++; return 3; }
int label(void) { here: return 1; } //~ unused-label
int jumps(int x) { again: if (x) goto again; return 1; }
int label_value(void) { void *p = &&here; here: return p != 0; }
int array(void) { int a[3]; a[0] = 1; return 2; } //~ unused-but-set-variable
int in_sizeof(void) { int x; return sizeof x; }
void statement(int x) { x + 1; } //~ unused-value
void comparison(int x) { x == 1; } //~ unused-value
void name(int x) { x; } //~ unused-value
void dereference(int *p) { *p++; } //~ unused-value
void cast_to_void(int x) { (void)(x + 1); }
void logical(int x) { x && g(x); } //~ unused-value
void conditional(int x) { x ? g(1) : g(2); }
void comma(int x) { x + 1, g(x); } //~ unused-value
void in_for(int x) { for (; x < 3; x + 1) x++; } //~ unused-value
void call(int x) { g(x); }
void comma_void(int x) { ((void)x, (void)0); }
void either_void(int x) { x ? (void)0 : (void)g(1); }
void negated(int x) { !x; } //~ unused-value
int value_of_block(void) { return ({ int y = g(1); y; }); }
void number(void) { 1; } //~ unused-value
