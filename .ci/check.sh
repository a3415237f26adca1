#!/bin/sh
# Static checks: ruff and mypy over the Python, gcc's warnings over all C, each header compiled alone, and cpc's lints.
set -eu
cd "$(dirname "$0")/.."

check_c() { # gcc's options, then the arguments of find
  options="-std=gnu11 -fsyntax-only -D_GNU_SOURCE -I runtime -I tests/stackful -isystem runtime/include $1"
  shift
  # Left out: headers that wrap the system's, and those that say what they require before they are included.
  find "$@" -name '*.[ch]' ! -path '*/include/sys/*' ! -name '*intrin.h' ! -path 'tests/bench/coroutines/*.h' -print0 |
    xargs -0 -P2 -n8 sh -c 'for f do gcc '"$options"' -x c "$f" || exit 255; done' sh
}

.venv/bin/ruff check -q .
.venv/bin/ruff format -q --check .
.venv/bin/mypy --no-error-summary
check_c "-Wall -Wextra -Werror" runtime devices tests/runtime tests/stackful tests/devices tests/exec/coroutines \
  tests/guest tests/bench
# These programs do on purpose what gcc warns about (comparing signs, overriding initialisers); nothing undefined.
check_c "-w -Wno-psabi -Wno-attributes -Werror=format -Werror=sequence-point -Werror=return-type -Werror=uninitialized" tests/exec/programs \
  tests/exec/c tests/exec/abi tests/exec/ms_abi
# tests/lints and tests/frontend hold C that is wrong on purpose.
.venv/bin/cpc lint -D _GNU_SOURCE runtime devices
