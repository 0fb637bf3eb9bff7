"""The brushes of make.py: skies, ridges, peaks, woods and seas on a canvas.

A canvas is an array of height x width x 3 numbers from 0 to 1. Brushes paint in place;
`mountain` returns a new canvas. All randomness comes from the generator passed in.
"""

import numpy as np
from PIL import Image, ImageDraw


def colour(text):
    """`#rrggbb` as three numbers from 0 to 1."""
    return np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def gradient(size, *stops):
    """A vertical gradient; stops are `(distance from the top, colour)`."""
    width, height = size
    at = np.linspace(0, 1, height)
    where = [stop for stop, _ in stops]
    channels = np.array([colour(text) for _, text in stops]).T
    column = np.stack([np.interp(at, where, channel) for channel in channels], axis=1)
    return np.repeat(column[:, None, :], width, axis=1)


def noise_line(rng, length, octaves, roughness=0.5):
    """Fractal noise along a line, about -1 to 1; `octaves` as (first, last)."""
    line, weight, total = np.zeros(length), 1.0, 0.0
    for octave in range(*octaves):
        knots = 2**octave + 3
        values = rng.uniform(-1, 1, knots)
        at = np.linspace(1, knots - 2.001, length)
        cell = at.astype(int)
        t = at - cell
        t = t * t * (3 - 2 * t)
        line += weight * (values[cell] * (1 - t) + values[cell + 1] * t)
        total += weight
        weight *= roughness
    return line / total


def noise_plane(rng, size, cells, octaves=5, roughness=0.5):
    """Fractal noise over the picture, about 0 to 1; `cells` is the coarsest grid."""
    plane, weight, total = np.zeros((size[1], size[0])), 1.0, 0.0
    for octave in range(octaves):
        grid = (cells[1] * 2**octave + 1, cells[0] * 2**octave + 1)
        small = Image.fromarray((rng.uniform(0, 255, grid)).astype(np.uint8))
        plane += weight * np.asarray(small.resize(size, Image.Resampling.BICUBIC), float) / 255
        total += weight
        weight *= roughness
    return plane / total


def blend(canvas, mask, tint):
    """Blends `tint` into the canvas; `mask` is the opacity."""
    canvas += (np.asarray(tint) - canvas) * mask[..., None]


def glow(canvas, centre, radius, tint, strength=1.0, power=2.0):
    """Light around a point; lengths are fractions of the picture's width."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[0:height, 0:width] / width
    distance = np.hypot(x - centre[0], y - centre[1] * height / width) / radius
    blend(canvas, strength * np.exp(-(distance**power)), colour(tint))


def disc(canvas, centre, radius, tint):
    """A sun or a moon."""
    height, width = canvas.shape[:2]
    y, x = np.mgrid[0:height, 0:width] / width
    inside = np.hypot(x - centre[0], y - centre[1] * height / width) < radius
    blend(canvas, inside.astype(float), colour(tint))


def ridge(canvas, line, tint, mist, depth=0.28):
    """Everything below `line` (heights from the top, 0 to 1), fading into mist."""
    height = canvas.shape[0]
    below = np.arange(height)[:, None] / height - line[None, :]
    fade = np.clip(below / depth, 0, 1)[..., None]
    shade = colour(tint) * (1 - fade) + colour(mist) * fade
    canvas += (shade - canvas) * (below > 0)[..., None]


def ridges(canvas, rng, tops, tints, mist, swing=0.08, octaves=(1, 9), roughness=0.5):
    """Several ridges, the farthest first."""
    for top, tint in zip(tops, tints, strict=True):
        line = top + swing * noise_line(rng, canvas.shape[1], octaves, roughness)
        ridge(canvas, line, tint, mist)


def mountain(canvas, rng, summit, top, reach, sunny, shady):
    """A peak with a sunny and a shady side along a jagged edge."""
    height, width = canvas.shape[:2]
    base, steps = 0.78, 7
    edges = []
    for lean, spread in ((-1, 0.25), (0, 0.9), (1, 0.25)):
        at = np.linspace(0, 1, steps)
        jag = rng.uniform(-spread, spread, steps) * 0.16 * reach * np.minimum(1, at * 4)
        x = summit + lean * reach * at**0.94 + jag + (0.10 * reach * at if lean == 0 else 0)
        edges.append(
            [(x * width, y * height) for x, y in zip(x, top + (base - top) * at, strict=True)]
        )
    left, middle, right = edges
    picture = to_image(canvas)
    draw = ImageDraw.Draw(picture)
    draw.polygon(left + middle[::-1], fill=sunny)
    draw.polygon(middle + right[::-1], fill=shady)
    # Spurs: slivers of shade on the sunny side and of sun on the shady side.
    for edge, tint, sign in ((left, shady, 1), (right, sunny, -1)):
        for step in range(1, steps - 1):
            (x0, y0), x1 = middle[step], edge[step][0]
            x, y = x0 + (x1 - x0) * rng.uniform(0.25, 0.6), y0 + rng.uniform(0, 0.03) * height
            tall = rng.uniform(0.05, 0.13) * height
            wide = sign * rng.uniform(0.012, 0.03) * width
            draw.polygon(
                [(x, y), (x + wide, y + tall * 0.7), (x - 0.4 * wide, y + tall)], fill=tint
            )
    return from_image(picture)


def pines(canvas, rng, base, count, tall, tint, mist):
    """A row of pines, tops along a wavering line."""
    height, width = canvas.shape[:2]
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    ground = base + 0.03 * noise_line(rng, width, (1, 5))
    for x in np.sort(rng.uniform(-0.02, 1.02, count)) * width:
        foot = (ground[int(np.clip(x, 0, width - 1))] + 0.02) * height
        size = tall * height * rng.uniform(0.55, 1.0)
        tiers = 9
        for tier in range(tiers):
            top = foot - size + size * tier / (tiers + 1)
            reach = size * 0.17 * (tier + 1.2) / tiers * rng.uniform(0.85, 1.15)
            drop = size * 0.17
            draw.polygon([(x, top), (x - reach, top + drop), (x + reach, top + drop)], fill=255)
    trees = np.asarray(mask, float) / 255
    below = np.arange(height)[:, None] / height > ground[None, :]
    trees = np.maximum(trees, below)
    fade = np.clip((np.arange(height) / height - base + tall) / (tall * 1.9), 0, 1)[:, None, None]
    canvas += (colour(tint) * (1 - fade) + colour(mist) * fade - canvas) * trees[..., None]


def water(canvas, rng, horizon, tints, light=None, shine="#fff1cf"):
    """A sea below `horizon`; `light` is the sun's horizontal position above it."""
    height, width = canvas.shape[:2]
    top = int(horizon * height)
    depth = height - top
    near = np.linspace(0, 1, depth)[:, None]
    canvas[top:] = gradient((width, depth), *tints)
    # Rows of noise sampled at 1/distance, so that waves grow towards the shore.
    plane = noise_plane(rng, (width, 512), (14, 150), octaves=2)
    rows = (511 * (1 - 1 / (1 + 5 * near)) * 1.2).astype(int).ravel()
    waves = plane[np.clip(rows, 0, 511)] - 0.5
    canvas[top:] *= 1 + (0.22 * waves * (0.4 + near))[..., None]
    if light is not None:
        x = np.linspace(0, 1, width)[None, :]
        path = np.exp(-(((x - light) / (0.035 + 0.10 * near)) ** 2))
        glitter = np.clip((waves + 0.16 * path) * 9, 0, 1) * path
        blend(canvas[top:], glitter * 0.95, colour(shine))


def to_image(canvas):
    """The canvas as an image with 8 bits per channel."""
    return Image.fromarray((canvas.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def from_image(picture):
    """The inverse of `to_image`."""
    return np.asarray(picture, float) / 255
