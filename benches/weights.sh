#!/bin/sh
# The size of each part of an executable in KB, from its symbols. It must not be stripped:
#
#   CARGO_PROFILE_RELEASE_STRIP=false cargo build --release --no-default-features --target …
#   benches/weights.sh target/…/release/picosite
#
# Needs nm and readelf (Debian: binutils). Unnamed constants have no symbol and are the rest.
set -eu
whole=$(stat --dereference --format=%s "$1")
site=$(readelf -SW "$1" | sed 's/\[ *[0-9]*\]//' | awk '$1 == ".site" { print $5 }')
names=$(readelf -SW "$1" | sed 's/\[ *[0-9]*\]//' |
    awk '$1 ~ /^\.(symtab|strtab|shstrtab|debug)/ { print $5 }')
nm -S -C "$1" | awk -v whole="$whole" -v site="$site" -v names="$names" '
    function number(hex,    n, i) {
        for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        return n
    }
    function part(name) {
        if (name ~ /picosite::(imaging|jpeg|thumbs::(make|queue))/) return "thumbnails: scaling, JPEG decoder, queue"
        if (name ~ /jpeg_encoder/) return "the JPEG encoder"
        if (name ~ /(^|[< ])(png|fdeflate|miniz_oxide|crc32fast|simd_adler32|adler2)::/) return "PNG"
        if (name ~ /image_webp|byteorder/) return "WebP"
        if (name ~ /(^|[< ])(gif|weezl|color_quant)::/) return "GIF"
        if (name ~ /picosite::(pack|cli::pack|cli::serve)|(brotli|alloc_no_stdlib|alloc_stdlib|cdb|zopfli|httparse)/) return "the packer and the preview"
        if (name ~ /picosite::(gallery|template)/) return "gallery pages"
        if (name ~ /picosite::(cli|doctor)/) return "commands"
        if (name ~ /picosite/) return "pages, settings, signatures, the cache"
        if (name ~ /(^|[< ])(sha2|hmac|digest|block_buffer|rustix|percent_encoding)::/) return "SHA-256, system calls"
        if (name ~ /(^|[< ])(std|core|alloc|compiler_builtins|hashbrown|rustc_demangle|addr2line|gimli|miniz)::/) return "the Rust library"
        return "the C library, and what has no name of a crate"
    }
    NF >= 4 && $3 ~ /[tTrRdDbBwW]/ {
        size = number($2)
        name = $0
        sub(/^[^ ]+ [^ ]+ [^ ]+ /, "", name)
        if (name ~ /^picosite::sys::embedded::SITE/ || seen[$1, $2]++) next
        sum[part(name)] += size
        named += size
    }
    END {
        split(names, sections)
        for (i in sections) extra += number(sections[i])
        site = number(site)
        sum["the site"] = site
        sum["constants, headers"] = whole - extra - site - named
        for (name in sum) printf "%7.1f  %s\n", sum[name] / 1000, name | "sort -rn"
        close("sort -rn")
        printf "%7.1f  in all\n", (whole - extra) / 1000
    }'
