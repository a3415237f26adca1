// options:
int takes_pointer(int *p);
int takes_const(const int *p);
int takes_text(char *s);
__attribute__((warn_unused_result)) int must_use(void);
__attribute__((deprecated("use g"))) int old_function(void);
int old_variable __attribute__((deprecated));
static implicit_variable; //~ implicit-int
implicit_result(void) { return 1; } //~ implicit-int
int implicit_call(void) { return not_declared(3); } //~ implicit-function-declaration
int from_integer(int i) { return takes_pointer(i); } //~ int-conversion
int to_integer(int *p) { int i = p; return i; } //~ int-conversion
int *returns_integer(int i) { return i; } //~ int-conversion
int unlike(long *p) { return takes_pointer(p); } //~ incompatible-pointer-types
int unlike_assignment(char *c) { int *p; p = c; return *p; } //~ incompatible-pointer-types
int discards(const int *p) { return takes_pointer(p); } //~ discarded-qualifiers
int keeps(int *p) { return takes_const(p); }
int discards_text(const char *s) { return takes_text(s); } //~ discarded-qualifiers
int *discards_return(const int *p) { return p; } //~ discarded-qualifiers
int literal(void) { return takes_text("abc"); }
int null(void) { return takes_pointer(0) + takes_pointer((void *)0); }
int divides(int x) { return x / 0; } //~ div-by-zero
int remainder_of(int x) { return x % 0; } //~ div-by-zero
int shifts(int x) { return x << 32; } //~ shift-count-overflow
int shifts_back(int x) { return x >> 40; } //~ shift-count-overflow
int shifts_negative(int x) { return x << -1; } //~ shift-count-negative
long shifts_long(long x) { return x << 40; }
int overflows(void) { return 2147483647 + 1; } //~ overflow
int multiplies(void) { return 65536 * 65536; } //~ overflow
unsigned wraps(void) { return 4294967295u + 1; }
char narrow = 300; //~ overflow
signed char narrow_signed = 200;
unsigned char narrow_unsigned = 256; //~ overflow
unsigned char from_negative = -1;
unsigned short all_ones = ~0;
unsigned int large = 0xffffffff;
int high_bit = 0x80000000;
short passes(void) { short s = 70000; return s; } //~ overflow
void calls(void) { must_use(); } //~ unused-result
void casts(void) { (void)must_use(); } //~ unused-result
int uses(void) { return must_use(); }
int is_old(void) { return old_function(); } //~ deprecated-declarations
int reads_old(void) { return old_variable; } //~ deprecated-declarations
int unknown_attribute __attribute__((not_an_attribute)); //~ attributes
