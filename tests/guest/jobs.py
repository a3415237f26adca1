"""Shell scripts that tests run inside Linux guests; /dev/vda is the disk under test."""

EXT4 = """set -e
mkfs.ext4 -F -q -E lazy_itable_init=0 /dev/vda
mount -t ext4 /dev/vda /mnt
for n in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of=/mnt/file$n bs=64k count=$n 2>/dev/null; done
(cd /mnt && sha256sum file*) > /tmp/sums
sync; umount /mnt
echo 3 > /proc/sys/vm/drop_caches
mount -t ext4 -o discard /dev/vda /mnt
(cd /mnt && sha256sum -c -s /tmp/sums)
rm /mnt/file*; sync; umount /mnt
e2fsck -fn /dev/vda
"""

# Each file is complete and on the disk before its name is printed.
WRITE_FOR_EVER = """set -e
mkfs.ext4 -F -q -E lazy_itable_init=0 /dev/vda
mount -t ext4 /dev/vda /mnt
n=1
while true; do
  dd if=/dev/urandom of=/mnt/file$n bs=16k count=4 2>/dev/null
  (cd /mnt && sha256sum file$n > sum$n)
  sync
  echo "synced $n"
  n=$((n + 1)); [ $n -le 400 ] || n=1
done
"""


def write(count: int) -> str:
    """Writes `count` files, then unmounts: for a disk whose daemon dies while the guest goes on."""
    loop = WRITE_FOR_EVER.replace("while true", f"while [ $n -le {count} ]")
    return loop.replace("; [ $n -le 400 ] || n=1", "") + "umount /mnt\n"


def verify(count: int) -> str:
    """After a crash: the journal is replayed by mount, files 1 to `count` are whole, and fsck finds nothing."""
    return f"""set -e
mount -t ext4 /dev/vda /mnt
cd /mnt
for n in $(seq 1 {count}); do sha256sum -c -s sum$n || {{ echo "file$n is damaged"; exit 1; }}; done
cd /; umount /mnt
e2fsck -fn /dev/vda
"""
