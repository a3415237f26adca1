"""The control socket and the JSON log of our VMM, with a freestanding guest that runs until it is told to end."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cpc.commands.control import ask
from tests.guest import programs

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(not os.path.exists("/dev/kvm"), reason="this machine has no /dev/kvm"),
]

MakeDisk = Callable[[int], Path]
_CLIENTS = 8
_LINE = 4096


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.build("ends", tmp_path_factory.mktemp("programs"), "gcc")


@contextmanager
def running(vmm: Path, program: Path, path: Path, *options: object) -> Iterator[subprocess.Popen[str]]:
    command = [vmm, "run", "--kernel", program, "--append", "forever", "--control", path, *options]
    with subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ends: forever\n"
        try:
            yield process
        finally:
            process.kill()


def status(path: Path) -> dict[str, Any]:
    answer = ask(str(path), {"command": "status"})
    assert answer["ok"] is True
    return answer


def wait_for_state(path: Path, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (now := status(path))["state"] != state:
        assert time.monotonic() < deadline, now
        time.sleep(0.02)
    return now


def cpc_control(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cpc", "control", str(path), *words], capture_output=True, text=True, timeout=60
    )


def test_a_paused_guest_does_nothing_and_goes_on(vmm: Path, program: Path, tmp_path: Path) -> None:
    path = tmp_path / "control"
    with running(vmm, program, path) as process:
        assert path.stat().st_mode & 0o777 == 0o600
        before = wait_for_state(path, "running")
        assert before["cpus"] == 1 and before["memory_mib"] == 256
        assert ask(str(path), {"command": "pause"}) == {"ok": True}
        paused = wait_for_state(path, "paused")
        time.sleep(0.1)
        assert status(path)["exits"] == paused["exits"] >= before["exits"]
        assert ask(str(path), {"command": "resume"}) == {"ok": True}
        deadline = time.monotonic() + 20
        while status(path)["exits"] == paused["exits"]:
            assert time.monotonic() < deadline
        assert ask(str(path), {"command": "pause"}) == {"ok": True}
        process.send_signal(signal.SIGTERM)  # a freestanding guest has no power button
        assert process.wait(timeout=20) == 128 + signal.SIGTERM


def test_the_command_asks_and_prints(vmm: Path, program: Path, tmp_path: Path, make_disk: MakeDisk) -> None:
    path = tmp_path / "control"
    with running(vmm, program, path, "--disk", make_disk(4)) as process:
        assert json.loads(cpc_control(path, "status").stdout)["state"] == "running"
        dump = cpc_control(path, "co")
        assert dump.returncode == 0
        assert cpc_control(path, "powerdown", "--grace", "-1").stderr.startswith("cpc control: grace_ms is a number")
        assert cpc_control(path, "powerdown").returncode == 0
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
    refused = cpc_control(path, "status")
    assert refused.returncode == 1 and "no answer at" in refused.stderr
    with running(vmm, program, path) as process:  # a file that a dead VMM left is no obstacle
        assert cpc_control(path, "quit").returncode == 0
        assert process.wait(timeout=20) == 128 + signal.SIGTERM


def test_a_socket_in_use_is_one_sentence(vmm: Path, program: Path, tmp_path: Path) -> None:
    path = tmp_path / "control"
    with running(vmm, program, path):
        command = [vmm, "run", "--kernel", program, "--control", path]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1 and "Address already in use" in done.stderr
        assert status(path)["state"] == "running"


def test_hostile_clients_are_bounded(vmm: Path, program: Path, tmp_path: Path) -> None:
    path = tmp_path / "control"
    chance = random.Random(20261128)
    with running(vmm, program, path) as process, contextlib.ExitStack() as stack:

        def connect() -> socket.socket:
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(str(path))  # waits when many connect at once
            connection.settimeout(20)
            return connection

        first = connect()
        for line in (b"", b"{", b"null", b'"status"', b"[1]", b'{"command": 7}', b'{"command": "x"}', b"[" * 3000):
            first.sendall(line + b"\n")
            answer = json.loads(first.makefile("rb").readline())
            assert answer["ok"] is False and answer["error"]
        first.sendall(b"x" * _LINE)
        assert b"too long" in first.recv(4096)
        assert first.recv(1) == b""
        for _ in range(50):
            noise = connect()
            with contextlib.suppress(OSError):
                noise.sendall(chance.randbytes(chance.randrange(3 * _LINE)))
            noise.close()
        silent = connect()  # asks and never reads
        with contextlib.suppress(OSError):
            for _ in range(20000):
                silent.sendall(b'{"command": "status"}\n')
        wait_for_state(path, "running")
        crowd = [connect() for _ in range(3 * _CLIENTS)]
        for connection in crowd:
            connection.close()
        wait_for_state(path, "running")
        assert process.poll() is None


def test_the_json_log_tells_of_the_boot_and_the_end(vmm: Path, program: Path, tmp_path: Path) -> None:
    def log(*options: object) -> list[dict[str, Any]]:
        command = [vmm, "run", "--json", *options]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
        lines: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
        assert all(line["time"].endswith("Z") for line in lines)
        assert lines[-1]["event"] == "end" and lines[-1]["status"] == done.returncode
        return lines

    lines = log("--kernel", program, "--append", "panic", "--cpus", 2)
    assert [line.get("event") for line in lines] == ["boot", None, "end"]
    assert lines[0]["cpus"] == 2 and lines[0]["memory_mib"] == 256
    assert lines[1]["level"] == "error" and lines[1]["component"] == "vmm"
    assert lines[-1]["reason"] == "panic"
    lines = log("--kernel", tmp_path / 'no "such" \\ file')
    assert [line.get("level") for line in lines] == ["error", None]
    assert 'no "such" \\ file' in lines[0]["message"]
    assert lines[-1]["reason"] == "error"
