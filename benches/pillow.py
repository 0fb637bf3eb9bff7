"""Makes a thumbnail with Pillow: pillow.py WIDTH HEIGHT PHOTO OUT."""

import sys

from PIL import Image, ImageOps

width, height = map(int, sys.argv[1:3])
image = Image.open(sys.argv[3])
image.draft("RGB", (2 * width, 2 * height))
image = ImageOps.exif_transpose(image)
image.thumbnail((width, height), Image.LANCZOS)
image.save(sys.argv[4], quality=80)
