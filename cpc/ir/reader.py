"""Text -> IR, the inverse of printer.py, so that a pass is testable alone; ir.lark is the grammar.

Requires: text in the printer's form.  Hand-written text may leave out positions; a source position without a file
means the function's own file.  Establishes: a Module that prints the same text again; nothing is verified
(verify.py does), so that the verifier can be tested with text.  Raises IRError with file:line:column.

A register's type stands where it is defined, and a use may come first in the text.  A function with such a use is
built twice: the first time to learn the types.  A register that nothing defines has the type that its context
expects; the verifier reports it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from cpc.ir import ops as o
from cpc.ir.errors import IRError
from cpc.ir.printer import COLORS
from cpc.ir.types import F32, I1, I8, I32, I64, PTR, FloatType, IntType, PtrType, Type, VecType, store_size

_LINKAGES = {"external", "internal", "weak", "linkonce", "available_externally", "common"}
_VISIBILITIES = {"default", "hidden", "protected"}
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_LOC = re.compile(r";[ \t]*(.*?):(\d+)(?::(\d+))?\Z", re.S)
_NAMED_COLORS = {word: color for color, word in COLORS.items()}


def read_module(text: str, filename: str = "<ir>") -> o.Module:
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise IRError(*_syntax_error(error, text, filename)) from None
    return _module(tree, filename)


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "ir.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True)


def _syntax_error(error: UnexpectedInput, text: str, filename: str) -> tuple[str, str]:
    where = f"{filename}:{error.line}:{error.column}"
    match error:
        case UnexpectedToken():
            found = str(error.token) or "end of file"
            wanted = ", ".join(sorted(error.accepts or error.expected)[:12])
            return f"unexpected '{found}', expected {wanted}", where
        case UnexpectedCharacters():
            line = text.splitlines()[error.line - 1]
            return f"unexpected '{line[error.column - 1 :][:20]}'", where
    return "unexpected end of file", where


# ---- words --------------------------------------------------------------------------------------------------


def unquote(text: str) -> str:
    """The inverse of printer.name_text and printer.quote."""
    return _ESCAPE.sub(_unescape, text[1:-1]) if text.startswith('"') else str(text)


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "t": "\t"}.get(match[2], match[2])


def _unquote_bytes(text: str) -> bytes:
    pieces = re.finditer(r"\\([0-9a-f]{2})|.", text[1:-1], re.S)
    return bytes(int(m[1], 16) if m[1] else ord(m[0]) for m in pieces)


def _type(text: str) -> Type:
    kind, bits = text[0], text[1:]
    if kind == "p":
        return PTR
    if kind == "v":
        count, lane, lane_bits = re.split(r"([if])", bits)
        return VecType(IntType(int(lane_bits)) if lane == "i" else FloatType(int(lane_bits)), int(count))
    return IntType(int(bits)) if kind == "i" else FloatType(int(bits))


def _types(tree: Tree[Token]) -> tuple[Type, ...]:
    return tuple(_type(token) for token in _kids(tree))


def _name(tree: Tree[Token]) -> str:
    return unquote(str(tree.children[0]))


def _names(tree: Tree[Token] | None) -> list[str]:
    return [_name(kid) for kid in _kids(tree)] if tree else []


def _kids(tree: Tree[Token]) -> list[Any]:
    """The children that are there: an empty optional list is one None."""
    return [kid for kid in tree.children if kid is not None]


def _global_addr(text: str) -> o.GlobalAddr:
    match = re.fullmatch(r'@("(?:[^"\\]|\\.)*"|[^+-]+)([+-]\d+)?', text)
    assert match is not None, text
    return o.GlobalAddr(unquote(match[1]), int(match[2] or 0))


def _loc(token: Token | None, file: str) -> o.Loc:
    match = _LOC.match(token) if token else None
    if match is None:
        return o.NO_LOC
    return o.Loc(unquote(match[1]) if match[1] else file, int(match[2]), int(match[3] or 0))


def _literal(token: Token, type_: Type, where: str) -> o.Const | o.Undef:
    """The inverse of printer.operand_text for constants."""
    match token.type, type_:
        case "UNDEF", _:
            return o.Undef(type_)
        case "NULL", PtrType():
            return o.Const(type_, 0)
        case "INT", IntType(bits):
            value = int(token)
            return o.Const(type_, value if value >= 0 else value + (1 << bits))
        case "HEX", FloatType() | PtrType() | VecType():
            return o.Const(type_, int(token, 16))
        case "FLOAT", FloatType(32 | 64):
            raw = struct.pack("<f" if type_ == F32 else "<d", float(token))
            return o.Const(type_, int.from_bytes(raw, "little"))
    raise IRError(f"'{token}' is not a constant of type {type_}", where)


# ---- module level -------------------------------------------------------------------------------------------


def _module(tree: Tree[Token], filename: str) -> o.Module:
    name, *items = tree.children
    module = o.Module(unquote(str(name)))
    for item in items:
        assert isinstance(item, Tree)
        match item.data:
            case "asm_text":
                module.asm.append(unquote(str(item.children[0])))
            case "global":
                _add(module.globals, g := _global(item, filename), g.name, item, filename)
            case "alias":
                _add(module.aliases, a := _alias(item, filename), a.name, item, filename)
            case "function":
                fn = _FunctionReader(filename).read(item)
                _add(module.functions, fn, fn.name, item, filename)
    return module


def _add(table: dict[str, Any], value: Any, name: str, tree: Tree[Token], filename: str) -> None:
    if name in table:
        raise IRError(f"'{name}' is defined twice", _where(tree, filename))
    table[name] = value


def _where(at: Tree[Token] | Token, filename: str) -> str:
    token = at if isinstance(at, Token) else next(at.scan_values(lambda _: True))
    return f"{filename}:{token.line}:{token.column}"


def _global(tree: Tree[Token], filename: str) -> o.Global:
    name, size, align, *items, init, loc = tree.children
    pieces = None if init is None else [_piece(kid) for kid in _kids(init)]  # type: ignore[arg-type]
    g = o.Global(_global_addr(str(name)).name, int(size), int(align), pieces, loc=_loc(loc, ""))  # type: ignore
    for item in items:
        assert isinstance(item, Tree)
        value = str(item.children[0])
        match item.data:
            case "item_tls":
                g.tls = value
            case "item_section":
                g.section = unquote(value)
            case _ if value in ("constant", "unnamed", "used"):
                setattr(g, value, True)
            case _:
                _link_word(g, value, item, filename)
    return g


def _piece(tree: Tree[Token]) -> o.DataPiece:
    kids = [None if kid is None else str(kid) for kid in tree.children]
    match tree.data, kids:
        case "piece_bytes", [str(text)]:
            return o.DataBytes(_unquote_bytes(text))
        case "piece_zero", [str(text)]:
            return o.DataZero(int(text))
        case "piece_addr", [str(text)]:
            target = _global_addr(text)
            return o.DataAddr(target.name, target.offset)
        case _, [str(function), str(label), minus, str(size)]:
            less = unquote(minus[2:]) if minus else ""
            return o.DataLabel(unquote(function[1:]), unquote(label[2:]), less, int(size))
    raise AssertionError(tree.data)


def _alias(tree: Tree[Token], filename: str) -> o.Alias:
    name, target, *words = tree.children
    alias = o.Alias(_global_addr(str(name)).name, _global_addr(str(target)).name)
    for word in words:
        assert isinstance(word, Token)
        if word == "object":
            alias.is_function = False
        else:
            _link_word(alias, str(word), word, filename)
    return alias


def _link_word(thing: o.Global | o.Alias | o.Function, word: str, at: Tree[Token] | Token, filename: str) -> None:
    if word in _LINKAGES:
        thing.linkage = word
    elif word in _VISIBILITIES:
        thing.visibility = word
    else:
        raise IRError(f"unknown word '{word}'", _where(at, filename))


# ---- functions ----------------------------------------------------------------------------------------------


class _FunctionReader:
    """Reads one function.  `types` are the registers seen so far, `early` says that one was used before."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.file = ""
        self.types: dict[str, Type] = {}
        self.early = False

    def read(self, tree: Tree[Token]) -> o.Function:
        color, name, params, rets, *items, body, loc = tree.children
        assert isinstance(params, Tree)
        fn = o.Function(_global_addr(str(name)).name, o.Sig(), color=_NAMED_COLORS[str(color)])
        fn.params, fn.sig = self._params(params, rets)
        for item in items:
            self._item(fn, item)
        fn.loc = _loc(body.children[0] if isinstance(body, Tree) else loc, "")  # type: ignore[arg-type]
        self.file = fn.loc.file
        if isinstance(body, Tree):
            _, frame, *rest = body.children
            fn.frame = self._frame(frame) if isinstance(frame, Tree) else None
            self._body(fn, rest)
            if self.early:
                self._body(fn, rest)
        return fn

    def _params(self, tree: Tree[Token], rets: Any) -> tuple[list[o.Reg], o.Sig]:
        specs, regs, variadic = [], [], False
        for kid in _kids(tree):
            match kid.data:
                case "dots":
                    variadic = True
                case "param_named":
                    specs.append(_spec(kid.children[1]))
                    regs.append(self._define(kid.children[0], specs[-1].type))
                case _:
                    specs.append(_spec(kid.children[0]))
        types, ext = ((), "") if rets is None else _rets(rets)
        return regs, o.Sig(tuple(specs), types, variadic, ext)

    def _item(self, fn: o.Function, item: Any) -> None:
        value = item.children[0]
        match item.data:
            case "item_phase":
                if value not in o.Phase.__members__:
                    raise IRError(f"unknown phase '{value}'", _where(value, self.filename))
                fn.phase = o.Phase[value]
            case "item_section":
                fn.section = unquote(value)
            case "item_align":
                fn.align = int(value)
            case "item_attrs":
                fn.attrs = frozenset(_names(value))
            case "item_priority":
                fn.priority = int(value)
            case "item_descriptor":
                fn.descriptor = _global_addr(value).name
            case "item_next":
                fn.next_id = int(value)
            case _:
                _link_word(fn, str(value), item, self.filename)

    def _frame(self, tree: Tree[Token]) -> o.FrameLayout:
        size, align, state, boxed, *slots = tree.children
        layout = o.FrameLayout(int(size), int(align), [], boxed is not None, int(state or 0))  # type: ignore
        for slot in slots:
            if isinstance(slot, Tree):
                local, offset, slot_size, slot_boxed = slot.children
                local_name = unquote(str(local)[1:])
                layout.slots.append(
                    o.FrameSlot(local_name, int(str(offset)), int(str(slot_size)), slot_boxed is not None)
                )
        return layout

    def _body(self, fn: o.Function, items: list[Any]) -> None:
        fn.locals, fn.blocks = {}, {}
        for item in items:
            if item.data == "local":
                local = self._local(item)
                _add(fn.locals, local, local.name, item, self.filename)
            else:
                block = self._block(item)
                _add(fn.blocks, block, block.label, item, self.filename)

    def _local(self, tree: Tree[Token]) -> o.Local:
        # `local &x: 24 align 8` has four children, `local &x: i32 [size 8] align 4` five.
        name, *kind, align, source, loc = tree.children
        assert isinstance(name, Token)
        local_name = unquote(name[1:])
        type_ = _type(str(kind[0])) if len(kind) == 2 else None
        size = int(str(kind[-1])) if kind[-1] is not None else store_size(type_) if type_ else 0
        c_name = local_name
        if isinstance(source, Tree):
            c_name = unquote(str(source.children[0])) if source.children else ""
        return o.Local(local_name, size, int(str(align)), type_, c_name, self._loc(loc))

    def _block(self, tree: Tree[Token]) -> o.Block:
        label, *lines, last = tree.children
        block = o.Block(unquote(str(label)[:-1]))
        for line in lines:
            assert isinstance(line, Tree)
            op, loc = line.children
            block.ops.append(self._op(op, self._loc(loc)))
        assert isinstance(last, Tree)
        term, loc = last.children
        block.term = self._term(term, self._loc(loc))
        return block

    def _loc(self, token: Any) -> o.Loc:
        return _loc(token, self.file)

    # -- operands --

    def _define(self, token: Any, type_: Type) -> o.Reg:
        name = unquote(str(token)[1:])
        self.types[name] = type_
        return o.Reg(name, type_)

    def _dsts(self, tree: Any, types: Iterable[Type]) -> tuple[o.Reg, ...]:
        """The registers left of `=`, which have these types."""
        if tree is None:
            return ()
        wanted = tuple(types)
        if len(tree.children) != len(wanted):
            raise IRError(f"{len(tree.children)} results, expected {len(wanted)}", _where(tree, self.filename))
        return tuple(self._define(token, t) for token, t in zip(tree.children, wanted, strict=True))

    def _dst(self, tree: Any, type_: Type) -> o.Reg:
        return self._dsts(tree, (type_,))[0]

    def _value(self, tree: Any, expected: Type) -> o.Operand:
        token = tree.children[0]
        match tree.data:
            case "reg":
                name = unquote(str(token)[1:])
                self.early |= name not in self.types
                return o.Reg(name, self.types.get(name, expected))
            case "global_addr":
                return _global_addr(token)
            case "local_addr":
                return o.LocalAddr(unquote(str(token)[1:]))
            case "frame_addr":
                return o.FrameAddr(int(token[len("frame+") :]))
            case "block_addr":
                return o.BlockAddr(unquote(str(token)[2:]))
            case "with_type":
                return _literal(tree.children[1], _type(token), _where(token, self.filename))
        return _literal(token, expected, _where(token, self.filename))

    def _ptr(self, tree: Any) -> o.Operand:
        return self._value(tree, PTR)

    def _args(self, tree: Any, rets: Any) -> tuple[tuple[o.Operand, ...], o.Sig]:
        """A call's arguments and, from what is written with each, its signature."""
        args: list[o.Operand] = []
        specs: list[o.ParamSpec] = []
        variadic = False
        for kid in _kids(tree):
            if kid.data == "dots":
                variadic = True
                continue
            spec = _spec(kid.children[0])
            args.append(self._value(kid.children[1], spec.type))
            if not variadic:
                specs.append(spec)
        types, ext = _rets(rets)
        return tuple(args), o.Sig(tuple(specs), types, variadic, ext)

    # -- ops --

    def _op(self, tree: Any, loc: o.Loc) -> o.Op:
        """The operation of a tree: the rules of ir.lark in their order."""
        kids = tree.children
        match tree.data, kids:
            case "bin", [dst, kind, *flags, t, a, b]:
                t = _type(t)
                values = self._value(a, t), self._value(b, t)
                return o.Bin(self._dst(dst, t), str(kind), *values, frozenset(str(f) for f in flags), loc)
            case "cmp", [dst, pred, t, a, b]:
                t = _type(t)
                result = VecType(I1, t.count) if isinstance(t, VecType) else I1
                return o.Cmp(self._dst(dst, result), str(pred), self._value(a, t), self._value(b, t), loc)
            case "cast", [dst, kind, t, a, to]:
                return o.Cast(self._dst(dst, _type(to)), str(kind), self._value(a, _type(t)), loc)
            case "select", [dst, t, cond, a, b]:
                t = _type(t)
                three = self._value(cond, I1), self._value(a, t), self._value(b, t)
                return o.Select(self._dst(dst, t), *three, loc)
            case "load", [dst, t, ptr, align, memory]:
                words = self._memory(memory)
                return o.Load(self._dst(dst, _type(t)), self._ptr(ptr), int(align), *words, loc)
            case "store", [t, value, ptr, align, memory]:
                return o.Store(
                    self._ptr(ptr), self._value(value, _type(t)), int(align), *self._memory(memory), loc
                )
            case "ptradd", [dst, inbounds, base, offset]:
                values = self._ptr(base), self._value(offset, I64)
                return o.PtrAdd(self._dst(dst, PTR), *values, inbounds is not None, loc)
            case "memcpy", [to, source, size, to_align, source_align, memory]:
                area = self._ptr(to), self._ptr(source), self._value(size, I64)
                return o.MemCopy(*area, int(to_align), int(source_align), self._memory(memory)[0], loc)
            case "memset", [ptr, value, size, align, memory]:
                area = self._ptr(ptr), self._value(value, I8), self._value(size, I64)
                return o.MemSet(*area, int(align), self._memory(memory)[0], loc)
            case "alloca", [dst, size, align]:
                return o.Alloca(self._dst(dst, PTR), self._value(size, I64), int(align), loc)
            case "atomicrmw", [dst, kind, t, ptr, value, order]:
                t = _type(t)
                values = self._ptr(ptr), self._value(value, t)
                return o.AtomicRmw(self._dst(dst, t), str(kind), *values, str(order), loc)
            case "cmpxchg", [dsts, weak, t, ptr, expected, desired, order, fail]:
                t = _type(t)
                area = self._ptr(ptr), self._value(expected, t), self._value(desired, t)
                old, ok = self._dsts(dsts, (t, I1))
                return o.CmpXchg(old, ok, *area, str(order), str(fail), weak is not None, loc)
            case "fence", [order, scope]:
                return o.Fence(str(order), str(scope or ""), loc)
        return self._call_op(tree, loc) or self._vector_op(tree, loc)

    @staticmethod
    def _memory(tree: Any) -> tuple[bool, str]:
        words = [str(word) for word in tree.children]
        return "volatile" in words, next((word for word in words if word != "volatile"), "")

    def _call_op(self, tree: Any, loc: o.Loc) -> o.Op | None:
        match tree.data, tree.children:
            case "call", [dsts, attrs, rets, callee, args]:
                values, sig = self._args(args, rets)
                words = frozenset(_names(attrs))
                return o.Call(self._dsts(dsts, sig.rets), self._ptr(callee), values, sig, words, loc)
            case "cocall", _:
                return self._cocall(tree, loc)
            case "coyield", _:
                return o.CoYield(loc)
            case "intrinsic", [dsts, types, name, args]:
                values, _ = self._args(args, Tree("rets", [types, None]))
                return o.Intrinsic(self._dsts(dsts, _types(types)), _name(name), values, loc)
            case "asm_op", [dsts, volatile, types, template, constraints, *args]:
                given = [self._asm_arg(arg) for arg in args if arg is not None]
                return o.Asm(
                    self._dsts(dsts, _types(types)), unquote(template), unquote(constraints),
                    tuple(value for value, _, _ in given),
                    tuple(t for _, t, _ in given) if any(written for _, _, written in given) else (),
                    volatile is not None, loc,
                )
        return None

    def _cocall(self, tree: Any, loc: o.Loc) -> o.CoCall:
        dsts, rets, callee, args = tree.children
        values, sig = self._args(args, rets)
        regs = self._dsts(dsts, sig.rets)
        return o.CoCall(regs[0] if regs else None, self._ptr(callee), values, sig, loc)

    def _asm_arg(self, tree: Any) -> tuple[o.Operand, Type | None, bool]:
        """The operand, its pointee type if it has one, and whether `elem` is written."""
        t, elem, value = tree.children
        pointee = elem.children[0] if elem else None
        return self._value(value, _type(t)), _type(pointee) if pointee else None, elem is not None

    def _vector_op(self, tree: Any, loc: o.Loc) -> o.Op:
        _, t, *rest = tree.children
        dst, vec_type = tree.children[0], _type(t)
        lane = vec_type.lane if isinstance(vec_type, VecType) else vec_type
        match tree.data, rest:
            case "extractlane", [vec, index]:
                values = self._value(vec, vec_type), self._value(index, I32)
                return o.ExtractLane(self._dst(dst, lane), *values, loc)
            case "insertlane", [vec, value, index]:
                inserted = self._value(vec, vec_type), self._value(value, lane), self._value(index, I32)
                return o.InsertLane(self._dst(dst, vec_type), *inserted, loc)
            case "shuffle", [a, b, *mask]:
                lanes = tuple(int(m) for m in mask if m is not None)
                if isinstance(lane, PtrType):
                    raise IRError("a shuffle of pointers", _where(tree, self.filename))
                result = self._dst(dst, VecType(lane, len(lanes)) if isinstance(lane, IntType | FloatType) else PTR)
                return o.Shuffle(result, self._value(a, vec_type), self._value(b, vec_type), lanes, loc)
        raise AssertionError(tree.data)

    def _term(self, tree: Any, loc: o.Loc) -> o.Terminator:
        match tree.data, tree.children:
            case "jump", [target]:
                return o.Jump(_name(target), loc)
            case "branch", [cond, then, other, likely]:
                hint = None if likely is None else likely == "likely"
                return o.Branch(self._value(cond, I1), _name(then), _name(other), hint, loc)
            case "switch", [t, value, default, *cases]:
                t = _type(t)
                arms = tuple(
                    (_literal(c.children[0], t, _where(c, self.filename)), _name(c.children[1]))
                    for c in cases if c is not None
                )
                values = tuple((c.value, label) for c, label in arms if isinstance(c, o.Const))
                return o.Switch(self._value(value, t), values, _name(default), loc)
            case "indirectjump", [ptr, targets]:
                return o.IndirectJump(self._ptr(ptr), tuple(_names(targets)), loc)
            case "ret", values:
                typed = [kid.children for kid in values if kid is not None]
                return o.Ret(tuple(self._value(v, _type(t)) for t, v in typed), loc)
            case "tailcall", [rets, callee, args]:
                given, sig = self._args(args, rets)
                return o.TailCall(self._ptr(callee), given, sig, loc)
            case "unreachable", _:
                return o.Unreachable(loc)
        return self._suspend(tree, loc)

    def _suspend(self, tree: Any, loc: o.Loc) -> o.Suspend:
        call, own, resume, state, *saves = tree.children
        call_loc = loc
        if own is not None:
            text = "; " + unquote(own)
            call_loc = self._loc(text)
        inner: o.CoCall | o.CoYield = o.CoYield(call_loc) if call.data == "coyield" else self._cocall(call, call_loc)
        kept = [kid.children for kid in saves if kid is not None]
        places = tuple(o.Save(unquote(str(local)[1:]), int(offset)) for local, offset in kept)
        return o.Suspend(inner, _name(resume), int(state), places, loc)


def _spec(tree: Any) -> o.ParamSpec:
    t, *items = tree.children
    ext, byval, sret = "", None, None
    for item in items:
        match item.data:
            case "spec_ext":
                ext = str(item.children[0])
            case "spec_byval":
                byval = int(item.children[0]), int(item.children[1])
            case _:
                sret = int(item.children[0]), int(item.children[1])
    return o.ParamSpec(_type(t), ext, byval, sret)


def _rets(tree: Any) -> tuple[tuple[Type, ...], str]:
    types, ext = tree.children
    return _types(types), str(ext or "")
