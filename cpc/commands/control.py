"""`cpc control`: sends one command to a running `cpc run --control PATH` and prints the answer."""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time

_EPILOG = """\
commands:
  status       state, uptime, CPUs, memory, exits to user space
  pause        stop the virtual CPUs; status says when they have stopped
  resume       let them go on
  powerdown    press the power button; the guest is ended when it does not power down in time
  quit         end the guest at once
  co           where every coroutine of the devices waits

On the socket itself a request is a line with a JSON object, {"command": "status"}, and so is the answer.
"""
_COMMANDS = ("status", "pause", "resume", "powerdown", "quit", "co")
_SECONDS = 10.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "control",
        help="command a running guest",
        description="Send one command to a guest that 'cpc run --control PATH' runs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", metavar="PATH", help="the guest's control socket")
    parser.add_argument("request", metavar="COMMAND", choices=_COMMANDS, help=", ".join(_COMMANDS))
    parser.add_argument("--grace", metavar="SEC", type=float, help="powerdown: end the guest after SEC")


def run(args: argparse.Namespace) -> int:
    request: dict[str, object] = {"command": args.request}
    if args.grace is not None:
        request["grace_ms"] = int(args.grace * 1000)
    try:
        answer = ask(args.path, request)
    except (OSError, ValueError) as error:
        print(f"cpc control: no answer at '{args.path}': {error}", file=sys.stderr)
        return 1
    if not answer.pop("ok", False):
        print(f"cpc control: {answer.get('error', 'refused')}", file=sys.stderr)
        return 1
    if "text" in answer:
        print(answer["text"], end="")
    elif answer:
        print(json.dumps(answer))
    return 0


def ask(path: str, request: dict[str, object]) -> dict[str, object]:
    """The answer to one request.  Raises OSError or ValueError when there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection, path)
        connection.settimeout(_SECONDS)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as lines:
            answer = json.loads(lines.readline() or b"null")
    if not isinstance(answer, dict):
        raise ValueError("the connection was closed")
    return answer


def _connect(connection: socket.socket, path: str) -> None:
    """A UNIX socket whose queue is full says so at once instead of letting us wait."""
    connection.setblocking(False)
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return connection.connect(path)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
