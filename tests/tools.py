"""What several test folders need: running cpc as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def cpc(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """`cpc ARGUMENTS` from the top of the repository; never raises for a non-zero status."""
    command = [sys.executable, "-m", "cpc", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, **options)


def cpc_cc(arguments: list[str]) -> None:
    """`cpc cc ARGUMENTS`, which must succeed."""
    done = cpc(["cc", *arguments])
    assert done.returncode == 0, done.stderr
