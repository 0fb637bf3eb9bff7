#!/bin/sh
# Boots the emulated board once and prints what requests cost there: an ARM926 of 125 million
# instructions a second with 64 MB and Linux 6.1. Time counts instructions, the kernel's
# too, so it comes out the same again; caches, and what a real processor waits for, are
# left out.
#
#   benches/board/run.sh --there                              is the board built?
#   benches/board/run.sh ARM_EXECUTABLE THUMBNAIL_ADDRESS     PICOSITE_SECRET signs it
#
# The executable's site has /page.html; the address is of a photo in demo/galleries.
set -eu
board=${BOARD:-$HOME/.cache/picosite-board}
if [ "$1" = --there ]; then
    [ -e "$board/zImage" ] && [ -e "$board/init" ] && command -v qemu-system-arm > /dev/null
    exit
fi
executable=$(realpath "$1")
address=$2
root=$(realpath "$(dirname "$0")/../..")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
files=$dir/files
mkdir -p "$files/bin" "$files/dev" "$files/cases"
cp "$board/init" "$files/init"
cp "$board/turns" "$board/floor" "$board/C-musl" "$board/C-glibc" "$files/bin/"
cp "$executable" "$files/bin/picosite"
cp -r "$root/demo/galleries" "$files/galleries"

request() { # NAME PROGRAMS VARIABLE...
    folder=$files/cases/$1
    mkdir "$folder"
    printf '%s\n' $2 > "$folder/programs"
    shift 2
    printf '%s\n' REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.1 GATEWAY_INTERFACE=CGI/1.1 \
        QUERY_STRING=a=1 SCRIPT_NAME=/cgi-bin/x "$@" > "$folder/environment"
}
with_picosite() { # NAME VARIABLE...
    name=$1
    shift
    request "$name" "C-musl=/bin/C-musl $name=/bin/picosite" "$@"
}
request 0 "C-musl=/bin/C-musl floor=/bin/floor C-glibc=/bin/C-glibc" PATH_INFO=/page.html
with_picosite page PATH_INFO=/page.html
with_picosite not_modified PATH_INFO=/page.html 'HTTP_IF_NONE_MATCH=*'
with_picosite thumbnail "PATH_INFO=$address" "PICOSITE_SECRET=$PICOSITE_SECRET" \
    PICOSITE_GALLERIES=/galleries PICOSITE_CACHE=/tmp
with_picosite new_thumbnail "PATH_INFO=$address" "PICOSITE_SECRET=$PICOSITE_SECRET" \
    PICOSITE_GALLERIES=/galleries
(cd "$files" && find . | sort | cpio --quiet --create --format=newc --owner=0:0) | gzip > "$dir/initrd"

timeout 300 qemu-system-arm -M versatilepb -cpu arm926 -m "${MEMORY:-64}M" -net none -display none \
    -monitor none -serial "file:$dir/console" -no-reboot -rtc base=2024-01-01,clock=vm \
    -icount shift=3,align=off,sleep=off -kernel "$board/zImage" -dtb "$board/versatile-pb.dtb" \
    -initrd "$dir/initrd" -append "console=ttyAMA0 quiet panic=-1 norandmaps" > /dev/null 2>&1
if ! grep -q '^@@' "$dir/console"; then
    cat "$dir/console" >&2
    exit 1
fi
printf '%-22s %9s %10s %8s %8s\n' program us ratio faults kB
tr -d '\r' < "$dir/console" | awk 'NF == 5 && ($1 != "C-musl" || !seen++) {
    printf "%-22s %9s %10s %8s %8s\n", $1, $2, $3, $4, $5 }'
