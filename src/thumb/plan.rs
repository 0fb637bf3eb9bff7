//! How a thumbnail is going to be made, worked out from the header alone: in which
//! steps the photo gets smaller, and what memory that takes.

use super::orient::{Canvas, Depth, Orientation};
use super::scale::{Axis, POSITION_BITS};
use super::shrink::{self, Boxes};
use super::source::{self, Decoding, Info, Kind};
use super::{Error, Limit, Limits, encode, finish, scale};
use crate::geometry::{self, Crop, Geometry};
use crate::transform::{Format, Transform};

/// What the final filter is left with, in 1/4: a photo's pixels to one of the thumbnail.
/// The first that fits into memory is taken. At 2 the result is within 45 dB of a filter
/// over all pixels, at 1 within 40; below that the thumbnail is softer than its
/// size, at 1/2 as soft as one half as large.
const STEPS: [u64; 4] = [8, 6, 4, 2];

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
        for step in STEPS {
            let plan = Self::with_step(photo, info, transform, &geometry, step)?;
            if plan.memory <= limits.memory {
                return Ok(plan);
            }
            needed = needed.min(plan.memory);
        }
        Err(Error::Limit(Limit::Memory { needed }))
    }

    fn with_step(
        photo: &[u8],
        info: &Info,
        transform: &Transform,
        geometry: &Geometry,
        step: u64,
    ) -> Result<Self, Error> {
        let orientation = info.orientation.turned(transform.turns);
        let (across, down) = sides(info, orientation, geometry);
        // How often the box may be laid along each side.
        let (fits_x, fits_y) = (across.fits(step), down.fits(step));
        let reduce = fits_x.min(fits_y).clamp(1, 8);
        let decoding = source::decoding(photo, info, 1 << reduce.ilog2())?;
        let shape = decoding.shape;
        if info.kind != Kind::Jpeg && work(info) > PIXELS {
            return Err(Error::Limit(Limit::Pixels));
        }
        let boxes = Boxes {
            x: (fits_x / decoding.reduce).clamp(1, shrink::LONGEST),
            y: (fits_y / decoding.reduce).clamp(1, shrink::LONGEST),
        };
        let x = across.axis(decoding.reduce, boxes.x);
        let y = down.axis(decoding.reduce, boxes.y);
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
            + scale::memory(&x, &y, shape.layout.channels())
            + 4 * u64::from(x.out)
            + canvas
            + encode::memory(width, channels);
        Ok(Self { format, width, height, orientation, depth, decoding, boxes, x, y, memory })
    }
}

/// What reading a picture costs, in pixels. A JPEG's cost is bounded by its bytes.
fn work(info: &Info) -> u64 {
    u64::from(info.height) * (u64::from(info.width) + ROW)
}

/// One side of the picture as it is stored, and the part of it that is shown.
#[derive(Clone, Copy)]
struct Side {
    /// Pixels.
    len: u32,
    /// In units of a [`Crop`].
    start: u64,
    span: u64,
    /// Pixels of the thumbnail.
    out: u32,
}

/// Both sides of the stored picture, of a geometry that is that of the shown one.
fn sides(info: &Info, orientation: Orientation, geometry: &Geometry) -> (Side, Side) {
    let Geometry { crop, width, height } = *geometry;
    let (shown_width, shown_height) = orientation.apply(info.width, info.height);
    let across = Side { len: shown_width, start: crop.left, span: crop.width, out: width };
    let down = Side { len: shown_height, start: crop.top, span: crop.height, out: height };
    let (mirrored, flipped) = orientation.mirrors();
    let across = if mirrored { across.mirrored() } else { across };
    let down = if flipped { down.mirrored() } else { down };
    orientation.apply(across, down)
}

impl Side {
    const fn mirrored(self) -> Self {
        let start = (self.len as u64 * Crop::PIXEL).saturating_sub(self.start + self.span);
        Self { start, ..self }
    }

    /// How many pixels may become one before the filter, so that it is left with
    /// `step` / 4 of them for each pixel of the thumbnail.
    fn fits(self, step: u64) -> u32 {
        let fits = self.span * 4 / (u64::from(self.out) * step * Crop::PIXEL);
        u32::try_from(fits).unwrap_or(u32::MAX).max(1)
    }

    /// The filter's side, where `reduce` pixels have become one, and `boxed` of those one.
    fn axis(self, reduce: u32, boxed: u32) -> Axis {
        let pixels = u64::from(reduce) * u64::from(boxed);
        Axis {
            source: self.len.div_ceil(reduce).div_ceil(boxed),
            start: self.start / pixels,
            span: (self.span / pixels).max(1),
            out: self.out,
        }
    }
}
