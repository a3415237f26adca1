"""Library functions under their builtin names: `__builtin_memcpy(d, s, n)` is a call of memcpy.

The prototypes are written in a small language, one letter per type, so that a unit that never included the header
can still make the call: v void, p void *, c const void * (char * alike), i int, u unsigned, l long, z size_t,
b _Bool, d double, f float, L long double, q _Float128, D, F and X the complex types of the first three, and a trailing
`.` for variable arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cpc.frontend.build import calls, library_folds
from cpc.frontend.build.values import Place, Value
from cpc.frontend.c_types import (
    BOOL,
    CHAR,
    DOUBLE,
    FLOAT,
    FLOAT128,
    INT,
    LDOUBLE,
    LLONG,
    LONG,
    UINT,
    ULONG,
    VOID,
    ComplexT,
    FunctionT,
    PointerT,
    QType,
)
from cpc.frontend.conversions import promote_argument
from cpc.frontend.symbols import Kind
from cpc.ir import ops as ir
from cpc.ir.types import I32, PTR

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_LETTERS = {
    "v": QType(VOID),
    "p": QType(PointerT(QType(VOID))),
    "c": QType(PointerT(QType(VOID, const=True))),
    "s": QType(PointerT(QType(CHAR))),
    "b": QType(BOOL),
    "i": QType(INT),
    "u": QType(UINT),
    "l": QType(LONG),
    "m": QType(LLONG),
    "z": QType(ULONG),
    "d": QType(DOUBLE),
    "f": QType(FLOAT),
    "L": QType(LDOUBLE),
    "q": QType(FLOAT128),
    "D": QType(ComplexT(DOUBLE)),
    "F": QType(ComplexT(FLOAT)),
    "X": QType(ComplexT(LDOUBLE)),
}
_TO_FLOAT, _TO_LONG_DOUBLE = str.maketrans("dD", "fF"), str.maketrans("dD", "LX")
_TO_QUAD = str.maketrans("d", "q")

_PLAIN = """
memcpy ppcz  memmove ppcz  memset ppiz  memcmp iccz  memchr pciz  mempcpy ppcz  strlen zc  strcpy spc
strncpy spcz  strcat spc  strncat spcz  strcmp icc  strncmp iccz  strcasecmp icc  strncasecmp iccz  strchr sci
strrchr sci  strstr scc  strpbrk scc  strspn zcc  strcspn zcc  strdup sc  strndup scz  stpcpy spc  stpncpy spcz
index sci  rindex sci  bcmp iccz  bzero vpz  bcopy vcpz  printf ic.  fprintf ipc.  sprintf ipc.  snprintf ipzc.
vprintf icp  vfprintf ipcp  vsprintf ipcp  vsnprintf ipzcp  scanf ic.  sscanf icc.  puts ic  putchar ii
fputs icp  fputc iip  fwrite zczzp  malloc pz  calloc pzz  realloc ppz  free vp  aligned_alloc pzz  abort v
exit vi  _exit vi  isalnum ii  isalpha ii  isblank ii  iscntrl ii  isdigit ii  isgraph ii  islower ii
isprint ii  ispunct ii  isspace ii  isupper ii  isxdigit ii  tolower ii  toupper ii  __memcpy_chk ppczz
__memmove_chk ppczz  __memset_chk ppizz  __strcpy_chk spcz  __strncpy_chk spczz  __strcat_chk spcz
__snprintf_chk ipzizc.  __sprintf_chk ipizc.  __printf_chk iic.  __fprintf_chk ipic.  __vsnprintf_chk ipzizcp
printf_unlocked ic.  fprintf_unlocked ipc.  fputs_unlocked icp
__powidf2 ddi  __powisf2 ffi  __powixf2 LLi
__mempcpy_chk ppczz  __stpcpy_chk spcz  __strncat_chk spczz  __stpncpy_chk spczz  __vsprintf_chk ipizcp
__vprintf_chk iicp  __vfprintf_chk ipicp  abs ii  labs ll  llabs mm  putc iip  __clear_cache vpp
__atomic_load vzppi  __atomic_store vzppi  __atomic_exchange vzpppi  __atomic_compare_exchange bzpppii
__atomic_is_lock_free bzp
__cyg_profile_func_enter vpp  __cyg_profile_func_exit vpp
strnlen zcz  fork i  execl icc.  execlp icc.  execle icc.  execv icp  execvp icp  execve icpp
fscanf ipc.  vfscanf ipcp  vscanf icp  vsscanf iccp  posix_memalign ipzz  strftime zszcp  strfmon lszc.
gettext sc  dgettext scc  dcgettext scci  isascii ii  toascii ii
iswalnum iu  iswalpha iu  iswblank iu  iswcntrl iu  iswdigit iu  iswgraph iu  iswlower iu  iswprint iu
iswpunct iu  iswspace iu  iswupper iu  iswxdigit iu  towlower uu  towupper uu
feclearexcept ii  fegetenv ip  fegetexceptflag ipi  fegetround i  feholdexcept ip  feraiseexcept ii
fesetenv ic  fesetexceptflag ici  fesetround ii  fetestexcept ii  feupdateenv ic
lgamma_r ddp  lgammaf_r ffp  lgammal_r LLp  gamma_r ddp  gammaf_r ffp  gammal_r LLp
"""

RENAMED = {"index": "strchr", "rindex": "strrchr"}  # when optimising: LLVM knows the standard's names only
_NORETURN = ("abort", "exit", "_exit")

_MATH = """
ceil dd  floor dd  trunc dd  round dd  rint dd  nearbyint dd  sqrt dd  cbrt dd  exp dd  exp2 dd  expm1 dd
log dd  log2 dd  log10 dd  log1p dd  logb dd  sin dd  cos dd  tan dd  asin dd  acos dd  atan dd  sinh dd
cosh dd  tanh dd  asinh dd  acosh dd  atanh dd  erf dd  erfc dd  tgamma dd  lgamma dd  pow ddd  fmod ddd
remainder ddd  atan2 ddd  hypot ddd  fmin ddd  fmax ddd  fdim ddd  fma dddd  ldexp ddi  scalbn ddi  scalbln ddl
frexp ddp  modf ddp  ilogb id  lround ld  lrint ld  llround md  llrint md  nextafter ddd
fabs dd  copysign ddd  nexttoward ddL  remquo dddp  roundeven dd  sincos vdpp  exp10 dd  pow10 dd  drem ddd
significand dd  scalb ddd  gamma dd  j0 dd  j1 dd  jn did  y0 dd  y1 dd  yn did
"""
_QUAD = ("ceil", "floor", "trunc", "round", "roundeven", "rint", "nearbyint", "sqrt", "fma", "fmin", "fmax")


_COMPLEX = """
cabs dD  carg dD  cproj DD  cexp DD  clog DD  csqrt DD  csin DD  ccos DD  ctan DD  casin DD  cacos DD  catan DD
csinh DD  ccosh DD  ctanh DD  casinh DD  cacosh DD  catanh DD  cpow DDD  clog10 DD
"""


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    return zip(words[::2], words[1::2], strict=True)


def _prototypes() -> dict[str, FunctionT]:
    table = {}
    for name, letters in _pairs(_PLAIN):
        table[name] = _function(letters)
    for name, letters in (*_pairs(_MATH), *_pairs(_COMPLEX)):
        table[name] = _function(letters)
        table[name + "f"] = _function(letters.translate(_TO_FLOAT))
        table[name + "l"] = _function(letters.translate(_TO_LONG_DOUBLE))
        if name in _QUAD:
            table[name + "f128"] = _function(letters.translate(_TO_QUAD))
    return table


def _function(letters: str) -> FunctionT:
    variadic = letters.endswith(".")
    result, *params = tuple(letters.rstrip("."))
    return FunctionT(_LETTERS[result], tuple(_LETTERS[p] for p in params), variadic)


PROTOTYPES = _prototypes()


def _prototype(b: Builder, name: str) -> FunctionT:
    fn = PROTOTYPES[name]
    return FunctionT(b.target.own_type(fn.result), tuple(map(b.target.own_type, fn.params)), fn.variadic)


def implied(b: Builder, name: str, count: int) -> FunctionT | None:
    """The type of a library function that is called with `count` arguments and was never declared: its own (gcc),
    or at least its result where the call does not fit."""
    if not b.knows(name) or name not in PROTOTYPES:
        return None
    fn = replace(_prototype(b, name), noreturn=name in _NORETURN)
    fits = count == len(fn.params) or (fn.variadic and count > len(fn.params))
    return fn if fits else replace(fn, params=(), prototyped=False, variadic=False)


def designated(b: Builder, name: str) -> Place | None:
    """`__builtin_malloc` where it is not called: the function of the library."""
    plain = name.removeprefix("__builtin_")
    if plain == name or plain not in PROTOTYPES:
        return None
    fn = _prototype(b, plain)
    return Place(ir.GlobalAddr(_use(b, plain, fn)), QType(fn), 1)


def _use(b: Builder, name: str, fn: FunctionT, *, by_own_name: bool = False) -> str:
    """The function's assembler name, that which the program gave it unless `by_own_name`; now it is needed."""
    symbol = b.sema.linked.get(name)
    if symbol is not None and symbol.kind is Kind.FUNCTION and not by_own_name:
        b.use_function(symbol)
        return symbol.ir_name
    b.declare_library(name, b.lower_signature(fn).sig)
    b.reference(name)
    return name


def call(b: Builder, name: str, node: Any) -> Value:
    """A call of the library function, declared here unless the program did."""
    fn = _prototype(b, name)
    given = node.args.exprs if node.args is not None else []
    if len(given) < len(fn.params) or (len(given) > len(fn.params) and not fn.variadic):
        b.fail("E0268", node, f"'{node.name.name}' takes {len(fn.params)} arguments, not {len(given)}")
    values = []
    for i, expr in enumerate(given):
        value = b.value(expr)
        to = fn.params[i] if i < len(fn.params) else promote_argument(value.type)
        values.append(b.convert(value, to, expr))
    return call_values(b, name, values, node)


def profile(b: Builder, end: str) -> None:
    """-finstrument-functions: calls __cyg_profile_func_enter or _exit with the function and its caller."""
    function = b.function
    assert function is not None
    if not b.options.instrument or function.is_coroutine or "no_instrument" in function.symbol.attrs.flags:
        return
    caller = b.em.intrinsic("returnaddress", (ir.Const(I32, 0),), PTR)
    assert caller is not None
    addresses = (ir.GlobalAddr(function.symbol.ir_name), caller)
    call_values(b, f"__cyg_profile_func_{end}", [Value(a, _LETTERS["p"]) for a in addresses], None)


def compares_nothing(name: str, values: list[Value]) -> bool:
    """Whether this is strncmp and the like of no characters, which gcc never calls."""
    last = values[2].op if name in ("strncmp", "memcmp", "strncasecmp") and len(values) == 3 else None
    return isinstance(last, ir.Const) and last.value == 0


def call_values(b: Builder, name: str, values: list[Value], node: Any) -> Value:
    """A call with converted arguments, or what gcc makes of it."""
    folded = library_folds.fold(b, name, values, node)
    return folded if folded is not None else emit(b, name, values, node)


def result_type(b: Builder, name: str) -> QType:
    return b.target.own_type(PROTOTYPES[name].result)


def emit(b: Builder, name: str, values: list[Value], node: Any, *, by_own_name: bool = False) -> Value:
    """The call itself, by the assembler name that the program gave the function unless `by_own_name`."""
    if b.options.optimised:
        name = RENAMED.get(name, name)
    fn = _prototype(b, name)
    if compares_nothing(name, values):
        return Value(ir.Const(I32, 0), fn.result)
    name = _use(b, name, fn, by_own_name=by_own_name)
    attrs = frozenset({"noreturn"}) if name in _NORETURN else frozenset()
    return calls.emit(b, ir.GlobalAddr(name), fn, values, attrs, node)
