"""`cpc run`: boot a guest whose devices are our compiled coroutines."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cpc.diag import render
from cpc.guests.daemon import Device, Disk
from cpc.guests.debian import GuestError
from cpc.guests.runner import ACCELERATORS, TRANSPORTS, Request
from cpc.guests.runner import run as run_guest
from cpc.processes import end_on_sigterm
from cpc.runtime_library import BuildFailed, build_vmm

_EPILOG = """\
examples:
  cpc run                                      a busybox shell in a guest, nothing needed
  cpc run --disk disk.img                      a busybox shell with disk.img as /dev/vda
  cpc run --accel uml --disk d --script job    run the shell script 'job' in the guest and power off
  cpc run --accel kvm --kernel guest.elf       a freestanding guest on our own VMM

Kernels come from Debian packages, which are downloaded at first use and kept in the cache.
The exit status is the script's, 124 when --timeout ran out, 125 when the guest ended before its script.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "run",
        help="boot a guest on the VMM",
        description="Boot a Linux guest with disks served by compiled coroutines.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--accel", choices=ACCELERATORS, default="auto", help="what runs the guest (default auto)")
    parser.add_argument("--disk", metavar="FILE[,ro]", action="append", default=[], help="a disk image; repeatable")
    parser.add_argument(
        "--device",
        metavar="CLASS[,NAME=VALUE]",
        action="append",
        default=[],
        help="a virtio device; repeatable; 'cpc serve' lists the classes, 'cpc serve CLASS --help' the options of one",
    )
    parser.add_argument("--memory", metavar="MIB", type=int, default=256, help="guest memory in MiB (default 256)")
    parser.add_argument("--cpus", metavar="N", type=int, default=1, help="virtual CPUs, 1 to 16 (not uml; default 1)")
    parser.add_argument("--queues", metavar="N", type=int, default=1, help="queues of each disk (tcg; default 1)")
    parser.add_argument("--kernel", metavar="FILE", type=Path, help="boot this kernel (kvm and tcg)")
    parser.add_argument("--initrd", metavar="FILE", type=Path, help="initial RAM disk for --kernel")
    parser.add_argument("--append", metavar="ARGS", default="", help="more kernel arguments")
    parser.add_argument("--script", metavar="FILE", type=Path, help="shell script to run in the guest, which then ends")
    own = parser.add_argument_group("our own VMM (kvm only)")
    own.add_argument("--transport", choices=TRANSPORTS, help="how the guest finds its devices (default pci)")
    own.add_argument("--iothreads", action="store_true", help="each device in a thread of its own")
    own.add_argument("--control", metavar="PATH", help="socket for commands (cpc control)")
    own.add_argument("--trace", metavar="FILE", help="write what the VMM did, for chrome://tracing or ui.perfetto.dev")
    own.add_argument("--no-sandbox", action="store_true", help="run the VMM without seccomp and Landlock")
    own.add_argument("--json", action="store_true", help="log JSON objects, with events: boot, ready, end")
    own.add_argument("--hugepages", action="store_true", help="guest memory in huge pages, which the host must reserve")
    parser.add_argument("--timeout", metavar="SEC", type=float, default=3600.0, help="stop a script's guest after SEC")


def _vmm_options(args: argparse.Namespace) -> list[str]:
    switches = ("json", "hugepages", "no_sandbox", "iothreads")
    options = [f"--{name.replace('_', '-')}" for name in switches if getattr(args, name)]
    for name in ("transport", "control", "trace"):
        if value := getattr(args, name):
            options += [f"--{name}", value]
    return options


def run(args: argparse.Namespace) -> int:
    end_on_sigterm()
    try:
        request = Request(
            accel=args.accel,
            disks=[Disk.parse(text) for text in args.disk],
            devices=[Device.parse(text) for text in args.device],
            memory=args.memory,
            cpus=args.cpus,
            queues=args.queues,
            kernel=args.kernel,
            initrd=args.initrd,
            append=args.append,
            script=args.script.read_text() if args.script else None,
            timeout=args.timeout,
            vmm_options=_vmm_options(args),
        )
        return run_guest(request, build_vmm())
    except BuildFailed as failure:
        print(render(failure.diags.sorted()), end="", file=sys.stderr)
        return 1
    except (GuestError, OSError) as error:
        print(f"cpc run: {error}", file=sys.stderr)
        return 1
