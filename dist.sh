#!/bin/sh
# Makes dist/: the executables of a release, their checksums, the manual page and the
# shell completions. The same commit, compiler and C library give the same bytes,
# wherever the source lies.
#
#   ./dist.sh [TARGET...]      by default every target whose std is installed
#
# A target's std comes with `rustup target add TARGET`; no cross compiler is needed.
set -eu
cd "$(dirname "$0")"

ALL='x86_64-unknown-linux-musl armv5te-unknown-linux-musleabi
    armv7-unknown-linux-musleabihf aarch64-unknown-linux-musl'
rust=$(rustc --print sysroot)
version=$(cargo pkgid | sed 's/.*[#@]//')

# The last change of the source is the latest time that a page of the site may have.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
fi
export SOURCE_DATE_EPOCH CARGO_INCREMENTAL=0
# A page's time is its file's, and that is when git wrote it: in an older clone, earlier.
git ls-files -z assets | xargs -0 touch -d "@$SOURCE_DATE_EPOCH"

asked=$#
# shellcheck disable=SC2086 # a list of words
[ "$asked" -gt 0 ] || set -- $ALL

rm -rf dist
mkdir dist
built=
for target; do
    if [ ! -d "$rust/lib/rustlib/$target/lib" ]; then
        if [ "$asked" -gt 0 ]; then
            echo "dist.sh: no std for $target: rustup target add $target" >&2
            exit 1
        fi
        echo "dist.sh: left out, as its std is not installed: $target" >&2
        continue
    fi
    # Messages of panics quote paths of the source: not those of this machine.
    cargo build --release --locked --quiet --target "$target" --config "target.$target.rustflags = [
        '--remap-path-prefix=$PWD=picosite',
        '--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo',
        '--remap-path-prefix=$rust=rust']"
    cp "${CARGO_TARGET_DIR:-target}/$target/release/picosite" "dist/picosite-$version-$target"
    built="$built $target"
done
if [ -z "$built" ]; then
    echo "dist.sh: there is no std for any of: $*" >&2
    exit 1
fi

date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
sed "s/^\.TH PICOSITE 1 \"\" \"picosite\"/.TH PICOSITE 1 \"$date\" \"picosite $version\"/" \
    docs/picosite.1 > dist/picosite.1
cp completions/picosite.bash completions/_picosite completions/picosite.fish dist/
cp LICENSE-APACHE LICENSE-MIT dist/
chmod 644 dist/*
chmod 755 dist/picosite-"$version"-*
(cd dist && LC_ALL=C sha256sum -- * > ../SHA256SUMS.part && mv ../SHA256SUMS.part SHA256SUMS)
ls -l dist
