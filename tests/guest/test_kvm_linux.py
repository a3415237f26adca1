"""Our VMM on the standard kvm_amd of the nested lab: an unmodified Debian kernel uses our disks, and ends in every way.

One level 1 machine runs all guests, one after the other (an emulated machine takes longer to start than a guest in
it); each test reads the part of its console that belongs to its guest.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cpc.guests import nested
from cpc.guests.initrd import BUTTON_MODULES, DISK_MODULES, base_initrd, job_archive
from cpc.guests.kernels import CLOUD_6_1, CLOUD_6_12, GENERIC_6_1, debian_kernel
from tests.guest import jobs, programs

pytestmark = [pytest.mark.guest, pytest.mark.timeout(1000)]

_SYNCED = 6
_KILL = f"""
timeout -s KILL 90 /vmm run --kernel /kernels/6.1 --initrd /initrd --append quiet --disk /disk > /console & vmm=$!
for i in $(seq 300); do grep -q 'synced {_SYNCED}' /console && break; sleep 0.2; done
kill -9 $(pidof vmm); wait $vmm; status=$?; tail -n 3 /console
"""
_MEASURE = """
timeout -s KILL 150 /vmm run {options} > /console & vmm=$!
for i in $(seq 600); do grep -q 'measure now' /console && break; sleep 0.1; done
awk '/^Size:/ {{size = $2}} /^Rss:/ {{rss[size == 262144] += $2}} END {{print "rss", rss[1], rss[0]}}' \
  /proc/$(pidof vmm)/smaps
wait $vmm; status=$?; cat /console
"""
_TERMINATE = """
timeout -s KILL 150 /vmm run {options} > /console & vmm=$!
for i in $(seq 600); do grep -q 'end me' /console && break; sleep 0.1; done
kill -TERM $(pidof vmm); wait $vmm; status=$?; cat /console
"""
_MAX_RSS_KIB = 8 << 10

# net on a tap with two pairs, rng, and a console with a login and a channel; level 1 is the other end of everything.
_DEVICES = """
dd if=/dev/hwrng of=/tmp/random bs=1k count=4 iflag=fullblock 2>/dev/null; echo "random $(gzip -c /tmp/random | wc -c)"
ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0
echo "queues $(echo /sys/class/net/eth0/queues/*)"
for n in 1 2 3 4 5 6; do ping -c 1 -W 1 10.0.2.2 && break; done
wget -q -O /tmp/data http://10.0.2.2:8000/data; sha256sum < /tmp/data
for cpu in 0 1; do taskset -c $cpu nc 10.0.2.2 900$cpu < /tmp/data; done
exec 3<>/dev/hvc0; echo login: >&3; read -r user <&3; echo "user $user"
echo hello > $(echo /dev/vport*p1)
grep virtio /proc/interrupts
"""
_DEVICES_BEFORE = """
rm -rf /www /terminal /channel /up* /open; mkdir /www; dd if=/dev/urandom of=/www/data bs=1M count=1 2>/dev/null
mkfifo /open; exec 9<>/open
"""
_DEVICES_RUN = """
timeout -s KILL 240 /vmm run {options} > /console & vmm=$!
for i in $(seq 300); do [ -e /terminal ] && [ -e /sys/class/net/tap0 ] && break; sleep 0.1; done
ip addr add 10.0.2.2/24 dev tap0; ip link set tap0 up; httpd -f -p 8000 -h /www & httpd=$!
for n in 0 1; do nc -l -p 900$n <&9 > /up$n & done
while read -r line; do case $line in *login:*) echo root > /terminal;; esac; done < /terminal &
wait $vmm; status=$?; kill $httpd; cat /console; sha256sum /www/data /up0 /up1; cat /channel
"""
_DEVICES_OPTIONS = "--append quiet --cpus 2 --device rng --device net,tap=tap0,queues=2 "
_DEVICES_OPTIONS += "--device console,port0=pty:/terminal,port1=org.test=file:/channel"


_BEFORE = "truncate -s 128M /disk; truncate -s 4M /small /other; export CPC_LOG=debug"
_PACKED = 'echo "packed rings: $(cut -c35 /sys/bus/virtio/devices/virtio0/features)"\n'  # feature bit 34
_EXT4 = _PACKED + "cat /sys/block/vda/serial; echo\n" + jobs.EXT4 + "grep virtio /proc/interrupts\n"
_TWO = f"""
{_PACKED}
nproc; cat /sys/block/vdb/ro; ls /sys/block/vda/mq | wc -l
for cpu in 0 1; do taskset -c $cpu dd if=/dev/vda of=/dev/null bs=64k count=32 iflag=direct & done
dd if=/dev/vdb of=/dev/null bs=64k count=32 & wait
grep virtio /proc/interrupts
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """One boot in the lab: the options of the VMM and the job in the guest; `before` runs in level 1 first.
    Without a job there is no Linux."""

    options: str
    job: str | None = None
    before: str = ""
    kernel: str = "6.1"
    command: str = "timeout -s KILL 150 /vmm run {options} > /console; status=$?; cat /console"

    def script(self, name: str) -> str:
        boot = f"--kernel /kernels/{self.kernel} --initrd /initrd " if self.job is not None else ""
        initrd = f"cat /kernels/{self.kernel}.base /jobs/{name} > /initrd\n" if self.job is not None else ""
        command = self.command.format(options=boot + self.options)
        begin, end = f"echo; echo 'lab: begin {name}'", f'echo; echo "lab: end {name} $status"'
        return f"{begin}\n{self.before}\n{initrd}{command}\n{end}\n"


KERNELS = {"6.1": CLOUD_6_1, "6.12": CLOUD_6_12, "generic": GENERIC_6_1}
MODULES = (*DISK_MODULES, *BUTTON_MODULES, "pvpanic-mmio", "virtio_net", "virtio_rng", "virtio_console")

_DESCRIBE = "uname -r; nproc; cat /sys/block/vda/size; ls /sys/bus/virtio/devices\n"

GUESTS = {
    "probe": Guest("", command="/vmm probe; status=$?"),
    "ext4-mmio": Guest("--transport mmio --append quiet --disk /disk,serial=lab-disk", _EXT4, before=_BEFORE),
    "ext4-pci": Guest("--transport pci --append quiet --disk /disk,serial=lab-disk", _EXT4, before=_BEFORE),
    "ext4-line": Guest("--append 'quiet pci=nomsi' --disk /disk,packed,serial=lab-disk", _EXT4, before=_BEFORE),
    "two-cpus-mmio": Guest(
        "--transport mmio --append quiet --cpus 2 --disk /disk,packed,queues=2 --disk /small,ro", _TWO
    ),
    "two-cpus-pci": Guest(
        "--append quiet --cpus 2 --iothreads --disk /disk,queues=2 --device blk,disk=/small,read-only", _TWO
    ),
    **{
        f"devices-{transport}": Guest(
            f"--transport {transport} {_DEVICES_OPTIONS}", _DEVICES, before=_DEVICES_BEFORE, command=_DEVICES_RUN
        )
        for transport in ("mmio", "pci")
    },
    "6.12": Guest("--append quiet --cpus 2 --disk /small,ro", _DESCRIBE, kernel="6.12"),
    "generic": Guest(
        "--append quiet --disk /small,ro", _DESCRIBE + "echo measure now; sleep 2\n", kernel="generic", command=_MEASURE
    ),
    "sigterm": Guest("--append quiet --grace 60", "echo end me; sleep 300\n", command=_TERMINATE),
    "no-root": Guest("--kernel /kernels/6.1 --append quiet"),
    "reboot": Guest("--append quiet --memory 3328", "grep MemTotal /proc/meminfo; cat /proc/iomem; reboot -f"),
    "panic": Guest("--append quiet", "echo c > /proc/sysrq-trigger"),
    "no-memory": Guest("--append quiet --memory 32", "true"),
    "killed": Guest("", jobs.WRITE_FOR_EVER, before="truncate -s 128M /disk", command=_KILL),
    "after-kill": Guest("--append quiet --disk /disk", jobs.verify(_SYNCED)),
    "driver-mmio": Guest("--transport mmio --kernel /blk.elf --disk /small"),
    "driver-pci": Guest("--transport pci --kernel /blk.elf --disk /small"),
    "hostile-mmio": Guest("--transport mmio --kernel /hostile.elf --disk /small --disk /other"),
    "hostile-pci": Guest("--transport pci --kernel /hostile.elf --disk /small --disk /other"),
    "fault": Guest("--kernel /ends.elf --append fault"),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What each guest printed, and the status of its VMM."""

    text: dict[str, str] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def lab(vmm: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("lab")
    files = guest_files(vmm, folder, GUESTS)
    files += [(f"/{name}.elf", programs.build(name, folder)) for name in ("blk", "hostile", "ends")]
    return read_session(run_guests(GUESTS, files, timeout=300), GUESTS)


def run_guests(guests: Mapping[str, Guest], files: Sequence[tuple[str, Path]], timeout: float) -> str:
    """The console of a lab that boots them in turn.  Each has a limit of its own in level 1.  When level 1, an emulated
    machine, stops all the same, a new one goes on with the guest that had not ended, up to twice."""
    text, left = "", list(guests)
    for _ in range(3):
        script = _BEFORE + "\n" + "".join(guests[name].script(name) for name in left)
        seen = nested.run(script, files, timeout=timeout).text
        ended = [name for name in left if re.search(rf"^lab: end {name} ", seen, re.MULTILINE)]
        unfinished = left[len(ended) : len(ended) + 1]
        text += seen.partition(f"lab: begin {unfinished[0]}\n")[0] if unfinished else seen
        if not unfinished:
            break
        print(f"lab: level 1 stopped in guest '{unfinished[0]}'")
        left = left[len(ended) - (unfinished == ["after-kill"]) :]  # which needs the disk that 'killed' leaves
    return text


def guest_files(vmm: Path, folder: Path, guests: Mapping[str, Guest]) -> list[tuple[str, Path]]:
    """What level 1 needs for them: the VMM, the kernels, and their initial RAM disks in two parts."""
    files = [("/vmm", vmm)]
    for name, package in KERNELS.items():
        kernel = debian_kernel(package)
        base = folder / f"{name}.base"
        base.write_bytes(base_initrd(kernel, MODULES))
        files += [(f"/kernels/{name}", kernel.image), (f"/kernels/{base.name}", base)]
    for name, guest in guests.items():
        if guest.job is not None:
            job = folder / name
            job.write_bytes(job_archive(guest.job))
            files.append((f"/jobs/{name}", job))
    return files


def read_session(console: str, names: Iterable[str]) -> Session:
    session = Session()
    for name in names:
        found = re.search(rf"^lab: begin {name}\n(.*?)^lab: end {name} (\d*)$", console, re.DOTALL | re.MULTILINE)
        assert found is not None, f"guest '{name}' did not end; the lab's console is above"
        session.text[name] = found[1]
        session.status[name] = int(found[2] or 0)
    return session


def assert_job(lab: Session, name: str) -> str:
    """The guest's job went well and the guest powered off; returns what it printed."""
    assert re.search(r"^cpc-guest: exit 0$", lab.text[name], re.MULTILINE)
    assert lab.status[name] == 0
    return lab.text[name]


def test_the_standard_kvm_is_found_able(lab: Session) -> None:
    assert lab.status["probe"] == 0


@pytest.mark.parametrize(
    ("transport", "interrupt"),
    [
        ("mmio", r"IO-APIC +5-edge +virtio0"),
        ("pci", r"PCI-MSI \d+-edge +virtio0-req.0"),
        ("line", r"IO-APIC +17-fasteoi +virtio0"),
    ],
)
def test_linux_formats_writes_and_verifies_ext4(lab: Session, transport: str, interrupt: str) -> None:
    """The disk is found through ACPI or on the PCI bus; its kicks are ioeventfds, its interrupts irqfds or a line."""
    text = assert_job(lab, f"ext4-{transport}")
    assert f"packed rings: {int(transport == 'line')}\n" in text
    assert "lab-disk" in text
    interrupts = re.search(rf"^ *\d+: +(\d+) +{interrupt}$", text, re.MULTILINE)
    assert interrupts is not None and int(interrupts[1]) > 50
    assert re.search(r"blk0: 0 kicks left the guest$", text, re.MULTILINE)


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_two_cpus_use_two_disks(lab: Session, transport: str) -> None:
    text = assert_job(lab, f"two-cpus-{transport}")
    assert f"packed rings: {int(transport == 'mmio')}\n" in text
    assert re.search(r"^2\n1\n2$", text, re.MULTILINE)
    assert text.count("32+0 records in") == 3
    if transport == "pci":  # each queue has a vector of its own, which goes to its own CPU
        used = re.findall(r"^ *\d+: +(\d+) +(\d+) +PCI-MSI \d+-edge +virtio0-req.[01]$", text, re.MULTILINE)
        assert len(used) == 2 and all(int(used[q][q]) > 0 for q in (0, 1))


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_net_console_and_rng_on_a_real_kvm(lab: Session, transport: str) -> None:
    text = assert_job(lab, f"devices-{transport}")
    random = re.search(r"^random (\d+)$", text, re.MULTILINE)
    assert random is not None and int(random[1]) > 4096
    assert re.search(r"^queues \S*/rx-0 \S*/rx-1 \S*/tx-0 \S*/tx-1$", text, re.MULTILINE)
    assert "1 packets received" in text
    digests = re.findall(r"^([0-9a-f]{64}) ", text, re.MULTILINE)
    assert len(digests) == 4 and len(set(digests)) == 1  # what the guest got, what was there, what came back twice
    assert re.search(r"^user root$", text, re.MULTILINE) and re.search(r"^hello$", text, re.MULTILINE)


@pytest.mark.parametrize(("name", "release"), [("6.12", r"6\.12\.\S+-cloud-amd64"), ("generic", r"6\.1\.0-\d+-amd64")])
def test_other_kernels_boot_as_packaged(lab: Session, name: str, release: str) -> None:
    """Packed with zstd and xz; the ext4 test's kernel is packed with LZ4."""
    cpus = 2 if name == "6.12" else 1
    assert re.search(rf"^{release}\n{cpus}\n8192\nvirtio0$", assert_job(lab, name), re.MULTILINE)


def test_the_vmm_is_small_beside_the_guest(lab: Session) -> None:
    """Beside 256 MiB of guest memory, which is one mapping, and with a kernel that the VMM unpacked."""
    sizes = re.search(r"^rss (\d+) (\d+)$", lab.text["generic"], re.MULTILINE)
    assert sizes is not None
    assert int(sizes[1]) > _MAX_RSS_KIB
    assert int(sizes[2]) < _MAX_RSS_KIB


def test_sigterm_presses_the_power_button(lab: Session) -> None:
    assert lab.status["sigterm"] == 0
    assert "asking the guest to power down" in lab.text["sigterm"]
    assert "cpc-guest: exit" not in lab.text["sigterm"]


def test_a_panic_before_any_module_is_a_panic_with_a_hint(lab: Session) -> None:
    assert lab.status["no-root"] == 4
    assert "hint: the kernel found no root file system" in lab.text["no-root"]


def test_memory_above_the_hole_is_used(lab: Session) -> None:
    total = re.search(r"MemTotal: +(\d+) kB", lab.text["reboot"])
    assert total is not None and int(total[1]) > 3000 << 10
    assert "100000000-10fffffff : System RAM" in lab.text["reboot"]


@pytest.mark.parametrize(("name", "status"), [("reboot", 3), ("panic", 4)])
def test_the_status_says_how_linux_ended(lab: Session, name: str, status: int) -> None:
    assert lab.status[name] == status


def test_a_kernel_without_room_is_one_sentence(lab: Session) -> None:
    assert lab.status["no-memory"] == 1
    assert "does not fit into the guest's memory" in lab.text["no-memory"]


def test_ext4_survives_the_death_of_the_vmm(lab: Session) -> None:
    assert lab.status["killed"] == 128 + signal.SIGKILL
    assert int(re.findall(r"^synced (\d+)$", lab.text["killed"], re.MULTILINE)[-1]) >= _SYNCED
    assert_job(lab, "after-kill")


def test_a_triple_fault_ends_the_guest_on_a_real_kvm(lab: Session) -> None:
    assert lab.status["fault"] == 5


@pytest.mark.parametrize("transport", ["mmio", "pci"])
def test_freestanding_drivers_run_on_a_real_kvm(lab: Session, transport: str) -> None:
    driver, hostile = f"driver-{transport}", f"hostile-{transport}"
    assert lab.status[driver] == 0 and "done\n" in lab.text[driver]
    assert lab.status[hostile] == 0 and "ok the other disk\ndone\n" in lab.text[hostile]
