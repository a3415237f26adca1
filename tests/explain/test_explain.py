"""`cpc explain FILE:FUNCTION`: the whole text for one function, and what a wrong question gets."""

from __future__ import annotations

from pathlib import Path

from tests.golden import Golden
from tests.tools import cpc

HERE = Path(__file__).parent
SOURCE = "tests/explain/copy.c"


def test_a_split_function(golden: Golden) -> None:
    done = cpc(["explain", f"{SOURCE}:co_copy"])
    assert (done.returncode, done.stderr) == (0, "")
    golden.compare(HERE / "copy.txt", done.stdout)


def test_a_plain_function() -> None:
    done = cpc(["explain", f"{SOURCE}:plain"])
    assert done.returncode == 0
    assert done.stdout.startswith("plain is a plain function")


def test_an_unknown_function_names_those_that_exist() -> None:
    done = cpc(["explain", f"{SOURCE}:copy"])
    assert (done.returncode, done.stdout) == (2, "")
    assert "defines no function 'copy'" in done.stderr and "co_copy" in done.stderr


def test_errors_in_the_source_are_diagnostics(tmp_path: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text("int f(void) { return x; }\n")
    done = cpc(["explain", f"{source}:f"])
    assert done.returncode == 1
    assert "error[E02" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_file_is_one_sentence() -> None:
    done = cpc(["explain", "no/such.c:f"])
    assert done.returncode == 1
    assert "no/such.c" in done.stderr and "Traceback" not in done.stderr
