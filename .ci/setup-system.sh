#!/bin/sh
# Installs the Debian packages that cpc, its tests and its guests need.  Quick when they are there already.
set -eu
packages="gcc g++ clang libclang-rt-14-dev libc6-dev make python3 python3-venv liburing-dev \
  liblz4-dev liblzma-dev libzstd-dev zlib1g-dev libjansson-dev libseccomp-dev \
  qemu-system-x86 qemu-system-common qemu-utils seabios busybox-static e2fsprogs mmdebstrap uidmap xz-utils lz4 zstd binutils gdb valgrind csmith libcsmith-dev \
  tcc cmake passt iproute2 chromium \
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"
missing=
for package in $packages; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup-system: these packages are missing, and sudo too:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
# shellcheck disable=SC2086
$as_root apt-get -qq install -y --no-install-recommends $missing >/dev/null
