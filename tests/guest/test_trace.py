"""Trace points: the file in QEMU's format, the C that is made from it, and a trace of a guest that used its disk."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cpc import trace_events
from cpc.trace_events import TraceEventsError, header, parse
from tests.guest import programs

needs_kvm = pytest.mark.skipif(not os.path.exists("/dev/kvm"), reason="this machine has no /dev/kvm")


def test_points_in_qemus_format() -> None:
    text = (
        "# a comment\n\n"
        'vq_push(void *vq, const char *name, unsigned int n, int64_t r) "vq %p of %s: %u %%%" PRId64 " x"  # more\n'
    )
    with pytest.raises(TraceEventsError, match="3 conversions for 4 parameters"):
        parse(text.replace("%%%", "%%"))
    (event,) = parse(text)
    assert [(p.type, p.name, p.kind) for p in event.parameters] == [
        ("void *", "vq", "p"),
        ("const char *", "name", "s"),
        ("unsigned int", "n", "u"),
        ("int64_t", "r", "d"),
    ]
    assert event.phase == "i" and not event.disabled
    one, two = parse('disable a_begin(void) "x"\nb_end() "y"')
    assert one.disabled and one.phase == "b" and two.phase == "e"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nonsense", "t:2:"),
        ('f(int a "%d"', "t:2:"),
        ('f(int a) "no conversion"', "t:2: the format has 0 conversions for 1 parameters"),
        ('f(struct x y) "%d"', "t:2: 'struct x' is no type"),
        ('f(int a, int b, int c, int d, int e) "%d%d%d%d%d"', "t:2: 'f' has more than 4 numbers"),
        ('f(int a) "%" WRONG', "t:2: 'WRONG' is no part of a format"),
        ('g(void) "x"', "t:2: 'g' is there twice"),
    ],
)
def test_faults_name_their_line(line: str, words: str) -> None:
    with pytest.raises(TraceEventsError) as error:
        parse(f'g(void) "x"\n{line}\n', "t")
    assert str(error.value).startswith(words)


def test_a_disabled_point_is_nothing(tmp_path: Path) -> None:
    text = header(parse('disable f(int a, const char *b) "%d %s"\ng(void *p) "%p"\n'))
    source = tmp_path / "x.c"
    source.write_text(text + "void use(void) { trace_f(1, 0); trace_g(0); }\n")
    assert "TRACE_F" not in text and "TRACE_G" in text
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{trace_events.RUNTIME}"]
    subprocess.run(["gcc", *flags, str(source)], check=True)


def test_the_header_is_what_trace_events_says() -> None:
    path = trace_events.RUNTIME / "trace-events"
    assert (trace_events.RUNTIME / "trace_events.h").read_text() == header(parse(path.read_text()))


@needs_kvm
@pytest.mark.guest
def test_a_trace_shows_exits_and_requests(vmm: Path, tmp_path: Path, make_disk: Callable[[int], Path]) -> None:
    program, out = programs.build("blk", tmp_path, "gcc"), tmp_path / "trace.json"
    command = [vmm, "run", "--kernel", program, "--disk", make_disk(4), "--trace", out]
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60)
    trace: dict[str, Any] = json.loads(out.read_text())
    events: list[dict[str, Any]] = trace["traceEvents"]
    assert trace["otherData"]["lost"] == 0
    names = {event["args"]["name"] for event in events if event["ph"] == "M"}
    assert {"vmm", "loop", "vcpu 0"} <= names
    threads = {event["tid"] for event in events if event.get("name") == "thread_name"}
    timed = [event for event in events if event["ph"] != "M"]
    assert all({"name", "ts", "pid", "tid", "args"} <= set(event) for event in timed)
    assert {event["tid"] for event in timed} <= threads
    spans = [event for event in timed if event["name"] == "virtio_request"]
    begun = Counter(event["id"] for event in spans if event["ph"] == "b")
    assert begun == Counter(event["id"] for event in spans if event["ph"] == "e")
    assert begun.total() > 60
    assert sum(event["args"].get("written", 0) for event in spans) > 63 * 4096
    assert any(event["name"] == "vcpu_port" and event["args"]["port"] == 0x3F8 for event in timed)


@needs_kvm
@pytest.mark.guest
def test_a_trace_that_cannot_be_written_is_one_sentence(vmm: Path, tmp_path: Path) -> None:
    command = [vmm, "run", "--kernel", tmp_path, "--trace", tmp_path / "no" / "trace"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot make the trace" in done.stderr and len(done.stderr.splitlines()) == 1
