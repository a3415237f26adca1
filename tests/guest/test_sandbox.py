"""What is left to a running VMM: seccomp and Landlock, tried by a program, and in place around a guest."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from cpc.runtime_library import VMM_LIBRARIES
from tests.devices.fake_driver import OK, T_IN
from tests.devices.front_end import Daemon, FrontEnd
from tests.guest import programs

_RUNTIME = programs.FOLDER.parents[1] / "runtime"


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("sandbox") / "sandbox"
    sources = [programs.FOLDER / "sandbox.c", _RUNTIME / "sandbox.c", _RUNTIME / "log.c"]
    flags = ["-std=gnu11", "-D_GNU_SOURCE", f"-I{_RUNTIME}"]
    libraries = ["-l:liburing.a", *VMM_LIBRARIES, "-pthread"]
    subprocess.run(["gcc", *flags, *map(str, sources), *libraries, "-o", str(program)], check=True)
    return program


def attempt(program: Path, thread: str, what: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, thread, what], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("thread", "what", "result"),
    [
        ("loop", "open", "Permission denied"),
        ("daemon", "open", "Permission denied"),
        ("vcpu", "open", "Permission denied"),
        ("loop", "allocate", "Success"),
        ("vcpu", "allocate", "Success"),
        ("daemon", "memory-file", "Success"),
        ("loop", "peek", "Success"),
        ("loop", "truncate", "Invalid argument"),
        ("loop", "ioctl", "Inappropriate ioctl for device"),
    ],
)
def test_what_a_thread_may_try(attempts: Path, thread: str, what: str, result: str) -> None:
    done = attempt(attempts, thread, what)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, result, "")


@pytest.mark.parametrize(
    ("thread", "what"),
    [
        ("loop", "exec"),
        ("daemon", "exec"),
        ("loop", "memory-file"),
        ("daemon", "peek-parent"),
        ("loop", "code"),
        ("vcpu", "exec"),
        ("vcpu", "code"),
        ("vcpu", "truncate"),
        ("vcpu", "ioctl"),
    ],
)
def test_what_ends_the_process(attempts: Path, thread: str, what: str) -> None:
    done = attempt(attempts, thread, what)
    assert done.returncode == -signal.SIGABRT
    assert done.stdout == ""
    assert "the sandbox does not allow system call" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_daemon_removes_its_socket_and_nothing_outside(attempts: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for file in (own / "socket", tmp_path / "other"):
        file.touch()
    assert attempt(attempts, "daemon", "remove", own).stdout == "Success\n" and not (own / "socket").exists()
    done = attempt(attempts, "daemon", "remove-other", own)
    if "no Landlock" in done.stderr:
        pytest.skip("this kernel has no Landlock")
    assert done.stdout == "Permission denied\n"


@pytest.mark.parametrize("options", [(), ("--no-sandbox",)])
def test_every_thread_of_a_daemon_is_confined(vmm: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    """Before it has listened to anybody, and after it has served a disk."""
    daemon = Daemon([str(vmm), "serve"], tmp_path, options)
    try:
        client = FrontEnd(daemon)
        client.negotiate()
        client.share_memory()
        assert client.request(client.ring(), T_IN, 0, 512) == (OK, bytes(512))
        client.close()
        states = [confinement(path) for path in Path(f"/proc/{daemon.process.pid}/task").iterdir()]
    finally:
        daemon.close()
    assert all(state["Seccomp_filters"] == ("0" if options else "1") for state in states)
    assert options or all(state["NoNewPrivs"] == "1" for state in states)


def test_io_uring_opens_no_files_either(attempts: Path) -> None:
    done = attempt(attempts, "loop", "open-by-uring")
    if "no Landlock" in done.stderr:
        pytest.skip("this kernel has no Landlock")
    assert done.stdout == "Permission denied\n"


@pytest.mark.skipif(not os.path.exists("/dev/kvm"), reason="this machine has no /dev/kvm")
@pytest.mark.parametrize("options", [(), ("--no-sandbox",)])
def test_every_thread_of_a_running_vmm_is_confined(vmm: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    program = programs.build("ends", tmp_path, "gcc")
    command = [str(vmm), "run", "--kernel", str(program), "--append", "forever", "--cpus", "2", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"ends: forever\n"
            states = [confinement(path) for path in Path(f"/proc/{process.pid}/task").iterdir()]
        finally:
            process.kill()
    filters = [int(state["Seccomp_filters"]) for state in states]
    if options:
        assert not any(filters)
        return
    assert sorted(filters, reverse=True)[:2] == [2, 2]  # the vCPUs' threads; a thread of KVM's may be among the others
    assert min(filters) == 1
    assert all(state["NoNewPrivs"] == "1" for state in states)


def confinement(task: Path) -> dict[str, str]:
    lines = (line.split(":", 1) for line in (task / "status").read_text().splitlines())
    return {name: value.strip() for name, value in lines}
