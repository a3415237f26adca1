"""Each coroutine function becomes its ramp and its resume function.

    cofn @f(%a: i32) -> i32         @f(%a: i32) -> {i64, ptr}           @f.resume(%frame, %value) -> {i64, ptr}
      frame 24 { &i @16 }           entry:                              resume.5:
    entry:                            store %a, &i                        %6 = load i32, frame+16
      store %a, &i                    %1, %2 = call @g()                  store %6, &i
      %r = cocall @g()                %3 = cmp ne %2, 0                   %r = trunc %value
        -> e.1, state 1, saves [&i]   branch %3, capture.4, e.1           jump e.1
    e.1:                            e.1:                                e.1:
      %s = add %r, (load &i)          ...                                 ...
      ret %s                          ret (zext %s), null                 %7 = call @co.leave(%frame)
                                    capture.4:                            %8 = load ptr, %7
                                      %f = call @co.capture(24, ...)      tailcall %8(%7, (zext %s))
                                      store (load &i), %f+16
                                      ret %f+24, %f+8

Each half gets the blocks it can reach: the ramp from the entry, the resume function from the resume blocks, which it
enters through a switch on the state (none when there is one state).  resume_paths.py says which blocks the latter gets
twice.  What a half needs beside that is made by half.py.  Locals are copied to the halves that use them; a boxed one is
an address in the frame in both.
A function without states is a ramp only.  Declarations get the ramp's signature; a function's name and address are
the ramp's.  `noreturn` goes: a ramp does return when it suspends.

LLVM's SLP vectorizer looks at every group of variables that one instruction could save, along all that they are
computed from: minutes for some hundred suspension points, and nothing comes of it.  Functions that save more than
MOST_VECTORIZED are kept from it (`noimplicitfloat`).

Requires: FRAMED with `saves`.  Establishes: SPLIT.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from cpc.analysis import cfg
from cpc.analysis.unchanged import unchanged_since_resume
from cpc.backend.abi import AREA, RESUME_SIG, RESUME_SUFFIX
from cpc.diag import Diagnostics
from cpc.ir.ops import Call, Function, GlobalAddr, LocalAddr, Module, Phase, Reg
from cpc.ir.types import I64, PTR
from cpc.ir.walk import operands
from cpc.passes.descriptor import describe
from cpc.passes.frame_types import add_frame_types
from cpc.passes.half import Half, ramp_sig
from cpc.passes.resume_paths import with_resume_paths
from cpc.passes.variables import describe_half

MOST_VECTORIZED = 2000
_NOT_ON_RESUME = {"alwaysinline", "constructor", "destructor", "used", "preserve_most", "naked", "stackrealign"}


def run(module: Module, diags: Diagnostics) -> None:
    made: dict[str, Function] = {}
    for fn in module.functions.values():
        if fn.color != "coroutine":
            made[fn.name] = fn
            continue
        ramp = _ramp(fn)
        made[ramp.name] = ramp
        if any(point.state for _, point in cfg.suspension_points(fn)):
            resume = _resume(fn)
            resume.descriptor = describe(module, fn)
            add_frame_types(module, fn)
            made[resume.name] = resume
    module.functions = made
    _declare_area(module)


def _declare_area(module: Module) -> None:
    """Declares the functions of runtime/co_area.c that are called."""
    ops = (op for fn in module.functions.values() for block in fn.blocks.values() for op in block.ops)
    called = {op.callee.name for op in ops if isinstance(op, Call) and isinstance(op.callee, GlobalAddr)}
    for name, sig in AREA.values():
        if name in called and name not in module.functions:
            module.functions[name] = Function(name, sig, phase=Phase.SPLIT)


def _ramp(fn: Function) -> Function:
    attrs = _attrs(fn)
    made = replace(fn, sig=ramp_sig(fn.sig), blocks={}, locals={}, frame=None, attrs=attrs)
    if not fn.is_declaration:
        half = Half(fn, made, {})
        half.enter_ramp()
        suspends = bool(cfg.suspension_points(fn))
        _copy_body(fn, half, cfg.reachable_at_once(fn, [cfg.entry(fn).label]) if suspends else fn.blocks.keys())
    return made


def _resume(source: Function) -> Function:
    fn = with_resume_paths(source)
    frame, value = Reg(fn.fresh("frame"), PTR), Reg(fn.fresh("value"), I64)
    made = replace(
        fn, name=fn.name + RESUME_SUFFIX, sig=RESUME_SIG, params=[frame, value], blocks={}, locals={}, frame=None,
        linkage="internal", visibility="default", attrs=_attrs(fn) - _NOT_ON_RESUME,
    )  # fmt: skip
    half = Half(fn, made, unchanged_since_resume(fn), frame, value)
    starts = [point.resume for _, point in cfg.suspension_points(fn) if point.state]
    body = cfg.reachable_at_once(fn, starts)
    half.enter_resume(body)
    _copy_body(fn, half, body)
    return made


def _attrs(fn: Function) -> frozenset[str]:
    """Those of both halves."""
    saves = sum(len(point.saves) for _, point in cfg.suspension_points(fn))
    return fn.attrs - {"noreturn"} | ({"noimplicitfloat"} if saves > MOST_VECTORIZED else set())


def _copy_body(fn: Function, half: Half, kept: Container[str]) -> None:
    for label, block in fn.blocks.items():
        if label in kept:
            half.copy_block(block)
    half.finish()
    used = {
        value.name
        for block in half.made.blocks.values()
        for op in (*block.ops, block.term)
        for value in operands(op)
        if isinstance(value, LocalAddr)
    }
    half.made.locals = {name: local for name, local in {**fn.locals, **half.made.locals}.items() if name in used}
    describe_half(fn, half.made, half.frame)
