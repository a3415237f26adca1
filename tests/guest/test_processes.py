"""Guests as child processes: an interactive one has the terminal, and nothing of one outlives us."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FOREGROUND = """
import sys
from cpc.processes import run_in_foreground
sys.exit(run_in_foreground(["sh", "-c", sys.argv[1]]))
"""


def gone(pid: int) -> bool:
    """Whether the process has ended, within a few seconds."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_interactive_machine_reads_the_terminal_and_leaves_no_helper() -> None:
    script = "sleep 1000 & echo helper $!; read line; echo got $line; exit 7"
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", FOREGROUND, script])
    shown = b""
    while b"helper" not in shown or not shown.endswith(b"\n"):
        shown += os.read(terminal, 1000)
    helper = int(shown.split()[1])
    os.write(terminal, b"hello\n")
    _, status = os.waitpid(child, 0)
    assert b"got hello" in os.read(terminal, 1000)
    assert os.waitstatus_to_exitcode(status) == 7
    assert gone(helper)


def test_machine_dies_with_us() -> None:
    program = (
        "import subprocess; from cpc.processes import end_with_parent;"
        "print(subprocess.Popen(['sleep', '1000'], preexec_fn=end_with_parent).pid, flush=True); input()"
    )
    us = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert us.stdout is not None
    machine = int(us.stdout.readline())
    us.send_signal(signal.SIGKILL)
    us.wait()
    assert gone(machine)


def test_a_machine_told_to_end_has_time_for_it() -> None:
    program = (
        "import sys; from cpc.processes import end_on_sigterm, run_in_foreground; end_on_sigterm();"
        "sys.exit(run_in_foreground(['sh', '-c', sys.argv[1]], None, 30))"
    )
    script = "trap 'sleep 0.3; echo down; exit 3' TERM; echo up; while true; do sleep 0.1; done"
    with subprocess.Popen([sys.executable, "-c", program, script], cwd=ROOT, stdout=subprocess.PIPE) as us:
        assert us.stdout is not None and us.stdout.readline() == b"up\n"
        us.send_signal(signal.SIGTERM)
        assert us.stdout.readline() == b"down\n"
        assert us.wait(timeout=60) == 3


def test_a_machine_is_not_left_behind_when_we_are_told_to_end_while_it_starts() -> None:
    program = (
        "import os, signal, subprocess, sys; from cpc.processes import end_on_sigterm, run_in_foreground;"
        "end_on_sigterm(); start = subprocess.Popen.__init__\n"
        "def told(self, *a, **k): start(self, *a, **k); print(self.pid, flush=True); os.kill(os.getpid(), 15)\n"
        "subprocess.Popen.__init__ = told\n"
        "sys.exit(run_in_foreground(['sleep', '1000'], None, 30))"
    )
    us = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60)
    assert us.returncode == 256 - signal.SIGTERM
    assert gone(int(us.stdout))
