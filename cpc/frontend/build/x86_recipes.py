"""How the builtins of x86_builtins.txt are built: one function for each word that a recipe begins with.

A recipe gets the operands in order (constants as ints) and the types of the parameters and of the result.  Where lanes
are moved, added or converted it emits ordinary operations: LLVM finds the instruction again, and folds what is
constant.  256-bit vectors are mostly two vectors of 128 bits beside each other; `_per_half` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cpc.ir import ops as ir
from cpc.ir.types import F64, I1, I8, I32, I64, IntType, Type, VecType, store_size

if TYPE_CHECKING:
    from cpc.frontend.build.builder import Builder

_HALF = 16  # bytes: the lanes of the older units, which most instructions on wider vectors keep to


@dataclass(frozen=True, slots=True)
class _Call:
    b: Builder
    operands: Sequence[Any]
    params: Sequence[Type]
    result: Type | None

    @property
    def vector(self) -> VecType:
        """The type of the result, a vector."""
        assert isinstance(self.result, VecType)
        return self.result

    def constant(self, index: int, words: Sequence[str] = ()) -> int:
        return int(words[0]) if words else int(self.operands[index])


def build(
    b: Builder, recipe: Sequence[str], operands: Sequence[Any], params: Sequence[Type], result: Type | None
) -> Any:
    """The operand that the builtin returns, or None."""
    return _RECIPES[recipe[0]](_Call(b, operands, params, result), recipe[1:])


# ---- LLVM's intrinsics ----------------------------------------------------------------------------------------


def _llvm(c: _Call, words: Sequence[str]) -> Any:
    """A comparison of lane 0 is i32; a name's own arguments are `$0` and constants."""
    name, *rest = words
    chosen = rest or [f"${i}" for i in range(len(c.operands))]
    args = []
    for word in chosen:
        if not word.startswith("$"):
            args.append(ir.Const(I8, int(word)))
            continue
        operand, type_ = c.operands[int(word[1:])], c.params[int(word[1:])]
        args.append(ir.Const(type_, operand) if isinstance(operand, int) else operand)
    return c.b.em.intrinsic(f"x86.{name}", args, c.result)


def _control_register(c: _Call, words: Sequence[str]) -> Any:
    """`ldmxcsr value`, `stmxcsr`: LLVM wants them in memory."""
    place = c.b.em.scalar_local("mxcsr", I32)
    if words[0] == "ldmxcsr":
        c.b.em.store(place, c.operands[0])
    c.b.em.intrinsic(f"x86.sse.{words[0]}", (place,))
    return c.b.em.load(I32, place) if words[0] == "stmxcsr" else None


def _random(c: _Call, words: Sequence[str]) -> Any:
    """Stores a random number; 1 when there was one."""
    value, ok = c.b.em.reg(IntType(int(words[0].partition(".")[2]))), c.b.em.reg(I32)
    c.b.em.add(ir.Intrinsic((value, ok), f"x86.{words[0]}", (), c.b.em.loc))
    c.b.em.store(c.operands[0], value, align=1)
    return ok


def _with_carry(c: _Call, words: Sequence[str]) -> Any:
    """`op(carry, x, y, &result)`; the result is the carry out."""
    carry_in, x, y, place = c.operands
    carry, value = c.b.em.reg(I8), c.b.em.reg(x.type)
    c.b.em.add(ir.Intrinsic((carry, value), f"x86.{words[0]}", (carry_in, x, y), c.b.em.loc))
    c.b.em.store(place, value, align=1)
    return carry


# ---- every lane -----------------------------------------------------------------------------------------------


def _each(c: _Call, words: Sequence[str]) -> Any:
    return c.b.em.unary(words[0], *c.operands)


def _absolute(c: _Call, words: Sequence[str]) -> Any:
    return c.b.em.unary("abs", c.operands[0], ir.Const(I1, 0))


def _bits(c: _Call, words: Sequence[str]) -> Any:
    """On floating lanes too; `andn` inverts the first operand."""
    whole = VecType(I64, store_size(c.vector) // 8)
    x, y = (c.b.em.cast("bitcast", operand, whole) for operand in c.operands)
    if words[0] == "andn":
        x = c.b.em.bin("xor", x, ir.Const(whole, (1 << 64 * whole.count) - 1))
    op = "and" if words[0] == "andn" else words[0]
    return c.b.em.cast("bitcast", c.b.em.bin(op, x, y), c.vector)


def _widen(c: _Call, words: Sequence[str]) -> Any:
    """Converts as many of the low lanes as the result has."""
    count = c.vector.count
    low = _pick_lanes(c.b, c.operands[0], c.operands[0], range(count))
    return c.b.em.cast(words[0], low, c.vector)


def _multiply_even(c: _Call, words: Sequence[str]) -> Any:
    """The lower half of each lane of the result, extended, times that of the other."""
    extended = []
    for operand in c.operands:
        wide = c.b.em.cast("bitcast", operand, c.vector)
        if words[0] == "unsigned":
            extended.append(c.b.em.bin("and", wide, _all(c.vector, 0xFFFFFFFF)))
        else:
            up = c.b.em.bin("shl", wide, _all(c.vector, 32))
            extended.append(c.b.em.bin("ashr", up, _all(c.vector, 32)))
    return c.b.em.bin("mul", extended[0], extended[1])


def _fused(c: _Call, words: Sequence[str]) -> Any:
    """`(+-)(x * y) (+-) z`, rounded once."""
    return _fma(c, c.operands, words)


def _fma(c: _Call, operands: Sequence[Any], signs: Sequence[str]) -> Any:
    x, y, z = operands
    x = c.b.em.cast("fneg", x, x.type) if signs[0] == "-" else x
    z = c.b.em.cast("fneg", z, z.type) if signs[1] == "-" else z
    return c.b.em.unary("fma", x, y, z)


def _fused_alternating(c: _Call, words: Sequence[str]) -> Any:
    """Subtracts in even lanes, adds in odd ones."""
    minus, plus = _fma(c, c.operands, "+-"), _fma(c, c.operands, "++")
    count = c.vector.count
    return _pick_lanes(c.b, minus, plus, [i + count * (i & 1) for i in range(count)])


# ---- lane 0; the others are those of the first operand --------------------------------------------------------


def _scalar(c: _Call, words: Sequence[str]) -> Any:
    x, y = (_extract(c.b, operand, 0) for operand in c.operands)
    return _insert(c.b, c.operands[0], c.b.em.bin(words[0], x, y))


def _scalar_sqrt(c: _Call, words: Sequence[str]) -> Any:
    return _insert(c.b, c.operands[0], c.b.em.unary("sqrt", _extract(c.b, c.operands[0], 0)))


def _fused_low(c: _Call, words: Sequence[str]) -> Any:
    lanes = [_extract(c.b, operand, 0) for operand in c.operands]
    return _insert(c.b, c.operands[0], _fma(c, lanes, words))


def _set_low(c: _Call, words: Sequence[str]) -> Any:
    """The second operand, or its lane 0, converted."""
    value = c.operands[1]
    value = _extract(c.b, value, 0) if isinstance(value.type, VecType) else value
    return _insert(c.b, c.operands[0], c.b.em.cast(words[0], value, c.vector.lane))


def _count(c: _Call, words: Sequence[str]) -> Any:
    return c.b.em.unary(words[0], c.operands[0], ir.Const(I1, 0))


# ---- moving lanes ---------------------------------------------------------------------------------------------


def _pick(c: _Call, words: Sequence[str]) -> Any:
    return _pick_lanes(c.b, c.operands[0], c.operands[-1], [int(word) for word in words])


def _per_half(type_: VecType, lane: Callable[[int], int]) -> list[int]:
    """Which lane goes where when each 128 bits are on their own: `lane(i)` is an index into two operands' halves of
    the same place, which follow each other."""
    wide = min(_HALF // (type_.lane.bits // 8), type_.count)
    picks = []
    for i in range(type_.count):
        base, found = i - i % wide, lane(i % wide)
        picks.append(base + found if found < wide else type_.count + base + found - wide)
    return picks


def _unpack(c: _Call, words: Sequence[str]) -> Any:
    """Interleaves the lower or upper lanes of both operands."""
    wide = _HALF // (c.vector.lane.bits // 8)
    first = wide // 2 if words[0] == "high" else 0
    return _shuffle_halves(c, lambda i: first + i // 2 + (wide if i % 2 else 0))


def _shuffle_halves(c: _Call, lane: Callable[[int], int]) -> Any:
    vectors = [operand for operand in c.operands if not isinstance(operand, int)]
    return _pick_lanes(c.b, vectors[0], vectors[-1], _per_half(c.vector, lane))


def _shuffle_one(c: _Call, words: Sequence[str]) -> Any:
    """Two bits of the constant for each lane of four.  Of two lanes: one bit, and each half has bits of its own."""
    mask = c.constant(1)
    if c.vector.lane.bits == 32:
        return _shuffle_halves(c, lambda i: mask >> 2 * i & 3)
    picks = [i - i % 2 + (mask >> i & 1) for i in range(c.vector.count)]
    return _pick_lanes(c.b, c.operands[0], c.operands[0], picks)


def _shuffle_two(c: _Call, words: Sequence[str]) -> Any:
    """The lower lanes are chosen from the first operand, the upper ones from the second."""
    mask = c.constant(2)
    if c.vector.lane.bits == 32:
        return _shuffle_halves(c, lambda i: (mask >> 2 * i & 3) + (4 if i >= 2 else 0))
    count = c.vector.count
    picks = [i - i % 2 + (mask >> i & 1) + (count if i % 2 else 0) for i in range(count)]
    return _pick_lanes(c.b, c.operands[0], c.operands[1], picks)


def _shuffle_words(c: _Call, words: Sequence[str]) -> Any:
    """Among the lower or upper four of eight."""
    mask, first = c.constant(1), 4 if words[0] == "high" else 0
    return _shuffle_halves(c, lambda i: first + (mask >> 2 * (i - first) & 3) if i // 4 * 4 == first else i)


def _shuffle_across(c: _Call, words: Sequence[str]) -> Any:
    mask = c.constant(1)
    return _pick_lanes(c.b, c.operands[0], c.operands[0], [mask >> 2 * i & 3 for i in range(4)])


def _shift_bytes(c: _Call, words: Sequence[str]) -> Any:
    """By a number of bits that is a multiple of 8, with zeros."""
    count = min(c.constant(1) // 8, _HALF)
    x = c.b.em.cast("bitcast", c.operands[0], _bytes(c.vector))
    zero = c.b.em.zero(x.type)
    if words[0] == "left":
        picks = _per_half(_bytes(c.vector), lambda i: _HALF + i - count if i >= count else 0)
        return c.b.em.cast("bitcast", _pick_lanes(c.b, zero, x, picks), c.vector)
    picks = _per_half(_bytes(c.vector), lambda i: i + count)
    return c.b.em.cast("bitcast", _pick_lanes(c.b, x, zero, picks), c.vector)


def _align_bytes(c: _Call, words: Sequence[str]) -> Any:
    """16 bytes out of 32: the second operand below the first, shifted down, by bits."""
    count = min(c.constant(2) // 8, 2 * _HALF)
    high, low = (c.b.em.cast("bitcast", operand, _bytes(c.vector)) for operand in c.operands[:2])
    if count >= _HALF:
        low, high, count = high, c.b.em.zero(high.type), count - _HALF
    picks = _per_half(_bytes(c.vector), lambda i: i + count)
    return c.b.em.cast("bitcast", _pick_lanes(c.b, low, high, picks), c.vector)


def _blend(c: _Call, words: Sequence[str]) -> Any:
    """A bit of the constant for each lane (for 16 lanes, the same again)."""
    mask, count = c.constant(2), c.vector.count
    return _pick_lanes(c.b, c.operands[0], c.operands[1], [i + count * (mask >> i % 8 & 1) for i in range(count)])


def _low_half(c: _Call, words: Sequence[str]) -> Any:
    return _pick_lanes(c.b, c.operands[0], c.b.em.zero(c.vector), (0, 2))


def _splat_low(c: _Call, words: Sequence[str]) -> Any:
    return _pick_lanes(c.b, c.operands[0], c.operands[0], [0] * c.vector.count)


# ---- halves of 256 bits ---------------------------------------------------------------------------------------


def _take_half(c: _Call, words: Sequence[str]) -> Any:
    first = c.vector.count * (c.constant(1, words) & 1)
    return _pick_lanes(c.b, c.operands[0], c.operands[0], range(first, first + c.vector.count))


def _put_half(c: _Call, words: Sequence[str]) -> Any:
    count, half = c.vector.count, c.vector.count // 2
    wide = _pick_lanes(c.b, c.operands[1], c.operands[1], [i % half for i in range(count)])
    upper = c.constant(2) & 1
    return _pick_lanes(c.b, c.operands[0], wide, [i + count * (i // half == upper) for i in range(count)])


def _permute_halves(c: _Call, words: Sequence[str]) -> Any:
    """Four bits for each half: one of four halves, or zero."""
    mask, count, half = c.constant(2), c.vector.count, c.vector.count // 2
    chosen = [
        half * (mask >> shift & 3) + lane if not mask >> shift & 8 else -1 for shift in (0, 4) for lane in range(half)
    ]
    moved = _pick_lanes(c.b, c.operands[0], c.operands[1], [max(pick, 0) for pick in chosen])
    picks = [i + (count if pick < 0 else 0) for i, pick in enumerate(chosen)]
    return _pick_lanes(c.b, moved, c.b.em.zero(c.vector), picks)


def _grow(c: _Call, words: Sequence[str]) -> Any:
    """The upper half is anything."""
    half = c.vector.count // 2
    return _pick_lanes(c.b, c.operands[0], ir.Undef(c.operands[0].type), range(2 * half))


def _repeat(c: _Call, words: Sequence[str]) -> Any:
    half = c.vector.count // 2
    return _pick_lanes(c.b, c.operands[0], c.operands[0], [*range(half), *range(half)])


# ---- memory ---------------------------------------------------------------------------------------------------


def _load(c: _Call, words: Sequence[str]) -> Any:
    return c.b.em.load(c.vector, c.operands[0], align=store_size(c.vector))


def _store(c: _Call, words: Sequence[str]) -> Any:
    """Past the caches on the machine, a hint that is not passed on."""
    place, value = c.operands
    c.b.em.store(place, value, align=store_size(value.type))


def _repeat_memory(c: _Call, words: Sequence[str]) -> Any:
    half = VecType(c.vector.lane, c.vector.count // 2)
    value = c.b.em.load(half, c.operands[0], align=1)
    return _pick_lanes(c.b, value, value, [*range(half.count), *range(half.count)])


def _splat_memory(c: _Call, words: Sequence[str]) -> Any:
    first = _insert(c.b, ir.Undef(c.vector), c.b.em.load(c.vector.lane, c.operands[0], align=1))
    return _pick_lanes(c.b, first, first, [0] * c.vector.count)


def _load_half(c: _Call, words: Sequence[str]) -> Any:
    """Eight bytes, into the upper or lower half."""
    pair = c.b.em.cast("bitcast", c.operands[0], VecType(F64, 2))
    loaded = c.b.em.load(F64, c.operands[1], align=1)
    return c.b.em.cast("bitcast", _insert(c.b, pair, loaded, int(words[0] == "high")), c.vector)


def _store_half(c: _Call, words: Sequence[str]) -> Any:
    pair = c.b.em.cast("bitcast", c.operands[1], VecType(F64, 2))
    c.b.em.store(c.operands[0], _extract(c.b, pair, int(words[0] == "high")), align=1)


# ---- helpers --------------------------------------------------------------------------------------------------


def _pick_lanes(b: Builder, x: ir.Operand, y: ir.Operand, picks: Iterable[int]) -> ir.Operand:
    mask = tuple(picks)
    assert isinstance(x.type, VecType)
    dst = b.em.reg(VecType(x.type.lane, len(mask)))
    b.em.add(ir.Shuffle(dst, x, y, mask, b.em.loc))
    return dst


def _extract(b: Builder, vector: ir.Operand, lane: int) -> ir.Operand:
    assert isinstance(vector.type, VecType)
    dst = b.em.reg(vector.type.lane)
    b.em.add(ir.ExtractLane(dst, vector, ir.Const(I32, lane), b.em.loc))
    return dst


def _insert(b: Builder, vector: ir.Operand, value: ir.Operand, lane: int = 0) -> ir.Operand:
    dst = b.em.reg(vector.type)
    b.em.add(ir.InsertLane(dst, vector, value, ir.Const(I32, lane), b.em.loc))
    return dst


def _all(type_: VecType, value: int) -> ir.Const:
    return ir.Const(type_, sum(value << type_.lane.bits * i for i in range(type_.count)))


def _bytes(type_: VecType) -> VecType:
    return VecType(I8, store_size(type_))


_RECIPES: dict[str, Callable[[_Call, Sequence[str]], Any]] = {
    "llvm": _llvm,
    "control_register": _control_register,
    "random": _random,
    "with_carry": _with_carry,
    "each": _each,
    "absolute": _absolute,
    "bits": _bits,
    "widen": _widen,
    "multiply_even": _multiply_even,
    "fused": _fused,
    "fused_alternating": _fused_alternating,
    "scalar": _scalar,
    "scalar_sqrt": _scalar_sqrt,
    "fused_low": _fused_low,
    "set_low": _set_low,
    "count": _count,
    "pick": _pick,
    "unpack": _unpack,
    "shuffle_one": _shuffle_one,
    "shuffle_two": _shuffle_two,
    "shuffle_words": _shuffle_words,
    "shuffle_across": _shuffle_across,
    "shift_bytes": _shift_bytes,
    "align_bytes": _align_bytes,
    "blend": _blend,
    "low_half": _low_half,
    "splat_low": _splat_low,
    "take_half": _take_half,
    "put_half": _put_half,
    "permute_halves": _permute_halves,
    "grow": _grow,
    "repeat": _repeat,
    "load": _load,
    "store": _store,
    "repeat_memory": _repeat_memory,
    "splat_memory": _splat_memory,
    "load_half": _load_half,
    "store_half": _store_half,
}
