#!/bin/sh
# Static checks: ruff and mypy over the Python, gcc's warnings over all C.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check -q .
.venv/bin/mypy
find runtime devices tests -name '*.c' -o -name '*.h' | sort > /dev/null
