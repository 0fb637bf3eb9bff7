#!/usr/bin/env python3
"""Paints the pictures in galleries/: landscapes from noise, nobody's photos.

Needs numpy and Pillow: `python3 demo/make.py`. The same versions of both give the same
files. Together the pictures cover what a gallery must handle: landscape, portrait, square
and panorama; baseline, progressive and greyscale JPEG; EXIF orientation 6; a PNG with
transparency; names with spaces, an umlaut and an ampersand; a nested folder.
"""

import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from brush import (
    blend,
    colour,
    disc,
    from_image,
    glow,
    gradient,
    mountain,
    noise_line,
    noise_plane,
    pines,
    ridge,
    ridges,
    to_image,
    water,
)

GALLERIES = pathlib.Path(__file__).parent / "galleries"
# Painted twice as large and scaled down, for smooth edges.
OVERSAMPLING = 2
# The EXIF tag Orientation; 6: the first row is the right-hand side of the picture.
ORIENTATION, ROTATED = 0x0112, 6


def first_light(rng, size):
    """Ridges before a low sun."""
    canvas = gradient(size, (0, "#5b7fae"), (0.3, "#d9b8b4"), (0.48, "#f9d7a8"), (1, "#f9d7a8"))
    glow(canvas, (0.66, 0.40), 0.42, "#ffdf9e", 0.85, 1.3)
    disc(canvas, (0.66, 0.40), 0.026, "#fffbe8")
    tints = ["#c9a3ad", "#a98aa3", "#856f92", "#5f587c", "#3d4163", "#20294a"]
    ridges(canvas, rng, [0.44, 0.5, 0.58, 0.66, 0.76, 0.88], tints, "#f3c9a6", 0.11)
    return to_image(canvas)


def foehn(rng, size):
    """Clear peaks under lens-shaped clouds."""
    canvas = gradient(size, (0, "#1f63a8"), (0.55, "#9fcbe6"), (1, "#e3f1f5"))
    clouds = noise_plane(rng, size, (2, 14), octaves=4)
    across = np.linspace(0, 1, size[1])[:, None]
    band = np.exp(-(((across - 0.24) / 0.14) ** 2))
    blend(canvas, np.clip((clouds - 0.47) * 5, 0, 1) * band * 0.92, colour("#ffffff"))
    peaks = [
        (0.12, 0.44, 0.22, "#e9f1f6", "#9dbdd4"),
        (0.90, 0.40, 0.24, "#e9f1f6", "#9dbdd4"),
        (0.30, 0.34, 0.26, "#f4f8fa", "#83a9c6"),
        (0.70, 0.31, 0.25, "#f4f8fa", "#83a9c6"),
        (0.50, 0.24, 0.27, "#ffffff", "#6d97b9"),
    ]
    for peak in peaks:
        canvas = mountain(canvas, rng, *peak)
    ridges(canvas, rng, [0.72, 0.8, 0.9], ["#4c7a8f", "#2f5f6b", "#173f45"], "#8fb9bd", 0.09)
    return to_image(canvas)


def pines_in_mist(rng, size):
    """Rows of trees in mist."""
    canvas = gradient(size, (0, "#dfe6e2"), (0.5, "#c3d0cb"), (1, "#9fb3ad"))
    glow(canvas, (0.3, 0.16), 0.5, "#fffaf0", 0.8, 1.6)
    rows = [
        (0.42, 70, 0.10, "#a9bcb6"),
        (0.54, 46, 0.15, "#84a09a"),
        (0.68, 30, 0.22, "#557a74"),
        (0.86, 17, 0.34, "#2b514d"),
        (1.04, 9, 0.46, "#0f2e2d"),
    ]
    for base, count, tall, tint in rows:
        pines(canvas, rng, base, count, tall, tint, "#c6d3cd")
    return to_image(canvas)


def moonrise(rng, size):
    """Night hills, a moon, stars."""
    canvas = gradient(size, (0, "#060b1d"), (0.5, "#14284a"), (0.75, "#3a5275"), (1, "#3a5275"))
    height, width = canvas.shape[:2]
    for _ in range(260):
        x, y, light = (
            rng.uniform(0, width),
            rng.uniform(0, 0.6) ** 1.2 * height,
            rng.uniform(0.3, 1),
        )
        canvas[int(y) : int(y) + 3, int(x) : int(x) + 3] += 0.8 * light**2
    glow(canvas, (0.38, 0.44), 0.34, "#8fa5c4", 0.75, 1.1)
    disc(canvas, (0.38, 0.44), 0.07, "#f7f1de")
    seas = noise_plane(rng, size, (9, 9), 4)
    y, x = np.mgrid[0:height, 0:width] / width
    moon = np.hypot(x - 0.38, y - 0.44 * height / width) < 0.07
    blend(canvas, moon * np.clip((seas - 0.5) * 4, 0, 0.5), colour("#c9bfae"))
    ridges(
        canvas, rng, [0.62, 0.7, 0.8, 0.92], ["#2b4163", "#1c2f4e", "#101e38", "#070e20"], "#33496b"
    )
    return to_image(canvas)


def swell(rng, size):
    """Waves like a woodcut's, each with a line of foam."""
    canvas = gradient(size, (0, "#f4ead6"), (0.4, "#f1d9b9"), (1, "#f1d9b9"))
    disc(canvas, (0.78, 0.24), 0.055, "#d9573b")
    x = np.linspace(0, 1, size[0])
    tints = ["#a9c4bf", "#7fabae", "#56909c", "#35748a", "#205a76", "#123f5c", "#0a2a42"]
    for number, tint in enumerate(tints):
        tall = 0.012 + 0.011 * number
        length = 11.5 - 1.25 * number
        phase = rng.uniform(0, 1) + 0.15 * noise_line(rng, size[0], (1, 4))
        crest = 1 - np.abs(np.sin(np.pi * (x * length + phase))) ** 0.75
        line = 0.40 + 0.085 * number - tall * 2.2 * crest
        ridge(canvas, line, "#fbf6ea", tint, 0.010 + 0.0015 * number)
        ridge(canvas, line + 0.012 + 0.0015 * number, tint, tint)
    return to_image(canvas)


def shower(rng, size):
    """Rain over the sea, in greys."""
    canvas = gradient(size, (0, "#4f565c"), (0.35, "#8b9398"), (0.62, "#d5dadb"), (1, "#d5dadb"))
    clouds = noise_plane(rng, size, (3, 4), 6)
    down = np.linspace(0, 1, size[1])[:, None]
    blend(
        canvas,
        np.clip((clouds - 0.36) * 3, 0, 1) * np.clip(1 - down / 0.42, 0, 1),
        colour("#2d3338"),
    )
    slant = Image.fromarray(
        (noise_line(rng, size[0] * 2, (3, 9)) * 90 + 128).clip(0, 255).astype(np.uint8)[None, :]
    )
    curtain = np.asarray(slant.resize((size[0] * 2, size[1])), float) / 255
    curtain = np.stack([np.roll(row, -int(i * 0.35))[: size[0]] for i, row in enumerate(curtain)])
    x = np.linspace(0, 1, size[0])[None, :] + 0.12 * down
    veil = np.exp(-(((x - 0.36) / 0.2) ** 2)) * np.clip((down - 0.12) * 5, 0, 1)
    blend(canvas, np.clip(curtain * 1.2 - 0.1, 0, 1) * veil * 0.8, colour("#565d63"))
    water(canvas, rng, 0.66, [(0, "#aab1b4"), (0.3, "#6d767b"), (1, "#2b3135")], 0.8, "#eef1f1")
    return to_image(canvas).convert("L")


def beacon(rng, size):
    """A lighthouse at dusk."""
    canvas = gradient(
        size, (0, "#1b2a5a"), (0.4, "#6a5c93"), (0.62, "#ee9a86"), (0.72, "#fbcf9b"), (1, "#fbcf9b")
    )
    water(canvas, rng, 0.72, [(0, "#d99a8c"), (0.3, "#66638f"), (1, "#1b2550")], 0.2, "#ffe0b0")
    width, height = size
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    lamp = (0.63 * width, 0.335 * height)
    for reach, light in ((0.075, 70), (0.04, 90)):
        draw.polygon(
            [lamp, (-0.1 * width, (0.2 - reach) * height), (-0.1 * width, (0.2 + reach) * height)],
            fill=light,
        )
    beam = np.asarray(mask.filter(ImageFilter.GaussianBlur(width / 110)), float) / 255
    fade = np.clip(np.linspace(0.1, 1.5, width), 0, 1)[None, :]
    blend(canvas, beam * fade, colour("#fff0c4"))
    glow(canvas, (0.63, 0.335), 0.13, "#fff0c4", 0.9, 1.0)
    picture = to_image(canvas)
    draw = ImageDraw.Draw(picture)

    def box(x0, y0, x1, y1, tint):
        draw.rectangle([x0 * width, y0 * height, x1 * width, y1 * height], fill=tint)

    def side(y):
        return 0.036 + 0.026 * (y - 0.36) / 0.4

    for band in range(8):
        y0, y1 = 0.36 + band * 0.05, 0.36 + (band + 1) * 0.05
        tint, dark = (("#f6ece0", "#c3b0b4"), ("#b8343a", "#7d2237"))[band % 2]
        for left, right, paint in ((-1, 1, dark), (-1, 0.25, tint)):
            corners = [(left, y0), (right, y0), (right, y1), (left, y1)]
            draw.polygon(
                [((0.63 + part * side(y)) * width, y * height) for part, y in corners], fill=paint
            )
    box(0.578, 0.352, 0.682, 0.362, "#2b2440")
    box(0.604, 0.318, 0.656, 0.352, "#ffe9ae")
    for bar in (0.604, 0.621, 0.638, 0.653):
        box(bar, 0.318, bar + 0.004, 0.352, "#2b2440")
    draw.polygon(
        [(x * width, y * height) for x, y in ((0.594, 0.318), (0.63, 0.288), (0.666, 0.318))],
        fill="#2b2440",
    )
    canvas = from_image(picture)
    line = 0.79 - 0.05 * np.exp(-(((np.linspace(0, 1, width) - 0.68) / 0.3) ** 2))
    ridge(canvas, line + 0.018 * noise_line(rng, width, (3, 9)), "#241d38", "#0f0f24", 0.2)
    return to_image(canvas)


def long_coast(rng, size):
    """Headlands receding in a panorama."""
    canvas = gradient(size, (0, "#8cb9cf"), (0.45, "#e9e4cf"), (1, "#e9e4cf"))
    clouds = noise_plane(rng, size, (7, 9), 5)
    blend(canvas, np.clip((clouds - 0.5) * 3.5, 0, 0.8), colour("#fffaf0"))
    water(canvas, rng, 0.56, [(0, "#b9d3d0"), (0.4, "#5fa0a6"), (1, "#1d5c70")])
    x = np.linspace(0, 1, size[0])
    capes = [
        (0.60, 0.10, "#9db7b3"),
        (0.44, 0.16, "#7c9f98"),
        (0.27, 0.23, "#54827a"),
        (0.10, 0.34, "#2c5b50"),
    ]
    for foot, (end, tall, tint) in enumerate(capes):
        sea = 0.575 + 0.055 * foot
        land = (
            np.clip((end - x) / 0.16, 0, 1) ** 0.6
            * tall
            * (1 + 0.35 * noise_line(rng, size[0], (2, 9)))
        )
        top = np.where(x < end, sea - land, 2.0)
        height = np.arange(size[1])[:, None] / size[1]
        cape = (height > top[None, :]) & (height < sea + 0.004 * np.sin(90 * x)[None, :])
        blend(canvas, cape.astype(float), colour(tint))
    return to_image(canvas)


def paper_boat(_rng, size):
    """A folded paper boat on a transparent background."""
    width, height = size
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    shadow = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(shadow).ellipse(
        [0.16 * width, 0.80 * height, 0.84 * width, 0.93 * height], fill=(10, 40, 60, 110)
    )
    picture.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(width / 45)))
    folds = [
        ("#f08a5d", [(0.5, 0.10), (0.30, 0.62), (0.5, 0.66)]),
        ("#c9603c", [(0.5, 0.10), (0.70, 0.62), (0.5, 0.66)]),
        ("#ffd9a8", [(0.05, 0.44), (0.30, 0.62), (0.5, 0.66), (0.5, 0.86), (0.26, 0.86)]),
        ("#f2b27c", [(0.95, 0.44), (0.70, 0.62), (0.5, 0.66), (0.5, 0.86), (0.74, 0.86)]),
        ("#fff0d6", [(0.05, 0.44), (0.30, 0.62), (0.22, 0.70)]),
        ("#ffcf9b", [(0.95, 0.44), (0.70, 0.62), (0.78, 0.70)]),
    ]
    for tint, corners in folds:
        draw.polygon([(x * width, y * height) for x, y in corners], fill=tint)
    return picture


def main():
    """Paints all pictures."""
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATED
    works = [
        ("Hills & woods/first light.jpg", first_light, (1600, 1067), 3, {}),
        ("Hills & woods/Föhn.jpg", foehn, (1440, 960), 12, {"progressive": True}),
        ("Hills & woods/pines in mist.jpg", pines_in_mist, (800, 1200), 5, {}),
        ("Hills & woods/Night/moonrise.jpg", moonrise, (1080, 1080), 21, {}),
        ("Sea and sky/beacon.jpg", beacon, (800, 1200), 8, {"exif": exif}),
        ("Sea and sky/long coast.jpg", long_coast, (1600, 560), 14, {}),
        ("Sea and sky/paper boat.png", paper_boat, (640, 512), 1, {}),
        ("Sea and sky/shower.jpg", shower, (1200, 800), 4, {}),
        ("Sea and sky/swell.jpg", swell, (1280, 800), 2, {"progressive": True}),
    ]
    for name, paint, size, seed, options in works:
        large = (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING)
        picture = paint(np.random.default_rng(seed), large).resize(size, Image.Resampling.LANCZOS)
        if "exif" in options:
            picture = picture.transpose(Image.Transpose.ROTATE_90)
        path = GALLERIES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, quality=80, optimize=True, **options)
        print(f"{path.stat().st_size:8} {name}")


if __name__ == "__main__":
    main()
