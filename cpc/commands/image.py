"""`cpc image`: makes disk images for guests from Debian packages."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from pathlib import Path

from cpc.guests.debian import GuestError
from cpc.guests.image import SUITES, Recipe, build

_EPILOG = """\
examples:
  cpc image build debian-12 -o disk.img                  a system with systemd, apt and an empty root password
  cpc image build debian-12 -o d.img --size 2G --install fio,openssh-server --root-password -
  cpc run --accel kvm --disk disk.img --append root=/dev/vda

Nothing needs root, but a user needs a range of subordinate ids (/etc/subuid), which adduser gives.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "image",
        help="make a guest's disk image",
        description="Make an ext4 image with a Debian system from its packages.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("build", help="make an image")
    make.add_argument("system", choices=sorted(SUITES), help="which system")
    make.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the image")
    make.add_argument("--size", metavar="N", type=_size, default="1G", help="of the file system (default 1G)")
    make.add_argument("--install", metavar="A,B", type=_packages, default=(), help="more packages")
    make.add_argument("--hostname", metavar="NAME", type=_hostname, default="debian", help="the guest's name")
    make.add_argument("--root-password", metavar="PW", help="root's; '-' asks for it (default: none is needed)")


def run(args: argparse.Namespace) -> int:
    password = getpass.getpass("root's password in the guest: ") if args.root_password == "-" else args.root_password
    try:
        build(Recipe(args.system, args.install, args.hostname, password), args.size, args.output)
    except (GuestError, OSError) as error:
        print(f"cpc image: {error}", file=sys.stderr)
        return 1
    return 0


def _matching(pattern: str, text: str, what: str) -> str:
    if not re.fullmatch(pattern, text):
        raise argparse.ArgumentTypeError(f"'{text}' is no {what}")
    return text


def _size(text: str) -> str:
    return _matching(r"[1-9]\d*[MG]", text, "size like 512M or 2G")


def _hostname(text: str) -> str:
    return _matching(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text, "host name")


def _packages(text: str) -> tuple[str, ...]:
    return tuple(_matching(r"[a-z0-9][a-z0-9.+-]+", name, "name of a package") for name in text.split(","))
