#!/usr/bin/env bash
# Makes fuzz/seeds/decode_jpeg: a small JPEG of every kind for the fuzzer to start from.
# Needs cjpeg (libjpeg-turbo) and python3. The tests' images are good seeds too: cargo +nightly fuzz run decode_jpeg fuzz/corpus/decode_jpeg \
#     fuzz/seeds/decode_jpeg tests/images tests/crashtest
set -eu
cd "$(dirname "$0")/seeds/decode_jpeg"
export LC_ALL=C
picture=$(mktemp)
trap 'rm -f "$picture" "$picture".*' EXIT

# Gradients, an edge and some noise, as in tests/util/pictures.rs.
paint() { # WIDTH HEIGHT
    python3 - "$1" "$2" >"$picture" <<'PAINT'
import sys
width, height = map(int, sys.argv[1:])
noise, pixels = 1, bytearray()
for y in range(height):
    for x in range(width):
        for channel in range(3):
            noise = (noise * 1664525 + 1013904223) % 2**32
            slope = (x * (3 + channel) + y * (5 - channel)) % 400
            edge = 30 if x + 2 * y > 60 else 0
            pixels.append(20 + min(slope, 400 - slope) * 3 // 4 + edge + (noise >> 28))
sys.stdout.buffer.write(b"P6 %d %d 255\n" % (width, height) + pixels)
PAINT
}

make() { # NAME OPTION...
    local name=$1
    shift
    cjpeg "$@" -outfile "$name.jpg" "$picture"
}

paint 40 27
for sampling in 1x1 2x1 1x2 2x2 4x1 4x2 1x4 2x4 3x2; do
    make "baseline-$sampling" -sample "$sampling"
    make "progressive-$sampling" -progressive -sample "$sampling"
done
make mixed -sample 2x2,1x2,2x1
make small-luma -sample 1x1,2x2,2x2
make grey -grayscale
make grey-progressive -grayscale -progressive
make rgb -rgb
make restarts -restart 1B
make restarts-progressive -progressive -restart 2B
make optimised -optimize -quality 30
make fine -quality 100 -sample 1x1
make wide-quantisation -quality 1
make arithmetic -arithmetic
make baseline-smooth -smooth 50 -quality 95

# One scan per component; a progression of many scans; spectral selection only.
printf '0;\n1;\n2;\n' >"$picture.1"
make separate -scans "$picture.1"
printf '0 1 2: 0-0, 0, 3;\n0: 1-63, 0, 2;\n1: 1-63, 0, 2;\n2: 1-63, 0, 2;\n' >"$picture.2"
for bit in 2 1 0; do
    echo "0 1 2: 0-0, $((bit + 1)), $bit;" >>"$picture.2"
    [ $bit = 2 ] || for component in 0 1 2; do
        echo "$component: 1-63, $((bit + 1)), $bit;" >>"$picture.2"
    done
done
make refined -scans "$picture.2"
printf '0 1 2: 0-0, 0, 0;\n0: 1-5, 0, 0;\n0: 6-63, 0, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n' \
    >"$picture.3"
make bands -scans "$picture.3"

paint 1 1
make one-pixel
make one-pixel-progressive -progressive
paint 200 3
make wide -progressive -restart 1
paint 3 200
make tall

# Height 0 with a DNL segment after the scan; truncated files; a marker inside the data.
python3 - <<'SPOIL'
import pathlib
read = lambda name: pathlib.Path(f"{name}.jpg").read_bytes()
write = lambda name, data: pathlib.Path(f"{name}.jpg").write_bytes(data)
file = bytearray(read("baseline-2x2"))
frame = file.index(b"\xff\xc0")
lines = bytes(file[frame + 5 : frame + 7])
file[frame + 5 : frame + 7] = b"\0\0"
write("dnl", file[:-2] + b"\xff\xdc\0\4" + lines + file[-2:])
for name in "baseline-2x2", "progressive-2x2":
    file = read(name)
    write(f"{name}-cut", file[: len(file) * 2 // 3])
    write(f"{name}-no-end", file[:-2])
file = read("baseline-2x2")
write("marker-inside", file[:-60] + b"\xff\xd3\xff\xff" + file[-58:])
SPOIL
