"""The quality of scaling alone: quality.py PICOSITE PHOTO...

Compares PNG thumbnails with a full decode and Pillow's Lanczos, in gamma-encoded values, as
peak signal-to-noise ratio in dB. No photo is enlarged.
"""

import subprocess
import sys
import tempfile

from PIL import Image, ImageOps

from measure import decibels

WIDTHS = (200, 320, 480, 640, 800, 1200)


def main():
    program, photos = sys.argv[1], sys.argv[2:]
    print("| photo |", " | ".join(map(str, WIDTHS)), "|")
    print("| --- |", " | ".join("---" for _ in WIDTHS), "|")
    every = []
    with tempfile.TemporaryDirectory() as folder:
        for photo in photos:
            whole = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
            found = []
            for width in (width for width in WIDTHS if width < whole.width):
                out = f"{folder}/out.png"
                subprocess.run([program, "thumb", f"{width}x", photo, out], check=True)
                found.append(decibels(whole, out))
            every += found
            cells = " | ".join(f"{it:.1f}" for it in found)
            print(f"| {photo.rsplit('/', 1)[-1]} | {cells} |", flush=True)
    print(f"\nmean {sum(every) / len(every):.1f} dB, least {min(every):.1f} dB")


if __name__ == "__main__":
    main()
