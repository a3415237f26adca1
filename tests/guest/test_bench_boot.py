"""`cpc bench boot`: what it makes of a console; in the lab, that all three machines boot and ours exits less."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpc import bench_boot
from cpc.bench_blk import BenchError

pytestmark = pytest.mark.guest

NAMES = ("cpc, mmio", bench_boot.PEER)


def console(*times: float) -> str:
    """Of a warm-up and one more round for each time; the peer takes twice as long and exits twice as often."""
    text = ""
    for turn, time in enumerate((1000.0, *times)):
        for factor, name in enumerate(NAMES, 1):
            marks = "".join(
                f"timer: {mark} {time * factor + at} {(at + 1) * factor} 2:{at * factor} 6:{factor}\n"
                for at, mark in enumerate(("bench: init", "bench: disk", "end"))
            )
            text += f"bench: {turn} {name}\nnoise\nbench: line quiet\n\n{marks}"
    return text


def test_medians_leave_the_warm_up_out() -> None:
    boots = bench_boot._medians(console(10, 30, 20), dict.fromkeys(NAMES, ""), 3)
    assert [boot.milliseconds["init"] for boot in boots] == [20, 40]
    assert boots[1].exits == {"init": 2, "disk": 4, "end": 6}
    assert boots[1].reasons == {"port": 4, "MMIO": 2}
    assert bench_boot.ratios(boots)["cpc, mmio"]["init"] == 0.5
    assert "cpc, mmio" in bench_boot.render_table(boots)


@pytest.mark.parametrize("wrong", [("bench: 1 QEMU", ""), ("timer: end", ""), ("line quiet", "line loud")])
def test_a_guest_that_went_wrong_is_no_figure(wrong: tuple[str, str]) -> None:
    with pytest.raises(BenchError):
        bench_boot._medians(wrong[1].join(console(10).rsplit(wrong[0], 1)), dict.fromkeys(NAMES, ""), 1)


@pytest.mark.lab
@pytest.mark.timeout(1200)
def test_fewer_exits_than_the_peer(vmm: Path) -> None:
    *ours, peer = bench_boot.measure(vmm, 1, 256, print)
    assert peer.name == bench_boot.PEER
    assert all(boot.exits[mark] < peer.exits[mark] for boot in ours for mark in bench_boot.MARKS)
