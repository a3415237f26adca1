"""Every packaged kernel with one and two CPUs over both transports, in the nested lab: each cell uses every device.

A cell is a guest with a disk, rng, a console and two networks: a tap with two pairs of queues, and passt.  Level 1 is
the other end of everything; transfers go both ways, and what arrived is what was sent.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from cpc.guests import nested
from cpc.guests.initrd import with_libraries
from tests.guest import jobs
from tests.guest.test_kvm_linux import KERNELS, Guest, Session, assert_job, guest_files, read_session

pytestmark = [pytest.mark.lab, pytest.mark.guest, pytest.mark.timeout(3600)]

_RELEASES = {"6.1": r"6\.1\.0-\d+-cloud-amd64", "6.12": r"6\.12\.\S+-cloud-amd64", "generic": r"6\.1\.0-\d+-amd64"}

# Through passt 10.0.2.2 is level 1's loopback; the tap's network is 10.0.9.0.
_JOB = """
now() { cut -d' ' -f1 /proc/uptime; }
echo "cell $(uname -r) $(nproc)"
for device in /sys/bus/virtio/devices/*; do echo "device $(cat $device/device)"; done
dd if=/dev/hwrng of=/tmp/random bs=1k count=4 iflag=fullblock 2>/dev/null; echo "random $(gzip -c /tmp/random | wc -c)"
for interface in /sys/class/net/eth*; do
  case $(cat $interface/address) in *:01) tap=${interface##*/};; *:02) passt=${interface##*/};; esac
done
ip link set $tap up; ip addr add 10.0.9.15/24 dev $tap
ip link set $passt up; ip addr add 10.0.2.15/24 dev $passt; ip route add default via 10.0.2.2
for address in 10.0.9.2 10.0.3.1; do for n in 1 2 3 4 5 6; do ping -c 1 -W 2 $address && break; done; done
for host in 10.0.9.2 10.0.2.2; do
  begin=$(now); wget -q -O /tmp/data http://$host:8000/data; sha256sum < /tmp/data
  middle=$(now); nc $host 9000 < /tmp/data; echo "transfer $host $begin $middle $(now)"
done
exec 3<>/dev/hvc0; echo login: >&3; read -r user <&3; echo "user $user"
"""
_BEFORE = """
rm -rf /www /terminal /up /open; mkdir /www; dd if=/dev/urandom of=/www/data bs=1M count=1 2>/dev/null
mkfifo /open; exec 9<>/open; rm -f /disk; truncate -s 128M /disk
"""
_RUN = """
timeout -s KILL 300 /vmm run {options} > /console & vmm=$!
for i in $(seq 600); do [ -e /terminal ] && [ -e /sys/class/net/tap0 ] && break; sleep 0.1; done
ip addr add 10.0.9.2/24 dev tap0; ip link set tap0 up; httpd -f -p 8000 -h /www & httpd=$!
(for n in 1 2; do nc -l -p 9000 <&9 | sha256sum; done) > /up & sink=$!
while read -r line; do case $line in *login:*) echo root > /terminal;; esac; done < /terminal &
wait $vmm; status=$?; kill $httpd $sink; cat /console; sha256sum /www/data; cat /up
"""
_NETWORK = """
ip link set lo up; ip link add outside type dummy; ip addr add 10.0.2.15/24 dev outside; ip link set outside up
ip route add default via 10.0.2.2; ip addr add 10.0.3.1/32 dev lo; echo "0 65535" > /proc/sys/net/ipv4/ping_group_range
echo root:x:0:0::/:/bin/sh > /etc/passwd; echo nobody:x:65534:65534::/:/bin/false >> /etc/passwd
"""
_OPTIONS = (
    "--append quiet --disk /disk --device rng --device console,port0=pty:/terminal "
    "--device net,tap=tap0,queues=2,mac=52:54:00:00:00:01 --device net,passt,mac=52:54:00:00:00:02"
)

CELLS = {
    f"{kernel}-{transport}-{cpus}": Guest(
        f"--transport {transport} --cpus {cpus} {_OPTIONS}", jobs.EXT4 + _JOB, _BEFORE, kernel, _RUN
    )
    for kernel, transport, cpus in itertools.product(KERNELS, ("mmio", "pci"), (1, 2))
}
ENDS = {
    f"{kernel}-{end}": Guest("--append quiet", job, kernel=kernel)
    for kernel in KERNELS
    for end, job in (("reboot", "reboot -f"), ("panic", "echo c > /proc/sysrq-trigger"))
}
MANY = {"16-cpus": Guest("--append quiet --cpus 16 --memory 512", "nproc; cut -d' ' -f1 /proc/uptime\n")}


@pytest.fixture(scope="module")
def lab(vmm: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    guests = {**CELLS, **ENDS, **MANY}
    files = guest_files(vmm, tmp_path_factory.mktemp("matrix"), guests)
    files += {*with_libraries("passt"), ("/sbin/passt.avx2", Path("/usr/bin/passt.avx2"))}
    script = _NETWORK + "".join(guest.script(name) for name, guest in guests.items())
    return read_session(nested.run(script, files, timeout=3500, memory=3072).text, guests)


@pytest.mark.parametrize("cell", CELLS)
def test_a_kernel_uses_all_devices(lab: Session, cell: str) -> None:
    text = assert_job(lab, cell)
    kernel, _, cpus = cell.split("-")
    assert re.search(rf"^cell {_RELEASES[kernel]} {cpus}$", text, re.MULTILINE)
    assert sorted(re.findall(r"^device 0x000([0-9a-f])$", text, re.MULTILINE)) == ["1", "1", "2", "3", "4"]
    random = re.search(r"^random (\d+)$", text, re.MULTILINE)
    assert random is not None and int(random[1]) > 4096
    assert text.count("1 packets received") == 2
    digests = re.findall(r"^([0-9a-f]{64}) ", text, re.MULTILINE)
    assert len(digests) == 5 and len(set(digests)) == 1  # what came by tap and passt, what was there, what went back
    assert re.search(r"^user root$", text, re.MULTILINE)


@pytest.mark.parametrize(("end", "status"), [("reboot", 3), ("panic", 4)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_status_says_how_it_ended(lab: Session, kernel: str, end: str, status: int) -> None:
    assert lab.status[f"{kernel}-{end}"] == status


def test_sixteen_cpus(lab: Session) -> None:
    assert re.search(r"^16$", assert_job(lab, "16-cpus"), re.MULTILINE)
