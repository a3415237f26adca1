"""cpc's one intermediate representation: a typed control-flow graph, in plain data classes.

A `Module` holds globals and functions; a `Function` holds locals (named pieces of stack memory) and blocks;
a `Block` is a list of ops that ends in exactly one terminator.  Rules that hold in every phase (verify.py
checks them):

* A `Reg` is assigned by exactly one op (or is a parameter) and every use is dominated by that op.  There are
  no phi nodes: a value that joins two paths goes through a `Local`, and LLVM's mem2reg makes it a register.
* Memory is bytes.  `Load` and `Store` say the scalar type; addresses are computed by `PtrAdd` in bytes.
* The calling convention of plain functions is applied when the IR is built: a struct argument is already
  in pieces or `byval`, a struct result in pieces or behind an `sret` pointer.
* A coroutine function returns nothing or one scalar of at most 64 bits; anything larger goes behind `sret`.

The representation has a growing `Phase`; what each phase promises is listed at `Phase`.  Everything here is
printed by printer.py and read back by reader.py without loss.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cpc.ir.types import PTR, Type
from cpc.loc import NO_LOC as NO_LOC
from cpc.loc import Loc as Loc

if TYPE_CHECKING:
    from cpc.ir.debug_info import DebugFunction, DebugGlobal, DebugType


class Phase(enum.IntEnum):
    """How far a function has come.  A pass may only raise it."""

    BUILT = 1  # typed; one terminator per block; CoCall and CoYield stand anywhere in a block
    CPS_FORM = 2  # no CoCall or CoYield inside a block: a `Suspend` terminator with a resume block instead
    FRAMED = 3  # what is live across a suspension is in the frame: `frame` is set, every Suspend has `saves`
    SPLIT = 4  # no Suspend, no FrameAddr: ramp and resume function, ordinary calls only


# ---- operands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reg:
    """A virtual register, unique by name in its function; printed `%name`."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Const:
    """A constant.  Integers: 0 <= value < 2**bits.  Floats: the value's bit pattern as an integer.
    Pointers: the address (0 is the null pointer).  Vectors: the lanes' bits, lane 0 lowest."""

    type: Type
    value: int


@dataclass(frozen=True, slots=True)
class GlobalAddr:
    """The address of a global variable or function plus `offset` bytes; printed `@name` or `@name+8`, `@name-8`.
    This is what makes address constants (C11 6.6p9) ordinary operands."""

    name: str
    offset: int = 0

    @property
    def type(self) -> Type:
        return PTR


@dataclass(frozen=True, slots=True)
class LocalAddr:
    """The address of a local of this function; printed `&name`."""

    name: str

    @property
    def type(self) -> Type:
        return PTR


@dataclass(frozen=True, slots=True)
class FrameAddr:
    """The address `offset` bytes into this activation's coroutine frame (only in Phase.FRAMED); `frame+N`."""

    offset: int

    @property
    def type(self) -> Type:
        return PTR


@dataclass(frozen=True, slots=True)
class BlockAddr:
    """The address of a block of this function (`&&label`); printed `&&label`."""

    label: str

    @property
    def type(self) -> Type:
        return PTR


@dataclass(frozen=True, slots=True)
class Undef:
    """Any value of the type: what an uninitialised variable holds."""

    type: Type


Operand = Reg | Const | GlobalAddr | LocalAddr | FrameAddr | BlockAddr | Undef


# ---- signatures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """How one lowered parameter is passed.  `ext` is '' or 'zext' or 'sext' (integers under 32 bits).
    `byval` and `sret` are (size, align) of the memory behind a pointer parameter, else None.  `nest`: in the register
    for static chains of nested functions, which is no other parameter's."""

    type: Type
    ext: str = ""
    byval: tuple[int, int] | None = None
    sret: tuple[int, int] | None = None
    nest: bool = False


@dataclass(frozen=True, slots=True)
class Sig:
    """A lowered function type.  `rets` has no element for void, two or more for a struct in registers.
    `ret_ext` is the extension of a single integer result, as for parameters."""

    params: tuple[ParamSpec, ...] = ()
    rets: tuple[Type, ...] = ()
    variadic: bool = False
    ret_ext: str = ""


# ---- ops ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bin:
    """`dst = op a, b`.  op: add sub mul sdiv udiv srem urem shl lshr ashr and or xor fadd fsub fmul fdiv.
    flags: subset of {'nsw', 'nuw', 'exact'}."""

    dst: Reg
    op: str
    a: Operand
    b: Operand
    flags: frozenset[str] = frozenset()
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Cmp:
    """`dst = cmp pred a, b`, dst is i1 (a vector compare gives lanes of i1 widened by the builder).
    pred: eq ne slt sle sgt sge ult ule ugt uge, and for floats foeq fune folt fole fogt foge fuo ford,
    and fqlt fqle fqgt fqge, which raise no exception for a quiet NaN."""

    dst: Reg
    pred: str
    a: Operand
    b: Operand
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Cast:
    """`dst = op a`.  op: trunc zext sext fptrunc fpext fptosi fptoui sitofp uitofp bitcast ptrtoint inttoptr fneg."""

    dst: Reg
    op: str
    a: Operand
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Select:
    """`dst = cond ? a : b` without control flow; cond is i1."""

    dst: Reg
    cond: Operand
    a: Operand
    b: Operand
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Load:
    """Reads dst.type at `ptr`.  `order` is '' or a C11 memory order (relaxed acquire seq_cst), or 'unordered': an
    ordinary read that is not joined with one of the bytes beside it.  `alias` is '' or names the effective type
    (C11 6.5p7): accesses with two different names never touch the same object.  A 'bool' holds 0 or 1."""

    dst: Reg
    ptr: Operand
    align: int
    volatile: bool = False
    order: str = ""
    loc: Loc = NO_LOC
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """Writes `value` at `ptr`.  `order` is '' or relaxed, release, seq_cst; `alias` as for Load."""

    ptr: Operand
    value: Operand
    align: int
    volatile: bool = False
    order: str = ""
    loc: Loc = NO_LOC
    alias: str = ""


@dataclass(frozen=True, slots=True)
class PtrAdd:
    """`dst = base + offset` bytes; offset is i64, signed.  `inbounds`: overflow is undefined, as in C arrays."""

    dst: Reg
    base: Operand
    offset: Operand
    inbounds: bool = True
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class MemCopy:
    """Copies `size` bytes (a constant or i64) from `src` to `dst_ptr`; the areas are equal or do not overlap."""

    dst_ptr: Operand
    src: Operand
    size: Operand
    dst_align: int = 1
    src_align: int = 1
    volatile: bool = False
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class MemSet:
    """Sets `size` bytes at `ptr` to the i8 `value`."""

    ptr: Operand
    value: Operand
    size: Operand
    align: int = 1
    volatile: bool = False
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Call:
    """A native call.  `dsts` is empty or has one register per `sig.rets`.  attrs: subset of
    {'noreturn', 'returns_twice', 'preserve_most', 'win64', 'alwaysinline', 'noinline', 'cold'}.  `unwind` is what an
    exception that leaves the call runs: pairs of a function and the address that it is called with (-fexceptions)."""

    dsts: tuple[Reg, ...]
    callee: Operand
    args: tuple[Operand, ...]
    sig: Sig
    attrs: frozenset[str] = frozenset()
    loc: Loc = NO_LOC
    unwind: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """An operation of the machine or the compiler, by LLVM's name without prefix and type suffix:
    ctlz cttz ctpop bswap bitreverse fabs sqrt copysign trap debugtrap readcyclecounter prefetch frameaddress
    returnaddress expect va_start va_end va_copy sadd_overflow uadd_overflow ssub_overflow usub_overflow smul_overflow
    umul_overflow stacksave stackrestore stackpointer (a stacksave that nothing restores) is_constant ...; area_save
    area_alloc area_restore (pass `area`; gone after split).  The overflow family has two dsts (value, i1).
    `lifetime_end` of a local: its block was left, so its value and every pointer to it are of no use any more; only
    analysis reads this."""

    dsts: tuple[Reg, ...]
    name: str
    args: tuple[Operand, ...]
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Alloca:
    """`size` (i64) bytes of stack, freed at return or by stackrestore: VLA and alloca()."""

    dst: Reg
    size: Operand
    align: int
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class AtomicRmw:
    """`dst = *ptr; *ptr = dst op value`, atomically.  op: xchg add sub and or xor nand max min umax umin."""

    dst: Reg
    op: str
    ptr: Operand
    value: Operand
    order: str
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class CmpXchg:
    """`old = *ptr; if (old == expected) *ptr = desired`, atomically; ok is i1."""

    old: Reg
    ok: Reg
    ptr: Operand
    expected: Operand
    desired: Operand
    order: str
    fail_order: str
    weak: bool = False
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Fence:
    """A memory fence; `scope` is '' or 'singlethread' (a compiler fence)."""

    order: str
    scope: str = ""
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Asm:
    """Inline assembly in LLVM's dialect of gcc's constraints (AT&T text, `$0` operands).
    `elem_types` gives the pointee type of each indirect ('*m') operand, in argument order, else None."""

    dsts: tuple[Reg, ...]
    template: str
    constraints: str
    args: tuple[Operand, ...]
    elem_types: tuple[Type | None, ...] = ()
    side_effect: bool = True
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class ExtractLane:
    """`dst = vec[index]`; index is a constant or i32."""

    dst: Reg
    vec: Operand
    index: Operand
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class InsertLane:
    """`dst = vec with [index] = value`."""

    dst: Reg
    vec: Operand
    value: Operand
    index: Operand
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Shuffle:
    """`dst[i] = (a ++ b)[mask[i]]`; mask -1 is any value."""

    dst: Reg
    a: Operand
    b: Operand
    mask: tuple[int, ...]
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class CoCall:
    """A call through the coroutine convention; may suspend.  Only in Phase.BUILT.  In a plain function it is an
    error that the lints report (E0101)."""

    dst: Reg | None
    callee: Operand
    args: tuple[Operand, ...]
    sig: Sig
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class CoYield:
    """`qemu_coroutine_yield()`: always suspends.  Only in Phase.BUILT."""

    loc: Loc = NO_LOC


Op = (
    Bin
    | Cmp
    | Cast
    | Select
    | Load
    | Store
    | PtrAdd
    | MemCopy
    | MemSet
    | Call
    | Intrinsic
    | Alloca
    | AtomicRmw
    | CmpXchg
    | Fence
    | Asm
    | ExtractLane
    | InsertLane
    | Shuffle
    | CoCall
    | CoYield
)


# ---- terminators --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Jump:
    target: str
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Branch:
    """`if (cond) goto then; else goto other`; cond is i1; `likely` is the expected outcome or None."""

    cond: Operand
    then: str
    other: str
    likely: bool | None = None
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Switch:
    """`cases` are (value, label) with distinct values of value.type; a case range is one pair per value, or
    compares that the builder emits when the range is long."""

    value: Operand
    cases: tuple[tuple[int, str], ...]
    default: str
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class IndirectJump:
    """Computed goto: `targets` are all blocks of the function whose address is taken."""

    ptr: Operand
    targets: tuple[str, ...]
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Ret:
    """Returns `values`, one per result of the signature."""

    values: tuple[Operand, ...] = ()
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class TailCall:
    """`return callee(args)` that takes no stack (musttail): the signature equals the function's own."""

    callee: Operand
    args: tuple[Operand, ...]
    sig: Sig
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Unreachable:
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class AsmGoto:
    """`asm goto`: as Asm, and its text may jump to `labels`, which are its last operands (constraint `!i`); else
    control goes on in `next`.  Each result, of a type in `output_types`, is stored at its address in `outputs`
    wherever control goes on."""

    template: str
    constraints: str
    args: tuple[Operand, ...]
    elem_types: tuple[Type | None, ...]
    outputs: tuple[Operand, ...]
    output_types: tuple[Type, ...]
    next: str
    labels: tuple[str, ...]
    loc: Loc = NO_LOC


@dataclass(frozen=True, slots=True)
class Save:
    """A local that a suspension point stores in the frame and that its resume block finds again."""

    local: str
    offset: int


@dataclass(frozen=True, slots=True)
class Suspend:
    """A suspension point (Phase.CPS_FORM and FRAMED).  `call` is a CoCall or CoYield; control goes on in
    `resume`, whether the callee returned at once or the coroutine was suspended and entered again.  The call's
    result is only used through `call.dst`.  `state` numbers the suspension points of the function from 1, in
    source order; `saves` is filled in by spill."""

    call: CoCall | CoYield
    resume: str
    state: int = 0
    saves: tuple[Save, ...] = ()
    loc: Loc = NO_LOC


Terminator = Jump | Branch | Switch | IndirectJump | AsmGoto | Ret | TailCall | Unreachable | Suspend


# ---- containers ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Block:
    label: str
    ops: list[Op] = field(default_factory=list)
    term: Terminator = Unreachable()


@dataclass(slots=True)
class Local:
    """A piece of stack memory.  `type` is the scalar type when it holds one scalar, else None.  `source` is the C
    name, or '' for a temporary.  Contents are undefined at function entry; a loop body that declares a variable
    emits no op for it (C11 6.2.4p6: the value is indeterminate each time the declaration is reached)."""

    name: str
    size: int
    align: int
    type: Type | None = None
    source: str = ""
    loc: Loc = NO_LOC


@dataclass(slots=True)
class FrameSlot:
    """A local's place in the frame."""

    local: str
    offset: int
    size: int
    boxed: bool  # lives in the frame from entry on, because its address escapes


@dataclass(slots=True)
class FrameLayout:
    """The coroutine frame of one function: header (abi.py), then the slots.  `boxed`: the frame is taken at
    entry, not at the first suspension."""

    size: int
    align: int
    slots: list[FrameSlot]
    boxed: bool
    state_offset: int  # of the u32 state, or 0 when the function has a single suspension point
    record: bool = False  # batches can hang on the frame: it has the fields that say where they begin (abi.py)


@dataclass(slots=True)
class InlinedCall:
    """A call whose callee's body stands in this function: of the function `name`, declared at `loc`, at the place
    `call` (whose own `inlined` says whether that, too, was inlined).  The ops of the body have positions with `inlined`
    set, and scopes of `debug`."""

    name: str
    loc: Loc
    call: Loc
    debug: DebugFunction | None = None


@dataclass(slots=True)
class Function:
    """`color` is 'plain', 'coroutine' or 'mixed'.  `linkage`: external internal weak linkonce available_externally.
    attrs: subset of {'noreturn', 'noinline', 'alwaysinline', 'cold', 'hot', 'naked', 'returns_twice', 'constructor',
    'destructor', 'used', 'preserve_most', 'win64' (a calling convention), 'no_coroutine', 'optnone', 'keep_variables',
    'noimplicitfloat', 'stackrealign' (the caller's stack may be out of line), and 'cpu.NAME' for features of x86 that
    it may use (x86_features.py)}; values for section, visibility, alias are fields.  A declaration has no blocks.  The
    first block is the entry, without predecessors."""

    name: str
    sig: Sig
    params: list[Reg] = field(default_factory=list)
    locals: dict[str, Local] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    color: str = "plain"
    phase: Phase = Phase.BUILT
    linkage: str = "external"
    visibility: str = "default"
    section: str = ""
    align: int = 0
    attrs: frozenset[str] = frozenset()
    priority: int = 65535  # of a constructor or destructor
    frame: FrameLayout | None = None
    descriptor: str = ""  # SPLIT resume functions: the global that describes the suspension points (abi.py)
    next_id: int = 0  # fresh names: the only counter, so that dumps are deterministic
    loc: Loc = NO_LOC
    debug: DebugFunction | None = None
    inlined: list[InlinedCall] = field(default_factory=list)

    def fresh(self, stem: str) -> str:
        """A name not used before in this function for registers, locals and labels made by cpc."""
        self.next_id += 1
        return f"{stem}.{self.next_id}"

    @property
    def is_declaration(self) -> bool:
        return not self.blocks


@dataclass(frozen=True, slots=True)
class DataBytes:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class DataZero:
    size: int


@dataclass(frozen=True, slots=True)
class DataAddr:
    """8 bytes: the address of `symbol` plus `addend`."""

    symbol: str
    addend: int = 0

    @property
    def size(self) -> int:
        return 8


@dataclass(frozen=True, slots=True)
class DataLabel:
    """`size` bytes: the address of a block (size 8), or, with `minus`, a difference of two block addresses."""

    function: str
    label: str
    minus: str = ""
    size: int = 8


DataPiece = DataBytes | DataZero | DataAddr | DataLabel


@dataclass(slots=True)
class Global:
    """A variable.  `init` is None for a declaration; the pieces' sizes add up to `size`.
    `linkage` as for functions, and 'common'.  `tls`: '' or generaldynamic localdynamic initialexec localexec."""

    name: str
    size: int
    align: int
    init: list[DataPiece] | None
    linkage: str = "external"
    visibility: str = "default"
    constant: bool = False
    unnamed: bool = False  # the address does not matter: equal string literals may be merged
    tls: str = ""
    section: str = ""
    used: bool = False
    loc: Loc = NO_LOC
    debug: DebugGlobal | None = None


@dataclass(slots=True)
class Alias:
    """Another name for `target`; with `ifunc` for what the function `target` returns when the program is loaded."""

    name: str
    target: str
    linkage: str = "external"
    visibility: str = "default"
    is_function: bool = True
    ifunc: bool = False


@dataclass(slots=True)
class Module:
    """One translation unit.  Dictionaries keep source order; names are assembler names."""

    name: str
    functions: dict[str, Function] = field(default_factory=dict)
    globals: dict[str, Global] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    asm: list[str] = field(default_factory=list)  # file-scope asm, in order
    types: list[DebugType] = field(default_factory=list)  # of variables, for debuggers

    def behind(self, alias: Alias) -> str:
        """The function, variable or ifunc at the end of a chain of aliases, which is no circle."""
        target = alias.target
        while target in self.aliases and not self.aliases[target].ifunc:
            target = self.aliases[target].target
        return target
