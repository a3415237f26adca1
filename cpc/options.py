"""How to compile: `Options`, plain data that commands make and the driver follows.

The options of single steps (EmitOptions, CodeOptions) are made when that step comes: a command that finds everything
done already never loads the compiler.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cpc import x86_features
from cpc.frontend.dialect import Dialect
from cpc.frontend.preprocess import Preprocessor
from cpc.frontend.target import X86_64, Target
from cpc.warnings.policy import Policy

if TYPE_CHECKING:
    from cpc.backend.llvm import EmitOptions
    from cpc.backend.objfile import CodeOptions
    from cpc.frontend.build.builder import Options as BuildOptions


_FILE_MAP = re.compile(r"-f(?:macro|file)-prefix-map=([^=]*)=(.*)")
_LOOP_IDIOMS = frozenset({"memcpy", "memmove", "memset"})


@dataclass(frozen=True, slots=True)
class Dumps:
    """What to show of the work: `after` names passes (or 'build', or 'all'), `function` restricts to one function,
    `folder` gets files instead of standard error, `stop_after` ends the work after a pass."""

    after: tuple[str, ...] = ()
    function: str = ""
    folder: Path | None = None
    stop_after: str = ""
    times: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile.  `level` is 0-3, 's' or 'z' as in -O; `cpu` as in -march, -mcpu ('' is the plain one).
    `dwarf` is the version of -g; 5 as LLVM writes it is more than valgrind 3.19 reads, which then refuses to run.
    `pic` is 'pic' (-fPIC), 'pie' or 'static'; the other words are the -f options of their names
    (`trapping`: -fnon-call-exceptions);
    `whole_headers` works out every declaration of headers, used or not (needed.py); `via_c` is the command of the C
    compiler that makes the code instead of LLVM."""

    preprocessor: Preprocessor = field(default_factory=Preprocessor)
    target: Target = X86_64
    level: str = "2"
    debug: bool = False
    dwarf: int = 4
    wrapv: bool = False
    strict_aliasing: bool = True
    cpu: str = ""
    pic: str = "pie"
    function_sections: bool = False
    data_sections: bool = False
    frame_pointer: bool = False
    builtins: bool = True
    no_builtins: frozenset[str] = frozenset()
    loop_idioms: bool = True  # loops that copy or clear may become calls
    trapping: bool = False
    float_environment: str = ""  # -frounding-math: 'dynamic', -ftrapping-math: 'traps', -fno-trapping-math: 'none'
    exceptions: bool = False  # -fexceptions: they may pass through functions, and run cleanups
    instrument: bool = False
    general_regs: bool = False
    stack_protector: str = ""  # 'ssp', 'sspstrong', 'sspreq', or 'explicit'
    stack_clash: bool = False  # -fstack-clash-protection
    branch_protection: bool = False  # -fcf-protection=branch, =full
    null_valid: bool = False  # -fno-delete-null-pointer-checks
    stackrealign: bool = False  # -mstackrealign: callers may leave the stack out of line
    cx16: bool = False  # -mcx16: 16-byte atomics in place
    whole_headers: bool = False
    visibility: str = "default"
    via_c: tuple[str, ...] = ()
    dialect: Dialect = field(default_factory=Dialect)
    policy: Policy = field(default_factory=Policy)
    dumps: Dumps = field(default_factory=Dumps)

    @property
    def optimises(self) -> bool:
        """Whether passes that are not needed are run: not for code that people step through."""
        return self.level not in ("0", "g")

    def emit_options(self) -> EmitOptions:
        from cpc.backend.llvm import EmitOptions

        return EmitOptions(
            triple=self.target.triple,
            data_layout=self.target.data_layout,
            pic=self.pic,
            debug=self.debug,
            dwarf=self.dwarf,
            directory=os.getcwd(),
            optimised=self.level != "0",
            for_size=self.level in ("s", "z"),
            function_sections=self.function_sections,
            data_sections=self.data_sections,
            # gdb finds the end of a prologue by the frame pointer, which gcc's unoptimised code always has.
            frame_pointer=self.frame_pointer or self.level == "0",
            builtins=self.builtins,
            stack_protector=self.stack_protector,
            stack_clash=self.stack_clash,
            stackrealign=self.stackrealign,
            branch_protection=self.branch_protection,
            null_valid=self.null_valid,
            no_builtins=self.no_builtins if self.loop_idioms else self.no_builtins | _LOOP_IDIOMS,
            inline_blocks=self.level == "0",
            exceptions=self.exceptions,
            features=self.code_options().features,
        )

    def build_options(self) -> BuildOptions:
        from cpc.frontend.build.builder import Options as BuildOptions

        aliasing = self.strict_aliasing and self.level != "0"
        return BuildOptions(
            wrapv=self.wrapv,
            builtins=self.builtins,
            no_builtins=self.no_builtins,
            trapping=self.trapping,
            instrument=self.instrument,
            exceptions=self.exceptions,
            debug=self.debug,
            visibility=self.visibility,
            strict_aliasing=aliasing,
            optimised=self.level != "0",
            target=self.target,
            features=self.features,
            file_maps=self.file_maps,
            dialect=self.dialect,
        )

    @property
    def file_maps(self) -> tuple[tuple[str, str], ...]:
        """What names of files begin with, and what is put there (-ffile-prefix-map); the last that fits holds."""
        found = [_FILE_MAP.fullmatch(word) for word in self.preprocessor.options]
        return tuple((match[1], match[2]) for match in reversed(found) if match)

    @property
    def features(self) -> frozenset[str]:
        """What all functions may use of an x86 processor."""
        if self.target.calls != "sysv":
            return frozenset()
        return x86_features.of_command(self.preprocessor.command, self.preprocessor.options)

    def code_options(self) -> CodeOptions:
        from cpc.backend.objfile import CodeOptions

        cpu, features = self.target.processor(self.cpu)
        if self.general_regs:
            features = ",".join(filter(None, (features, self.target.no_vectors)))
        if self.cx16 and self.target.calls == "sysv":
            features = ",".join(filter(None, (features, "+cx16")))
        wanted = [f"+{name}" for name in sorted(self.features - x86_features.PLAIN)]
        features = ",".join(filter(None, (features, *wanted)))
        return CodeOptions(self.level, self.pic, cpu, features, self.target.triple)
