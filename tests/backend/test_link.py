"""Objects link with the host compilers' in both directions, at every level, and have the sections they should."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from cpc.backend.llvm import EmitOptions, emit_module
from cpc.backend.objfile import CodeOptions, generate
from cpc.ir.reader import read_module
from cpc.ir.verify import verify_module

LINK = Path(__file__).parent / "link"
LEVELS = {"pie": ["0", "1", "2", "3", "s", "z"], "pic": ["0", "2"], "static": ["0", "2"]}


def _tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _object(text: str, to: Path, emit: EmitOptions | None = None, level: str = "2") -> Path:
    module = read_module(text)
    verify_module(module)
    emit = emit or EmitOptions()
    to.write_bytes(generate(emit_module(module, emit), "obj", CodeOptions(level=level, pic=emit.pic)))
    return to


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("pic", ["pie", "pic", "static"])
def test_both_directions(compiler: str, pic: str, tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    theirs = tmp_path / "theirs.o"
    flags = {"pie": ["-fPIE"], "pic": ["-fPIC"], "static": ["-fno-pie"]}[pic]
    _tool(compiler, *flags, "-O1", "-c", str(LINK / "theirs.c"), "-o", str(theirs))
    text = (LINK / "ours.ir").read_text(encoding="utf-8")
    for level in LEVELS[pic]:
        ours = _object(text, tmp_path / "ours.o", EmitOptions(pic=pic, debug=level == "0"), level)
        program = str(tmp_path / "program")
        _tool(compiler, *(["-no-pie"] if pic == "static" else ["-pie"]), str(theirs), str(ours), "-o", program)
        assert _tool(program) == "-5 0.100 0.10000000000000001 3.1415926535897932385 1\n", level


def test_symbols_and_sections(tmp_path: Path) -> None:
    ours = _object((LINK / "ours.ir").read_text(encoding="utf-8"), tmp_path / "ours.o", level="0")
    symbols = {line.split()[-1]: line.split()[-2] for line in _tool("nm", str(ours)).splitlines()}
    assert symbols["overridden"] == "W"
    assert symbols["perhaps"] == "w"
    assert symbols["our_add"] == symbols["add_alias"] == "T"
    assert symbols["our_variable"] == symbols["our_alias"] == "D"
    assert symbols["kept"] == "d"
    assert "fmt" not in symbols
    sections = _tool("readelf", "-SW", str(ours))
    for section in (".placed", ".tdata", ".init_array.00200", ".init_array.00201", ".eh_frame", ".rodata.str1.1"):
        assert f" {section} " in sections, section


def test_sections_per_function_and_variable(tmp_path: Path) -> None:
    options = EmitOptions(function_sections=True, data_sections=True)
    ours = _object((LINK / "ours.ir").read_text(encoding="utf-8"), tmp_path / "ours.o", options)
    sections = _tool("readelf", "-SW", str(ours))
    for section in (".text.our_add", ".data.our_variable", ".tdata.our_tls", ".data.rel.ro.table"):
        assert f" {section} " in sections, section


def test_a_shared_library_hides_what_is_hidden(tmp_path: Path) -> None:
    text = """module "m"
global @shown: 4 align 4 = [bytes "\\07\\00\\00\\00"]
fn @secret() -> i32 hidden {
entry:
  %x = load i32, @shown, align 4
  ret i32 %x
}
fn @open() -> i32 {
entry:
  %x = call i32 @secret()
  ret i32 %x
}
"""
    ours = _object(text, tmp_path / "m.o", EmitOptions(pic="pic"))
    library = tmp_path / "libm.so"
    _tool("cc", "-shared", str(ours), "-o", str(library))
    assert ctypes.CDLL(str(library)).open() == 7
    dynamic = _tool("nm", "-D", str(library))
    assert "open" in dynamic
    assert "secret" not in dynamic


def test_lines(tmp_path: Path) -> None:
    """The addresses of the calls lead to the lines that made them, also into an included file."""
    text = """module "src/pos.c"
fn @stop()
fn @f() { ; src/pos.c:3:5
entry:
  call void @stop() ; src/pos.c:4:10
  call void @stop() ; src/body.inc:9:2
  ret ; src/pos.c:6:1
}
"""
    ours = _object(text, tmp_path / "pos.o", EmitOptions(debug=True, directory="/build"), "0")
    calls = [line.split(":")[0].strip() for line in _tool("objdump", "-d", str(ours)).splitlines() if "call" in line]
    places = _tool("addr2line", "-f", "-e", str(ours), *calls).splitlines()
    assert places == ["f", "/build/src/pos.c:4", "f", "/build/src/body.inc:9"]
    table = _tool("readelf", "--debug-dump=decodedline", str(ours))
    assert "pos.c" in table


@pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed")
def test_gdb_stops_at_a_line(tmp_path: Path) -> None:
    (tmp_path / "prog.c").write_text("int callee(int n)\n{\n    n++;\n    return n;\n}\n")
    text = """module "prog.c"
fn @callee(%n: i32) -> i32 { ; prog.c:1:5
entry:
  %m = add i32 %n, 1 ; prog.c:3:5
  ret i32 %m ; prog.c:4:5
}
fn @main() -> i32 { ; prog.c:7:5
entry:
  %x = call i32 @callee(i32 5) ; prog.c:8:5
  ret i32 %x ; prog.c:9:5
}
"""
    ours = _object(text, tmp_path / "prog.o", EmitOptions(debug=True, directory=str(tmp_path)), "0")
    program = str(tmp_path / "prog")
    _tool("cc", str(ours), "-o", program)
    out = _tool("gdb", "-q", "-nx", "-batch", "-ex", "break prog.c:4", "-ex", "run", "-ex", "backtrace", program)
    assert "Breakpoint 1, callee () at prog.c:4" in out
    assert "in main () at prog.c:8" in out


@pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed")
def test_gdb_stops_in_ramp_and_resume_function(tmp_path: Path) -> None:
    """A line of a coroutine function is in both: a breakpoint has two places, under the source's name."""
    function = """fn @{name}(%n: i32) -> i32 {{ ; co.c:1:1
entry:
  %m = add i32 %n, {added} ; co.c:2:5
  ret i32 %m ; co.c:3:5
}}
"""
    text = 'module "co.c"\n' + function.format(name="f", added=1) + function.format(name="f.resume", added=2)
    ours = _object(text, tmp_path / "co.o", EmitOptions(debug=True, directory=str(tmp_path)), "0")
    out = _tool("gdb", "-q", "-nx", "-batch", "-ex", "break co.c:3", "-ex", "info breakpoints", str(ours))
    assert "(2 locations)" in out
    assert "in f.resume at co.c:3" in out
