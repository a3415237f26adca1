#!/bin/sh
# Static checks: ruff and mypy over the Python, gcc's warnings over all C, each header compiled alone, and cpc's lints.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check -q .
.venv/bin/mypy --no-error-summary
flags="-std=gnu11 -fsyntax-only -Wall -Wextra -Werror -D_GNU_SOURCE -I runtime -I tests/stackful -isystem runtime/include"
# tests/lints and tests/frontend hold C that is wrong on purpose, tests/exec/c what gcc warns about.
find runtime devices tests/runtime tests/stackful tests/devices tests/exec tests/guest tests/bench \
  -name '*.[ch]' -not -path 'tests/exec/c/*' -print0 2>/dev/null | xargs -0 -P2 -n8 sh -c 'for f do gcc '"$flags"' -x c "$f" || exit 255; done' sh
.venv/bin/cpc lint -D _GNU_SOURCE runtime devices
