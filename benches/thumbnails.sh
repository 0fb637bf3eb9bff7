#!/usr/bin/env bash
# Thumbnails of one photo by picosite and by the other tools that are installed, in one run:
# instructions (callgrind, with libjpeg-turbo's SIMD off), CPU time, peak memory, and the
# quality of scaling alone.
#
# Needs python3 with Pillow, and valgrind. Compares with djpeg (decoding only), vipsthumbnail,
# epeg, Pillow and ImageMagick. Debian:
#   apt install libjpeg-turbo-progs libvips-tools python3-pil imagemagick valgrind
#
#   benches/thumbnails.sh target/release/picosite photo.jpg [WIDTHxHEIGHT]
#   PYTHON=/usr/bin/python3 RUNS=31 benches/thumbnails.sh …
set -eu
program=$(realpath "$1")
photo=$(realpath "$2")
size=${3:-200x200}
here=$(realpath "$(dirname "$0")")
python=${PYTHON:-python3}
width=${size%x*} height=${size#*x}
export PICOSITE_MEMORY=${PICOSITE_MEMORY:-8M}

# N of the smallest scale 1/N at which djpeg gives at least the thumbnail's pixels.
fraction() {
    "$python" - "$photo" "$width" "$height" <<'FRACTION'
import sys
from PIL import Image
image = Image.open(sys.argv[1])
ratio = max(side / int(box) for side, box in zip(image.size, sys.argv[2:]))
print(max(n for n in (1, 2, 4, 8) if n <= max(ratio, 1)))
sys.exit(image.format != "JPEG")
FRACTION
}

# NAME COMMAND: {out} is the thumbnail, as JPEG or PNG; {jpg} and {ppm} are for tools that
# write nothing else.
tool() {
    if command -v "${2%% *}" >/dev/null; then printf '%s\t%s\n' "$1" "$2"; fi
}

{
    tool picosite "$program thumb $size $photo {out}"
    if scale=$(fraction); then
        tool "djpeg -scale 1/$scale" "djpeg -scale 1/$scale -outfile {ppm} $photo"
        tool epeg "epeg -w $width -m $height $photo {jpg}"
    fi
    tool vipsthumbnail "vipsthumbnail -s $size -o {out} $photo"
    tool Pillow "$python $here/pillow.py $width $height $photo {out}"
    tool ImageMagick "convert -define jpeg:size=$((2 * width))x$((2 * height)) $photo \
-auto-orient -filter Lanczos -resize $size -strip {out}"
} | "$python" "$here/measure.py" "$photo" "${RUNS:-15}"
