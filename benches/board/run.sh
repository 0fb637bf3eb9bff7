#!/bin/sh
# Boots the emulated board once: an ARM926 at 125 million instructions a second with 64 MB
# and Linux 6.1. Time counts instructions, the kernel's included, so a second run gives
# the same figures; cache misses and wait states are left out.
#
#   benches/board/run.sh --there     succeeds if setup.sh has built the board
#   benches/board/run.sh FILES       runs the cases in FILES/cases with FILES as the root
#
# A case is a folder: `environment` has the variables, a line each, `programs` the
# arguments for benches/turns.c, a line each: rounds, then NAME=FILE. The peers C-musl, C-glibc
# and floor lie in /bin. Prints `@CASE` and turns' lines for each, in the order of names.
set -eu
board=${BOARD:-$HOME/.cache/picosite-board}
if [ "$1" = --there ]; then
    [ -e "$board/zImage" ] && [ -e "$board/init" ] && command -v qemu-system-arm > /dev/null
    exit
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
files=$dir/files
cp -rL "$1" "$files"
mkdir -p "$files/bin" "$files/dev"
cp "$board/init" "$files/init"
cp "$board/turns" "$board/floor" "$board/C-musl" "$board/C-glibc" "$files/bin/"
(cd "$files" && find . | sort | cpio --quiet --create --format=newc --owner=0:0) | gzip > "$dir/initrd"

timeout 600 qemu-system-arm -M versatilepb -cpu arm926 -m "${MEMORY:-64}M" -net none -display none \
    -monitor none -serial "file:$dir/console" -no-reboot -rtc base=2024-01-01,clock=vm \
    -icount shift=3,align=off,sleep=off -kernel "$board/zImage" -dtb "$board/versatile-pb.dtb" \
    -initrd "$dir/initrd" -append "console=ttyAMA0 quiet panic=-1 norandmaps" > /dev/null 2>&1
tr -d '\r' < "$dir/console" > "$dir/lines"
if ! grep -qx '@@' "$dir/lines"; then
    cat "$dir/lines" >&2
    exit 1
fi
sed -n '/^@/,/^@@$/p' "$dir/lines" | grep -vx '@@'
