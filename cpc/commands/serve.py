"""`cpc serve DEVICE ...`: one device as a vhost-user daemon.  Builds the VMM if need be and becomes `vmm serve`.

The options belong to the device and are read by the VMM, so that a new device needs nothing here.
"""

from __future__ import annotations

import argparse
import os
import sys

from cpc.diag import render
from cpc.runtime_library import BuildFailed, build_vmm

_EPILOG = """\
examples:
  cpc serve blk --socket /tmp/disk.sock --disk disk.img           a disk for QEMU, User-mode Linux, DPDK
  cpc serve blk --socket S --disk /dev/sdb --read-only --queues 4
  cpc serve net --socket S --passt --tcp-ports 2222:22            a network through passt, without root
  cpc serve rng --socket S
  cpc serve blk --help                                            every option of the device

The daemon serves one client after the other until SIGTERM; a client that reconnects after the daemon was
killed and started again goes on where it was. SIGUSR1 prints its coroutines with their backtraces.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "serve",
        help="serve one device over vhost-user",
        description="Serve one virtio device over a vhost-user socket.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("device", metavar="DEVICE", nargs="?", help="which device; without one they are listed")
    parser.add_argument("options", nargs=argparse.REMAINDER, metavar="...", help="the device's options")


def run(args: argparse.Namespace) -> int:
    try:
        vmm = build_vmm()
    except BuildFailed as failure:
        print(render(failure.diags.sorted()), end="", file=sys.stderr)
        return 1
    sys.stdout.flush()
    os.execv(vmm, ["vmm", "serve", *([args.device] if args.device else []), *args.options])
