"""`cpc serve` and `cpc bench blk` as a user types them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cpc.bench_blk import Case, Figures, Plan, Row, render_table

CPC = [sys.executable, "-m", "cpc"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CPC, *arguments], capture_output=True, text=True, timeout=280)


def test_serve_explains_itself_and_passes_options_on() -> None:
    assert "vhost-user" in run("serve", "--help").stdout
    done = run("serve", "blk", "--help")
    assert done.returncode == 0 and "--read-only" in done.stdout and "--disk FILE" in done.stdout
    done = run("serve", "blk", "--socket", "s", "--disk", "/nowhere/disk")
    assert done.returncode == 1 and done.stderr.splitlines()[-1].endswith("No such file or directory")


def test_bench_measures_both_daemons(tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    short = ("--depths", "8", "--queues", "2", "--seconds", "0.3", "--rounds", "1", "--size", "16")
    folder = tmp_path / ("longer than the path of a socket " * 4)
    folder.mkdir()
    done = run("bench", "blk", *short, "--dir", str(folder), "--json", str(result))
    assert done.returncode == 0, done.stderr
    [row] = json.loads(result.read_text())["rows"]
    assert row["ours"]["iops"] > 0 and row["case"]["depth"] == 8
    assert (row["peer"] is not None) == (shutil.which("qemu-storage-daemon") is not None)
    assert "2 x 8 event" in done.stdout


@pytest.mark.parametrize("wrong", [["--depths", "0"], ["--depths", "1,x"], ["--queues", "17"], ["--rounds", "0"]])
def test_bench_refuses_nonsense_in_one_sentence(wrong: list[str]) -> None:
    done = run("bench", "blk", *wrong)
    assert done.returncode == 1 and done.stderr.startswith("cpc bench: ") and done.stderr.count("\n") == 1


def test_the_table_divides_ours_by_the_peers() -> None:
    plan = Plan([Case(1, 32, False)], 3, 2.0, 256, Path("."), "threads")
    ours, peer = Figures(200000, 50.0, 90.0, 3.0), Figures(100000, 100.0, 200.0, 12.0)
    table = render_table(plan, [Row(plan.cases[0], ours, peer)])
    assert table.splitlines()[-1].split("|")[-1].split() == ["2.00", "0.50", "0.25"]
