#!/bin/sh
# Builds the emulated board in $BOARD (~/.cache/picosite-board) from Debian 12's packages
# alone: the kernel from linux-source-6.1, which takes a quarter of an hour on two cores, C
# on musl from musl-dev for armel. Run it as root, since it installs packages.
#
# KERNEL=FOLDER takes zImage and versatile-pb.dtb from there instead of building them.
set -eu
here=$(realpath "$(dirname "$0")")
board=${BOARD:-$HOME/.cache/picosite-board}
mkdir -p "$board"
packages="qemu-system-arm gcc-arm-linux-gnueabi libc6-dev-armel-cross cpio"
[ -z "${KERNEL:-}" ] || cp -f "$KERNEL/zImage" "$KERNEL/versatile-pb.dtb" "$board"
[ -e "$board/zImage" ] ||
    packages="$packages xz-utils gcc make linux-source-6.1 bc flex bison libc6-dev"
dpkg --print-foreign-architectures | grep -qx armel || { dpkg --add-architecture armel; apt-get update; }
dpkg -s $packages > /dev/null 2>&1 || apt-get install -y --no-install-recommends $packages

cross=arm-linux-gnueabi-gcc
cd "$board"
if [ ! -e musl ]; then
    apt-get -o APT::Sandbox::User=root download musl-dev:armel
    dpkg-deb -x musl-dev_*_armel.deb musl.part
    mv musl.part musl
fi
include=$board/musl/usr/include/arm-linux-musleabi
lib=$board/musl/usr/lib/arm-linux-musleabi
$cross -march=armv5te -O2 -s -static -nostdinc -nostdlib -isystem "$include" -o C-musl \
    "$lib/crt1.o" "$lib/crti.o" "$here/../peers/hello.c" -L"$lib" \
    -Wl,--start-group -lc -lgcc -Wl,--end-group "$lib/crtn.o"
$cross -march=armv5te -O2 -s -static -o C-glibc "$here/../peers/hello.c"
$cross -march=armv5te -nostdlib -static -s -Wl,--build-id=none -o floor "$here/../peers/floor-arm.s"
$cross -march=armv5te -O2 -s -static -o turns "$here/../turns.c"
$cross -march=armv5te -O2 -s -static -o init "$here/init.c"

if [ ! -e zImage ]; then
    [ -e linux-source-6.1 ] || tar xf /usr/src/linux-source-6.1.tar.xz
    export ARCH=arm CROSS_COMPILE=arm-linux-gnueabi- KBUILD_BUILD_TIMESTAMP=2024-01-01
    make -C linux-source-6.1 O="$board/build" KCONFIG_ALLCONFIG="$here/kernel.config" alldefconfig
    make -C linux-source-6.1 O="$board/build" -j"$(nproc)" zImage versatile-pb.dtb > build.log 2>&1
    cp build/arch/arm/boot/dts/versatile-pb.dtb build/arch/arm/boot/zImage .
    rm -rf build linux-source-6.1
fi
echo "ready: $board"
