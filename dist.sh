#!/bin/sh
# Builds dist/: a release's executables, checksums, manual page and shell completions. The
# same commit, compiler and C library give the same bytes in any directory.
#
#   ./dist.sh [TARGET...]      by default every target whose std is installed
#
# `rustup target add TARGET` installs a std; no cross compiler is needed.
set -eu
cd "$(dirname "$0")"

ALL='x86_64-unknown-linux-musl armv5te-unknown-linux-musleabi
    armv7-unknown-linux-musleabihf aarch64-unknown-linux-musl'
rust=$(rustc --print sysroot)
version=$(cargo pkgid | sed 's/.*[#@]//')

# No page is newer than the last commit.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
fi
export SOURCE_DATE_EPOCH CARGO_INCREMENTAL=0
# Files have the time at which git wrote them, which differs between clones.
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
        echo "dist.sh: skipping $target: its std is not installed" >&2
        continue
    fi
    # Panic messages contain source paths: not this machine's.
    cargo build --release --locked --quiet --target "$target" --config "target.$target.rustflags = [
        '--remap-path-prefix=$PWD=picosite',
        '--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo',
        '--remap-path-prefix=$rust=rust']"
    cp "${CARGO_TARGET_DIR:-target}/$target/release/picosite" "dist/picosite-$version-$target"
    built="$built $target"
done
if [ -z "$built" ]; then
    echo "dist.sh: no std for any of: $*" >&2
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
