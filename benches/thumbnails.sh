#!/usr/bin/env bash
# Thumbnails of one photo by picosite and by whatever else is installed, in one run:
# instructions (callgrind; libjpeg-turbo's SIMD off), CPU time, peak memory, and what the
# scaling alone costs in quality.
#
# Wants python3 with Pillow, and valgrind. Compares with djpeg (which decodes only),
# vipsthumbnail, epeg, Pillow and ImageMagick, those of them that are there. Debian:
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

# The smallest scale at which djpeg gives no fewer pixels than the thumbnail has: 1/N.
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

# NAME COMMAND: {out} stands for the thumbnail, JPEG or PNG; {jpg} and {ppm} for one that
# can be nothing else.
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
