"""Our VMM on this machine's /dev/kvm with freestanding guests: any KVM runs them, also one that only emulates."""

from __future__ import annotations

import fcntl
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.guest import bzimage, programs

pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(not os.path.exists("/dev/kvm"), reason="this machine has no /dev/kvm"),
]

MakeDisk = Callable[[int], Path]
Run = Callable[..., subprocess.CompletedProcess[str]]

BLOCK = 4096
BLOCKS = 63
DISK_MIB = 4
PIPE = 65536


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="session", params=["cpc", "gcc"])
def blk_program(request: pytest.FixtureRequest, folder: Path) -> Path:
    return programs.build("blk", folder, request.param)


@pytest.fixture(scope="session")
def hostile_program(folder: Path) -> Path:
    return programs.build("hostile", folder)


@pytest.fixture(scope="session")
def ends_program(folder: Path) -> Path:
    return programs.build("ends", folder)


@pytest.fixture
def run(vmm: Path) -> Run:
    """Runs `vmm run` to its end."""

    def run(*arguments: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return start(vmm, "run", *arguments, timeout=timeout)

    return run


def start(
    vmm: Path, *arguments: object, timeout: float = 60, wrap: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*wrap, str(vmm), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    print(done.stdout, done.stderr, sep="")
    return done


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str, status: int = 1) -> None:
    """Nothing but one line on stderr that has these words."""
    assert done.returncode == status
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr


def pattern(number: int) -> bytes:
    """What blk.c writes into block `number`."""
    first = (number + 1) * 0x9E3779B97F4A7C15
    return b"".join(((first + word) & (2**64 - 1)).to_bytes(8, "little") for word in range(BLOCK // 8))


@pytest.mark.parametrize("options", [["--transport", "pci"], ["--transport", "mmio"], ["--iothreads"]])
def test_a_driver_reads_and_writes(run: Run, blk_program: Path, make_disk: MakeDisk, options: list[str]) -> None:
    disk = make_disk(DISK_MIB)
    done = run("--kernel", blk_program, *options, "--disk", f"{disk},serial=abc")
    assert done.returncode == 0
    assert "serial abc, 8192 sectors" in done.stdout
    assert done.stdout.endswith("done\n")
    image = disk.read_bytes()
    assert len(image) == DISK_MIB << 20
    for number in range(BLOCKS):
        assert image[number * BLOCK : (number + 1) * BLOCK] == pattern(number)
    assert not any(image[BLOCKS * BLOCK :])


def test_a_read_only_disk_refuses_writes(run: Run, blk_program: Path, make_disk: MakeDisk) -> None:
    disk = make_disk(DISK_MIB)
    done = run("--kernel", blk_program, "--device", f"blk,disk={disk},read-only", "--append", "read-only")
    assert done.returncode == 0
    assert not any(disk.read_bytes())


@pytest.mark.parametrize(
    ("options", "attacks"),
    [(["--transport", "pci"], 33), (["--transport", "mmio"], 31), (["--transport", "mmio", "--iothreads"], 31)],
)
def test_a_hostile_driver_breaks_only_its_device(
    run: Run, hostile_program: Path, make_disk: MakeDisk, options: list[str], attacks: int
) -> None:
    disk = make_disk(DISK_MIB)
    other = disk.with_name("other.img")
    shutil.copy(disk, other)
    disks = ["--disk", f"{disk},queues=4", "--disk", other]
    done = run("--kernel", hostile_program, *options, *disks)
    assert done.returncode == 0
    assert done.stdout.endswith("ok the other disk\ndone\n")
    assert done.stdout.count("ok ") == attacks
    assert not any(other.read_bytes())


@pytest.mark.parametrize(
    ("how", "status"),
    [("poweroff", 0), ("reset", 3), ("keyboard-reset", 3), ("panic", 4), ("fault", 5), ("something else", 71)],
)
def test_the_exit_status_says_how_the_guest_ended(run: Run, ends_program: Path, how: str, status: int) -> None:
    done = run("--kernel", ends_program, "--append", how)
    assert done.returncode == status
    assert done.stdout == f"ends: {how}\n"


def test_input_reaches_the_guest_and_a_prompt_needs_no_newline(vmm: Path, ends_program: Path) -> None:
    """More bytes than the FIFO holds arrive, and output without a newline comes before the guest ends."""
    command: list[str | Path] = [vmm, "run", "--kernel", ends_program, "--append", "echo"]
    text = b"0123456789" * 20
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(text)
        process.stdin.flush()
        expected = b"ends: echo\n" + b"".join(b"<%x>" % byte for byte in text)
        seen = b""
        while len(seen) < len(expected):
            seen += os.read(process.stdout.fileno(), 4096)
        assert seen == expected
        process.stdin.write(b".")
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_a_signal_ends_the_vmm_at_once(vmm: Path, ends_program: Path) -> None:
    with subprocess.Popen(
        [vmm, "run", "--kernel", ends_program, "--append", "forever"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ends: forever\n"
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
        assert time.monotonic() - begin < 10


@pytest.mark.parametrize("end", ["keys", "SIGTERM", "SIGQUIT", "SIGSEGV"])
def test_the_terminal_is_put_back(vmm: Path, ends_program: Path, end: str) -> None:
    terminal, ours = pty.openpty()
    before = termios.tcgetattr(terminal)
    command: list[str | Path] = [vmm, "run", "--kernel", ends_program, "--append", "forever"]
    with subprocess.Popen(command, stdin=ours, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ends: forever\n"
        assert termios.tcgetattr(terminal) != before
        if end == "keys":
            os.write(terminal, b"\x01x")
        else:
            process.send_signal(signal.Signals[end])
        status = process.wait(timeout=20)
    assert status == {"keys": 129, "SIGSEGV": -11}.get(end) or status == 128 + signal.Signals[end]
    assert termios.tcgetattr(terminal) == before
    os.close(terminal)
    os.close(ours)


def wait_until_full(pipe: int) -> None:
    """Until next to nothing more fits into the pipe (its pages need not be filled to the last byte)."""
    deadline = time.monotonic() + 60
    while int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), "little") < PIPE - 3 * 4096:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reader_that_sleeps_loses_nothing(vmm: Path, ends_program: Path) -> None:
    command: list[str | Path] = [vmm, "run", "--kernel", ends_program, "--append", "flood"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        wait_until_full(process.stdout.fileno())
        time.sleep(0.3)
        lines = process.stdout.read().decode().splitlines()
        assert process.wait(timeout=60) == 0
    assert lines == ["ends: flood", *(f"{number} abcdefghijklmnopqrstuvwxyz" for number in range(3000))]


def test_a_reader_that_never_reads_does_not_keep_the_vmm_alive(vmm: Path, ends_program: Path) -> None:
    command: list[str | Path] = [vmm, "run", "--kernel", ends_program, "--append", "flood"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        wait_until_full(process.stdout.fileno())
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM


def linux_like(path: Path, entry: int | None, machine: int = 62) -> Path:
    """A small ELF file: one page of zeroes at 1 MiB, with a PVH entry unless it is None."""
    note = b"" if entry is None else struct.pack("<III4sI", 4, 4, 18, b"Xen\0", entry)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, machine, 1, 0x100000, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 4096, 0x100000, 0x100000, 4096, 4096, 4096)
    notes = struct.pack("<IIQQQQQQ", 4, 4, 512, 0, 0, len(note), len(note), 4)
    path.write_bytes((header + load + notes).ljust(512, b"\0") + note.ljust(3584, b"\0") + bytes(4096))
    return path


def test_a_32_bit_program_gets_the_start_info_as_its_argument(run: Run, tmp_path: Path) -> None:
    # mov eax, [esp + 4]; mov eax, [eax]; cmp eax, the magic of hvm_start_info; sete al; out 0xf4, al; hlt
    code = bytes.fromhex("8b442404 8b00 3d78c56e33 0f94c0 e6f4 f4")
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 3, 1, 0x100000, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    load = struct.pack("<IIIIIIII", 1, 4096, 0x100000, 0x100000, len(code), len(code), 5, 4096)
    program = tmp_path / "program"
    program.write_bytes((header + load).ljust(4096, b"\0") + code)
    assert run("--kernel", program, "--flat").returncode == 65


def test_linux_is_refused_where_kvm_only_emulates(vmm: Path, tmp_path: Path) -> None:
    if start(vmm, "probe").returncode == 0:
        pytest.skip("this machine's KVM runs Linux")
    done = start(vmm, "run", "--kernel", linux_like(tmp_path / "kernel", 0x100000))
    assert_one_sentence(done, "this /dev/kvm cannot run Linux", "--accel uml")
    assert_one_sentence(start(vmm, "probe"), "this /dev/kvm cannot run Linux")


def test_a_missing_dev_kvm_is_one_sentence(vmm: Path, ends_program: Path) -> None:
    hide = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs none /dev && exec "$0" "$@"']
    done = start(vmm, "run", "--kernel", ends_program, wrap=hide)
    assert_one_sentence(done, "no usable /dev/kvm", "--accel uml or tcg")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
def test_a_forbidden_dev_kvm_is_one_sentence(vmm: Path, ends_program: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        os.chmod(name, 0o755)
        copies = [Path(shutil.copy(path, name)) for path in (vmm, ends_program)]
        for path in copies:
            path.chmod(0o755)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = start(copies[0], "run", "--kernel", copies[1], wrap=nobody)
    if done.returncode == 71:
        pytest.skip("everybody may open /dev/kvm on this machine")
    assert_one_sentence(done, "not permitted to open /dev/kvm", "group")


def test_wrong_kernels_are_one_sentence(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert_one_sentence(run("--kernel", missing), f"cannot open the kernel '{missing}'", "No such file")
    assert_one_sentence(run("--kernel", tmp_path), "no regular file")
    text = tmp_path / "text"
    text.write_text("not a kernel\n" * 100)
    assert_one_sentence(run("--kernel", text), "does not begin with an ELF header")
    text.write_bytes(b"")
    assert_one_sentence(run("--kernel", text), "does not begin with an ELF header")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert_one_sentence(run("--kernel", fifo), "no regular file")
    assert_one_sentence(run("--kernel", linux_like(text, None)), "no PVH entry", "--flat")
    assert_one_sentence(run("--kernel", linux_like(text, 0x500000)), "outside what it loads")
    assert_one_sentence(run("--kernel", linux_like(text, 0x100000, machine=183)), "no executable for x86-64")


def test_wrong_bzimages_are_one_sentence(run: Run, tmp_path: Path, ends_program: Path) -> None:
    kernel = tmp_path / "kernel"

    def refuse(image: bytes, *words: str) -> None:
        kernel.write_bytes(image)
        assert_one_sentence(run("--kernel", kernel, "--memory", 16), *words)

    elf = ends_program.read_bytes()
    good = bzimage.make(elf, "lz4")
    refuse(bzimage.make(elf, "lz4", version=0x209), "older than 2.10")
    refuse(bzimage.make(elf, "xz", init_size=20 << 20), "does not fit", "it needs 21 MiB", "--memory")
    refuse(bzimage.make(elf, "zstd", init_size=4096), "larger than the memory that its header asks for")
    refuse(bzimage.make(elf, "gzip", size=len(elf) + 1), "damaged", "gzip")
    refuse(bzimage.make(elf, "xz", size=len(elf) - 1), "damaged", "xz")
    refuse(bzimage.make(bytes(3 << 20), "zstd", size=4096), "damaged", "zstd")  # a bomb stays inside its size
    refuse(good[:-1], "payload is outside the file")
    refuse(good[: bzimage.PAYLOAD], "payload is outside the file")
    refuse(bzimage.wrap(b"BZh9" + bytes(56) + b"\0\0\1\0"), "packed with bzip2", "vmlinux")
    refuse(bzimage.wrap(bytes(60) + b"\0\0\1\0"), "not known here")
    refuse(bzimage.make(b"no ELF" * 100, "lzma"), "does not begin with an ELF header")
    refuse(bzimage.make(linux_like(kernel, None).read_bytes(), "gzip"), "no PVH entry")


@pytest.mark.parametrize(
    ("format", "preferred"),
    [*((format, bzimage.OWN_MEMORY) for format in bzimage.PACKERS), ("lz4", bzimage.IN_GUEST)],
)
def test_a_program_in_a_bzimage_runs(run: Run, tmp_path: Path, ends_program: Path, format: str, preferred: int) -> None:
    kernel = tmp_path / "kernel"
    kernel.write_bytes(bzimage.make(ends_program.read_bytes(), format, preferred=preferred))
    assert run("--kernel", kernel, "--append", "poweroff").returncode == 0


def test_segments_in_any_order_are_loaded_from_a_bzimage(run: Run, tmp_path: Path, ends_program: Path) -> None:
    """A file whose segments cannot be moved to their places one by one, since two of them change places."""
    elf = bytearray(ends_program.read_bytes())
    headers, count = struct.unpack_from("<Q", elf, 32)[0], struct.unpack_from("<H", elf, 56)[0]
    table = [bytes(elf[headers + 56 * n : headers + 56 * (n + 1)]) for n in range(count)]
    loads = [n for n, header in enumerate(table) if struct.unpack_from("<I", header)[0] == 1]
    assert len(loads) > 1
    table[loads[0]], table[loads[1]] = table[loads[1]], table[loads[0]]
    elf[headers : headers + 56 * count] = b"".join(table)
    kernel = tmp_path / "kernel"
    kernel.write_bytes(bzimage.make(bytes(elf), "gzip", preferred=bzimage.IN_GUEST))
    assert run("--kernel", kernel, "--append", "poweroff").returncode == 0


def test_huge_pages_are_there_or_one_sentence(run: Run, ends_program: Path) -> None:
    def poweroff(mib: int) -> subprocess.CompletedProcess[str]:
        return run("--kernel", ends_program, "--append", "poweroff", "--hugepages", "--memory", mib)

    free = int(Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages").read_text())
    assert_one_sentence(poweroff(15), "multiple of 2 MiB")
    assert_one_sentence(poweroff(2 * free + 1024), "in huge pages", "vm.nr_hugepages=")
    if free >= 8:
        assert poweroff(16).returncode == 0


def test_what_does_not_fit_is_one_sentence(run: Run, ends_program: Path, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with open(big, "wb") as file:
        file.truncate(16 << 20)
    assert_one_sentence(run("--kernel", ends_program, "--memory", 16, "--initrd", big), "does not fit", "--memory")
    assert_one_sentence(run("--kernel", ends_program, "--initrd", tmp_path), "no regular file")
    assert_one_sentence(run("--kernel", ends_program, "--initrd", tmp_path / "no"), "cannot open the initrd")
    assert_one_sentence(run("--kernel", ends_program, "--append", "x" * 5000), "command line is longer")
    assert_one_sentence(run("--kernel", ends_program, "--disk", tmp_path / "no"), "No such file")
    image = bytearray(linux_like(tmp_path / "kernel", 0x100000).read_bytes())
    struct.pack_into("<Q", image, 64 + 40, 1 << 40)  # the size in memory
    (tmp_path / "kernel").write_bytes(image)
    assert_one_sentence(run("--kernel", tmp_path / "kernel"), "does not fit into the guest's memory", "--memory")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--kernel FILE is needed"),
        (["--kernel"], "a value is missing after '--kernel'"),
        (["--bogus"], "no option '--bogus'"),
        (["--kernel", "k", "more"], "no place for 'more'"),
        (["--kernel", "k", "--memory", "1"], "not '1'"),
        (["--kernel", "k", "--memory", "64M"], "not '64M'"),
        (["--kernel", "k", "--cpus", "0"], "not '0'"),
        (["--kernel", "k", "--cpus", "17"], "--cpus is a number from 1 to 16, not '17'"),
        (["--kernel", "k", "--transport", "isa"], "not 'isa'"),
        (["--kernel", "k", "--disk", "d,queues=0"], "not '0'"),
    ],
)
def test_wrong_use_is_one_sentence(run: Run, arguments: list[str], words: str) -> None:
    assert_one_sentence(run(*arguments), words, "--help", status=2)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("floppy,disk=d", "there is no device 'floppy'"),
        ("", "there is no device ''"),
        ("blk", "a blk needs the option 'disk=FILE'"),
        ("blk,disk=d,,e,size=1", "a blk has no option 'size'"),
        ("blk,disk", "option 'disk' of a blk takes a value"),
        ("blk,disk=d,read-only=on", "option 'read-only' of a blk takes no value"),
        ("blk,disk=d,queues=65", "a blk has 1 to 64 queues, not '65'"),
    ],
)
def test_a_wrong_device_is_one_sentence(run: Run, device: str, words: str) -> None:
    assert_one_sentence(run("--kernel", "k", "--device", device), words, "help'", status=2)


def test_devices_explain_themselves(run: Run) -> None:
    assert "blk" in run("--device", "help").stdout
    done = run("--device", "blk,help")
    assert done.returncode == 0 and "disk=FILE" in done.stdout and "queues=N" in done.stdout


def test_an_unknown_instruction_shows_registers_and_bytes(run: Run, tmp_path: Path) -> None:
    """A program that an emulating KVM cannot run; a real one may, and then dies of it as any guest."""
    path = linux_like(tmp_path / "program", None)
    image = bytearray(path.read_bytes())
    image[4096:4102] = bytes.fromhex("c5f877c4e2e9")  # vzeroupper, then half of something
    path.write_bytes(image)
    done = run("--kernel", path, "--flat")
    if done.returncode == 5:
        pytest.skip("this machine's KVM executes the instruction instead of emulating it")
    assert done.returncode == 1
    assert "KVM cannot emulate an instruction" in done.stderr
    assert "rip=0000000000100000" in done.stderr
    assert "bytes: c5 f8 77" in done.stderr


def test_mutated_headers_do_no_harm(vmm: Path, ends_program: Path, tmp_path: Path) -> None:
    """Whatever is in the headers: a sentence or a guest that ends somehow, never a crash of the VMM."""
    good = ends_program.read_bytes()
    headers = 64 + 56 * int.from_bytes(good[56:58], "little")
    chance = random.Random(20261122)
    values = [0, 1, 0x7F, 0x80, 0xFF]
    for _ in range(120):
        image = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            image[chance.randrange(4, headers)] = chance.choice([*values, chance.randrange(256)])
        path = tmp_path / "mutant"
        path.write_bytes(image[: chance.choice([len(image), len(image), chance.randrange(len(image))])])
        assert ended_somehow([vmm, "run", "--kernel", path, "--append", "poweroff"]), image[:headers].hex()


def ended_somehow(command: list[str | Path]) -> bool:
    """A guest that runs garbage for ever is ended by SIGTERM."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as vmm:
        try:
            status = vmm.wait(timeout=2)
        except subprocess.TimeoutExpired:
            vmm.terminate()
            status = vmm.wait(timeout=20)
    return status >= 0 and status != 2
