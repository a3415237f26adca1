"""Reads one function of the IR's text form; see reader.py for the contract and ir.lark for the rules.

A register's type stands where it is defined, and a use may come first in the text.  A function with such a use is
built twice: the first time to learn the types.  A register that nothing defines has the type that its context
expects; the verifier reports it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lark import Token, Tree

from cpc.ir import ops as o
from cpc.ir import reader_debug
from cpc.ir.errors import IRError
from cpc.ir.printer import COLORS
from cpc.ir.reader_words import (
    add,
    global_addr,
    kids_of,
    link_word,
    literal,
    loc_of,
    name_of,
    names_of,
    type_of,
    types_of,
    unquote,
    where_of,
)
from cpc.ir.types import I1, I8, I32, I64, PTR, FloatType, IntType, PtrType, Type, VecType, store_size

_NAMED_COLORS = {word: color for color, word in COLORS.items()}


class FunctionReader:
    """Reads one function.  `types` are the registers seen so far, `early` says that one was used before."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.file = ""
        self.types: dict[str, Type] = {}
        self.early = False

    def read(self, tree: Tree[Token]) -> o.Function:
        color, name, params, rets, *items, body, loc = tree.children
        assert isinstance(params, Tree)
        fn = o.Function(global_addr(str(name)).name, o.Sig(), color=_NAMED_COLORS[str(color)])
        fn.params, fn.sig = self._params(params, rets)
        for item in items:
            self._item(fn, item)
        fn.loc = loc_of(body.children[0] if isinstance(body, Tree) else loc, "")  # type: ignore[arg-type]
        self.file = fn.loc.file
        if isinstance(body, Tree):
            _, frame, *rest = body.children
            fn.frame = self._frame(frame) if isinstance(frame, Tree) else None
            if fn.debug is not None:
                for line in rest:
                    if isinstance(line, Tree) and line.data in ("debug_scope", "debug_variable"):
                        reader_debug.read_line(fn.debug, line, self.file)
            calls = [line for line in rest if isinstance(line, Tree) and line.data == "inlined"]
            fn.inlined = [self._inlined(line) for line in calls]
            self._body(fn, rest)
            if self.early:
                self._body(fn, rest)
        return fn

    def _params(self, tree: Tree[Token], rets: Any) -> tuple[list[o.Reg], o.Sig]:
        specs, regs, variadic = [], [], False
        for kid in kids_of(tree):
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
                    raise IRError(f"unknown phase '{value}'", where_of(value, self.filename))
                fn.phase = o.Phase[value]
            case "item_section":
                fn.section = unquote(value)
            case "item_align":
                fn.align = int(value)
            case "item_attrs":
                fn.attrs = frozenset(names_of(value))
            case "item_priority":
                fn.priority = int(value)
            case "item_descriptor":
                fn.descriptor = global_addr(value).name
            case "item_debug":
                fn.debug = reader_debug.debug_function(item)
            case "item_next":
                fn.next_id = int(value)
            case _:
                link_word(fn, str(value), item, self.filename)

    def _frame(self, tree: Tree[Token]) -> o.FrameLayout:
        size, align, state, record, boxed, *slots = tree.children
        layout = o.FrameLayout(int(str(size)), int(str(align)), [], boxed is not None, int(str(state or 0)))
        layout.record = record is not None
        for slot in slots:
            if isinstance(slot, Tree):
                local, offset, slot_size, slot_boxed = slot.children
                local_name = unquote(str(local)[1:])
                layout.slots.append(
                    o.FrameSlot(local_name, int(str(offset)), int(str(slot_size)), slot_boxed is not None)
                )
        return layout

    def _inlined(self, tree: Tree[Token]) -> o.InlinedCall:
        name, call, debug_name, type_, loc, *lines = tree.children
        debug = None if debug_name is None else reader_debug.debug_named(debug_name, type_)
        for line in lines:
            if debug is not None:
                reader_debug.read_line(debug, line, self.file)
        place = loc_of(Token("LOC", f"; {unquote(str(call))}"), self.file)
        return o.InlinedCall(global_addr(str(name)).name, self._loc(loc), place, debug)

    def _body(self, fn: o.Function, items: list[Any]) -> None:
        fn.locals, fn.blocks = {}, {}
        for item in items:
            if item.data in ("debug_scope", "debug_variable", "inlined"):
                continue
            if item.data == "local":
                local = self._local(item)
                add(fn.locals, local, local.name, item, self.filename)
            else:
                block = self._block(item)
                add(fn.blocks, block, block.label, item, self.filename)

    def _local(self, tree: Tree[Token]) -> o.Local:
        # `local &x: 24 align 8` has four children, `local &x: i32 [size 8] align 4` five.
        name, *kind, align, source, loc = tree.children
        assert isinstance(name, Token)
        local_name = unquote(name[1:])
        type_ = type_of(str(kind[0])) if len(kind) == 2 else None
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
        return loc_of(token, self.file)

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
            raise IRError(f"{len(tree.children)} results, expected {len(wanted)}", where_of(tree, self.filename))
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
                return global_addr(token)
            case "local_addr":
                return o.LocalAddr(unquote(str(token)[1:]))
            case "frame_addr":
                return o.FrameAddr(int(token[len("frame+") :]))
            case "block_addr":
                return o.BlockAddr(unquote(str(token)[2:]))
            case "with_type":
                return literal(tree.children[1], type_of(token), where_of(token, self.filename))
        return literal(token, expected, where_of(token, self.filename))

    def _ptr(self, tree: Any) -> o.Operand:
        return self._value(tree, PTR)

    def _args(self, tree: Any, rets: Any) -> tuple[tuple[o.Operand, ...], o.Sig]:
        """A call's arguments and, from what is written with each, its signature."""
        args: list[o.Operand] = []
        specs: list[o.ParamSpec] = []
        variadic = False
        for kid in kids_of(tree):
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
                t = type_of(t)
                values = self._value(a, t), self._value(b, t)
                return o.Bin(self._dst(dst, t), str(kind), *values, frozenset(str(f) for f in flags), loc)
            case "cmp", [dst, pred, t, a, b]:
                t = type_of(t)
                result = VecType(I1, t.count) if isinstance(t, VecType) else I1
                return o.Cmp(self._dst(dst, result), str(pred), self._value(a, t), self._value(b, t), loc)
            case "cast", [dst, kind, t, a, to]:
                return o.Cast(self._dst(dst, type_of(to)), str(kind), self._value(a, type_of(t)), loc)
            case "select", [dst, t, cond, a, b]:
                t = type_of(t)
                three = self._value(cond, I1), self._value(a, t), self._value(b, t)
                return o.Select(self._dst(dst, t), *three, loc)
            case "load", [dst, t, ptr, align, memory]:
                words = self._memory(memory)
                return o.Load(self._dst(dst, type_of(t)), self._ptr(ptr), int(align), *words, loc, _alias(memory))
            case "store", [t, value, ptr, align, memory]:
                stored = self._value(value, type_of(t))
                return o.Store(self._ptr(ptr), stored, int(align), *self._memory(memory), loc, _alias(memory))
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
                t = type_of(t)
                values = self._ptr(ptr), self._value(value, t)
                return o.AtomicRmw(self._dst(dst, t), str(kind), *values, str(order), loc)
            case "cmpxchg", [dsts, weak, t, ptr, expected, desired, order, fail]:
                t = type_of(t)
                area = self._ptr(ptr), self._value(expected, t), self._value(desired, t)
                old, ok = self._dsts(dsts, (t, I1))
                return o.CmpXchg(old, ok, *area, str(order), str(fail), weak is not None, loc)
            case "fence", [order, scope]:
                return o.Fence(str(order), str(scope or ""), loc)
        return self._call_op(tree, loc) or self._vector_op(tree, loc)

    @staticmethod
    def _memory(tree: Any) -> tuple[bool, str]:
        words = [str(word) for word in tree.children if isinstance(word, Token)]
        return "volatile" in words, next((word for word in words if word != "volatile"), "")

    def _call_op(self, tree: Any, loc: o.Loc) -> o.Op | None:
        match tree.data, tree.children:
            case "call", [dsts, attrs, rets, callee, args, unwind]:
                values, sig = self._args(args, rets)
                words = frozenset(names_of(attrs))
                pads = tuple(self._ptr(pad) for pad in unwind.children) if unwind else ()
                return o.Call(self._dsts(dsts, sig.rets), self._ptr(callee), values, sig, words, loc, pads)
            case "cocall", _:
                return self._cocall(tree, loc)
            case "coyield", _:
                return o.CoYield(loc)
            case "intrinsic", [dsts, types, name, args]:
                values, _ = self._args(args, Tree("rets", [types, None]))
                return o.Intrinsic(self._dsts(dsts, types_of(types)), name_of(name), values, loc)
            case "asm_op", [dsts, volatile, types, template, constraints, args]:
                return o.Asm(
                    self._dsts(dsts, types_of(types)),
                    unquote(template),
                    unquote(constraints),
                    *self._asm_args(args),
                    volatile is not None,
                    loc,
                )
        return None

    def _cocall(self, tree: Any, loc: o.Loc) -> o.CoCall:
        dsts, rets, callee, args = tree.children
        values, sig = self._args(args, rets)
        regs = self._dsts(dsts, sig.rets)
        return o.CoCall(regs[0] if regs else None, self._ptr(callee), values, sig, loc)

    def _asm_args(self, tree: Any) -> tuple[tuple[o.Operand, ...], tuple[Type | None, ...]]:
        given = [self._asm_arg(arg) for arg in tree.children if arg is not None]
        written = any(written for _, _, written in given)
        return tuple(value for value, _, _ in given), tuple(t for _, t, _ in given) if written else ()

    def _asm_arg(self, tree: Any) -> tuple[o.Operand, Type | None, bool]:
        """The operand, its pointee type if it has one, and whether `elem` is written."""
        t, elem, value = tree.children
        pointee = elem.children[0] if elem else None
        return self._value(value, type_of(t)), type_of(pointee) if pointee else None, elem is not None

    def _vector_op(self, tree: Any, loc: o.Loc) -> o.Op:
        _, t, *rest = tree.children
        dst, vec_type = tree.children[0], type_of(t)
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
                    raise IRError("a shuffle of pointers", where_of(tree, self.filename))
                result = self._dst(dst, VecType(lane, len(lanes)) if isinstance(lane, IntType | FloatType) else PTR)
                return o.Shuffle(result, self._value(a, vec_type), self._value(b, vec_type), lanes, loc)
        raise AssertionError(tree.data)

    def _term(self, tree: Any, loc: o.Loc) -> o.Terminator:
        match tree.data, tree.children:
            case "jump", [target]:
                return o.Jump(name_of(target), loc)
            case "branch", [cond, then, other, likely]:
                hint = None if likely is None else likely == "likely"
                return o.Branch(self._value(cond, I1), name_of(then), name_of(other), hint, loc)
            case "switch", [t, value, default, *cases]:
                t = type_of(t)
                arms = tuple(
                    (literal(c.children[0], t, where_of(c, self.filename)), name_of(c.children[1]))
                    for c in cases
                    if c is not None
                )
                values = tuple((c.value, label) for c, label in arms if isinstance(c, o.Const))
                return o.Switch(self._value(value, t), values, name_of(default), loc)
            case "indirectjump", [ptr, targets]:
                return o.IndirectJump(self._ptr(ptr), tuple(names_of(targets)), loc)
            case "asmgoto", [template, constraints, args, *outputs, following, labels]:
                places = [kid.children for kid in outputs if kid is not None]
                return o.AsmGoto(
                    unquote(template),
                    unquote(constraints),
                    *self._asm_args(args),
                    tuple(self._ptr(place) for _, place in places),
                    tuple(type_of(t) for t, _ in places),
                    name_of(following),
                    tuple(names_of(labels)),
                    loc,
                )
            case "ret", values:
                typed = [kid.children for kid in values if kid is not None]
                return o.Ret(tuple(self._value(v, type_of(t)) for t, v in typed), loc)
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
        return o.Suspend(inner, name_of(resume), int(state), places, loc)


def _alias(memory: Any) -> str:
    """The effective type among the words that end a load or a store."""
    return next((str(word.children[0]) for word in memory.children if not isinstance(word, Token)), "")


def _spec(tree: Any) -> o.ParamSpec:
    t, *items = tree.children
    ext, byval, sret, nest = "", None, None, False
    for item in items:
        match item.data:
            case "spec_ext":
                ext = str(item.children[0])
            case "spec_byval":
                byval = int(item.children[0]), int(item.children[1])
            case "spec_nest":
                nest = True
            case _:
                sret = int(item.children[0]), int(item.children[1])
    return o.ParamSpec(type_of(t), ext, byval, sret, nest)


def _rets(tree: Any) -> tuple[tuple[Type, ...], str]:
    types, ext = tree.children
    return types_of(types), str(ext or "")
