# Runs inside the demo's guest: does real work on /dev/vda, which compiled coroutines serve, and says what happened.
set -e
step() { echo "demo: $1"; }
kernel=$(uname -sr)
step "$kernel is up after $(cut -d' ' -f1 /proc/uptime) s; the disk has $(($(cat /sys/block/vda/size) / 2048)) MiB"
mkfs.ext4 -F -q -E lazy_itable_init=0 /dev/vda
mount -t ext4 /dev/vda /mnt
step "made an ext4 file system and mounted it"
n=1
while [ $n -le 16 ]; do
  dd if=/dev/urandom of=/mnt/file$n bs=64k count=$n 2>/dev/null
  n=$((n + 1))
done
(cd /mnt && sha256sum file*) > /tmp/sums
sync
step "wrote $(du -sk /mnt | cut -f1) KiB in 16 files"
umount /mnt
echo 3 > /proc/sys/vm/drop_caches
mount -t ext4 /dev/vda /mnt
(cd /mnt && sha256sum -c -s /tmp/sums) || { step "CHECKSUMS DIFFER"; exit 1; }
step "dropped the caches, read everything back: all 16 checksums match"
umount /mnt
e2fsck -fn /dev/vda >/dev/null 2>&1 || { step "FSCK FOUND ERRORS"; exit 1; }
read -r reads _ sectors_read _ writes _ sectors_written _ < /sys/block/vda/stat
step "file system check is clean; $reads reads ($((sectors_read / 2)) KiB), $writes writes ($((sectors_written / 2)) KiB)"
