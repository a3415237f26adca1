"""`make demo`: compiles the devices, then a real Linux formats, writes, reads back and checks a disk they serve."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
_JOB = Path(__file__).with_name("demo-job.sh")
_DISK_BYTES = 256 << 20


def main() -> int:
    """Runs the two commands a user would type; the status is the first one that is not 0."""
    start = time.monotonic()
    build = _ROOT / "build"
    build.mkdir(exist_ok=True)
    disk = build / "demo.img"
    disk.unlink(missing_ok=True)
    with open(disk, "wb") as image:
        image.truncate(_DISK_BYTES)

    _say("compiling devices/ with cpc: annotated C to stackless coroutines to native code")
    status = _cpc("compile", "devices/", "-o", "build/demo-devices", "--emit", "obj")
    if status == 0:
        _say("booting User-mode Linux; its disk is served by those coroutines over vhost-user")
        job = ["--script", str(_JOB), "--timeout", "120"]
        status = _cpc("run", "--accel", "uml", "--disk", str(disk.relative_to(_ROOT)), *job)
    took = time.monotonic() - start
    _say(f"all good after {took:.1f} s" if status == 0 else f"FAILED with status {status} after {took:.1f} s")
    return status


def _cpc(*arguments: str) -> int:
    print(f"$ cpc {' '.join(arguments)}", flush=True)
    return subprocess.run([sys.executable, "-m", "cpc", *arguments], cwd=_ROOT).returncode


def _say(text: str) -> None:
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
