//! How a thumbnail is going to be made, worked out from the header alone: in which
//! steps the photo gets smaller, and what memory that takes.

use super::filter::{Axis, POSITION_BITS};
use super::orient::{Canvas, Depth, Orientation};
use super::scale::First;
use super::shrink::{self, Boxes, Cut};
use super::source::{self, Decoding, Info, Kind};
use super::{Error, Limit, Limits, encode, finish, scale};
use crate::geometry::{self, Crop, Geometry};
use crate::transform::{Format, Transform};

/// How many of a photo's pixels have to make one of the thumbnail's, in 1/4 of what
/// each way to shrink makes one of, before it is gone. What is left is the filter's.
#[derive(Clone, Copy)]
struct Steps {
    /// The JPEG decoder's 1/8, which is a mean of 8 x 8.
    eighth: u64,
    /// Its 1/4 and 1/2, which keep more of what is fine than a mean does.
    larger: u64,
    /// The mean of a box.
    boxes: u64,
}

/// From the sharpest to the softest; the first that fits into memory is taken.
///
/// Peak signal to noise of `phone-12mp-420.jpg` against a full decode and Lanczos, with
/// 5/4, 6/4, 7/4 and 8/4 left for the filter: boxes 39.3, 43, 46, 46.7 dB and more, 1/8 the
/// same, 1/4 42.8, 47.1, … The first line keeps every photo above 40. The last makes
/// thumbnails as soft as some half as large: interlaced files only, when nothing else fits.
const STEPS: [Steps; 4] = [
    Steps { eighth: 7, larger: 5, boxes: 8 },
    Steps { eighth: 6, larger: 5, boxes: 6 },
    Steps { eighth: 4, larger: 4, boxes: 4 },
    Steps { eighth: 2, larger: 2, boxes: 2 },
];

/// The most pixels that are read, for seconds and not minutes of work: packed well, 1 MB
/// of a PNG can hold a thousand times as many.
const PIXELS: u64 = 1 << 29;

/// What a row costs besides its pixels, in pixels: a picture of one column is slow too.
const ROW: u64 = 64;

/// What everything else takes: boxes, errors, the smallest allocations.
const FIXED: u64 = 16 << 10;

const _: () = assert!(Crop::PIXEL == 1 << POSITION_BITS, "the filter takes a crop's units");

/// How a thumbnail is going to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) format: Format,
    /// Width and height of the thumbnail as it is shown.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// From the stored picture to the shown one.
    pub(crate) orientation: Orientation,
    /// What is kept of each pixel where it has to be turned.
    pub(crate) depth: Depth,
    pub(crate) decoding: Decoding,
    pub(crate) boxes: Boxes,
    /// The filter across and down, on the picture as it is stored, shrunk.
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// The filter's first pass.
    pub(crate) first: First,
    /// Bytes that all of it takes, at most.
    pub(crate) memory: u64,
}

impl Plan {
    /// The sharpest way that keeps the limits.
    pub(crate) fn new(
        photo: &[u8],
        info: &Info,
        transform: &Transform,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let geometry = geometry::geometry(transform, info.shown(), limits.max_size)
            .map_err(|geometry::TooLarge| Error::Request)?;
        let mut needed = u64::MAX;
        for steps in &STEPS {
            let plan = Self::with_steps(photo, info, transform, &geometry, steps)?;
            if plan.memory <= limits.memory {
                return Ok(plan);
            }
            needed = needed.min(plan.memory);
        }
        Err(Error::Limit(Limit::Memory { needed }))
    }

    fn with_steps(
        photo: &[u8],
        info: &Info,
        transform: &Transform,
        geometry: &Geometry,
        steps: &Steps,
    ) -> Result<Self, Error> {
        let orientation = info.orientation.turned(transform.turns);
        let (across, down) = sides(info, orientation, geometry);
        let reduce = [(8, steps.eighth), (4, steps.larger), (2, steps.larger), (1, 0)]
            .into_iter()
            .find(|&(reduce, step)| across.allows(reduce, step) && down.allows(reduce, step))
            .map_or(1, |(reduce, _)| reduce);
        let decoding = source::decoding(photo, info, reduce)?;
        let shape = decoding.shape;
        if info.kind != Kind::Jpeg && work(info) > PIXELS {
            return Err(Error::Limit(Limit::Pixels));
        }
        let (x, across) = across.shrunk(shape.width, decoding.reduce, steps.boxes);
        let (y, down) = down.shrunk(shape.height, decoding.reduce, steps.boxes);
        let boxes = Boxes { x: across, y: down };
        let first = orientation.apply(First::Across, First::Down).0;
        let format =
            transform.format.unwrap_or(if info.alpha { Format::Png } else { Format::Jpeg });
        let channels = finish::channels(shape.layout, format);
        let depth = match format {
            Format::Jpeg if channels == 3 && transform.quality < encode::FULL_COLOUR => {
                Depth::Halved
            }
            _ => Depth::Full(channels),
        };
        let (width, height) = (geometry.width, geometry.height);
        let canvas =
            if orientation.is_upright() { 0 } else { Canvas::memory(width, height, depth) };
        let memory = FIXED
            + decoding.memory
            + shrink::memory(&shape, boxes)
            + scale::memory(&x, &y, shape.layout.channels(), first)
            + 4 * u64::from(x.out)
            + canvas
            + encode::memory(width, channels);
        Ok(Self { format, width, height, orientation, depth, decoding, boxes, x, y, first, memory })
    }
}

/// What reading a picture costs, in pixels. A JPEG's cost is bounded by its bytes.
fn work(info: &Info) -> u64 {
    u64::from(info.height) * (u64::from(info.width) + ROW)
}

/// One side of the picture, and the part of it that is shown.
///
/// All is counted and rounded as the picture is shown, and put on the stored one at the very
/// end, so that a photo makes the same thumbnail however it lies. Near the limit of memory it
/// may not: turning takes a canvas, and what is left may be enough for softer steps only.
#[derive(Clone, Copy)]
struct Side {
    /// Pixels.
    len: u32,
    /// In units of a [`Crop`].
    start: u64,
    span: u64,
    /// Pixels of the thumbnail.
    out: u32,
    /// Whether the first pixel that is stored is the last that is shown.
    mirrored: bool,
}

/// Both sides of the stored picture, of a geometry that is that of the shown one.
fn sides(info: &Info, orientation: Orientation, geometry: &Geometry) -> (Side, Side) {
    let Geometry { crop, width, height } = *geometry;
    let (shown_width, shown_height) = orientation.apply(info.width, info.height);
    let (mirrored, flipped) = orientation.mirrors();
    let across =
        Side { len: shown_width, start: crop.left, span: crop.width, out: width, mirrored };
    let down = Side {
        len: shown_height,
        start: crop.top,
        span: crop.height,
        out: height,
        mirrored: flipped,
    };
    orientation.apply(across, down)
}

impl Side {
    /// Whether there are at least `step` / 4 times `reduce` pixels for one of the thumbnail.
    fn allows(self, reduce: u32, step: u64) -> bool {
        4 * self.span >= u64::from(self.out) * u64::from(reduce) * step * Crop::PIXEL
    }

    /// How many pixels, where `reduce` have become one already, may become one more.
    fn boxes(self, reduce: u32, step: u64) -> u32 {
        let fits = 4 * self.span / (u64::from(self.out) * u64::from(reduce) * step * Crop::PIXEL);
        u32::try_from(fits).unwrap_or(u32::MAX).clamp(1, shrink::LONGEST)
    }

    /// The filter's side, and the boxes, where `reduce` pixels have become one of `len`.
    fn shrunk(self, len: u32, reduce: u32, step: u64) -> (Axis, Cut) {
        let boxed = self.boxes(reduce, step);
        let pixels = u64::from(reduce) * u64::from(boxed);
        // A decoder reduces from the stored picture's first pixel, and fills up the last
        // sample: mirrored, what it has filled up comes first.
        let filled_up = u64::from(len) * u64::from(reduce) - u64::from(self.len);
        let start = self.start + if self.mirrored { filled_up * Crop::PIXEL } else { 0 };
        let axis = Axis {
            source: len.div_ceil(boxed),
            start: start / pixels,
            span: (self.span / pixels).max(1),
            out: self.out,
            mirrored: self.mirrored,
        };
        (axis, Cut::new(len, boxed, self.mirrored))
    }
}
