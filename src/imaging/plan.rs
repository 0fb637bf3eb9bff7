//! How a thumbnail is going to be made, worked out from the header alone: in which
//! steps the photo gets smaller, and what memory that takes.

use core::array;

use crate::imaging::axis::{Side, sides};
use crate::imaging::box_filter::Boxes;
use crate::imaging::lanczos::Axis;
use crate::imaging::orientation::{Canvas, Depth, Orientation};
use crate::imaging::scale::First;
use crate::imaging::source::{Decoding, Info, Kind};
use crate::imaging::{
    Error, Limit, Limits, box_filter, encode, planes, post_process, scale, source,
};
use crate::jpeg::Extents;
use crate::thumbs::address::geometry;
use crate::thumbs::address::transform::{Format, Transform};

/// How many of a photo's pixels have to make one of the thumbnail's, in 1/20 of what
/// each way to shrink makes one of, before it is gone. What is left is the filter's.
#[derive(Clone, Copy)]
struct Steps {
    /// The JPEG decoder's 1/8, which is a mean of 8 x 8.
    eighth: u64,
    /// Its 3/8, which keeps most of what is fine.
    three: u64,
    /// Its 1/4 and 1/2, which keep more of what is fine than a mean does.
    larger: u64,
    /// The mean of a box.
    boxes: u64,
}

/// From the sharpest to the softest; the first that fits into memory is taken.
///
/// Peak signal to noise of `phone-12mp-420.jpg` against a full decode and Lanczos, with
/// 5/4, 6/4, 7/4 and 8/4 left for the filter: boxes 39.3, 43, 46, 46.7 dB and more, 1/8 the
/// same, 1/4 42.8, 47.1, … and 3/8 45.3 with 6/5. The first line keeps every photo above 40.
/// The last makes thumbnails as soft as some half as large: interlaced files only, when
/// nothing else fits.
const STEPS: [Steps; 4] = [
    Steps { eighth: 35, three: 24, larger: 25, boxes: 40 },
    Steps { eighth: 30, three: 24, larger: 25, boxes: 30 },
    Steps { eighth: 20, three: 20, larger: 20, boxes: 20 },
    Steps { eighth: 10, three: 10, larger: 10, boxes: 10 },
];

impl Steps {
    /// What a JPEG's decoder shrinks by, in eighths, and the step for it.
    fn decoders(&self) -> [(u32, u64); 4] {
        [(1, self.eighth), (2, self.larger), (3, self.three), (4, self.larger)]
    }
}

/// The most pixels that are read, for seconds and not minutes of work: packed well, 1 MB
/// of a PNG can hold a thousand times as many.
const PIXELS: u64 = 1 << 29;

/// What a row costs besides its pixels, in pixels: a picture of one column is slow too.
const ROW: u64 = 64;

/// What everything else takes: boxes, errors, the smallest allocations.
const FIXED: u64 = 16 << 10;

/// How a thumbnail is going to be made.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) format: Format,
    /// Width and height of the thumbnail as it is shown.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) quality: u8,
    /// From the stored picture to the shown one.
    pub(crate) orientation: Orientation,
    pub(crate) way: Way,
    /// The filter's first pass.
    pub(crate) first: First,
    /// Bytes that all of it takes, at most.
    pub(crate) memory: u64,
    /// Bytes that it would take if there were enough for the sharpest way.
    pub(crate) sharpest: u64,
}

/// In which form a photo goes through.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Pixel by pixel.
    Pixels {
        decoding: Decoding,
        part: Part,
        /// What is kept of each pixel where it has to be turned.
        depth: Depth,
    },
    /// Component by component, from one JPEG to the next.
    Components {
        /// Size as a share of the photo's.
        eighths: u32,
        extents: Extents,
        parts: [Part; 3],
    },
}

/// From what has been decoded to the thumbnail's size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    pub(crate) boxes: Boxes,
    /// The filter across and down, on the picture as it is stored, shrunk.
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

/// What is to be made of what.
struct Task<'a> {
    photo: &'a [u8],
    info: &'a Info,
    format: Format,
    quality: u8,
    orientation: Orientation,
    /// The sides of the photo as it is stored.
    sides: (Side, Side),
    first: First,
    /// Width and height of the thumbnail as it is shown.
    size: (u32, u32),
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
        if info.kind != Kind::Jpeg && work(info) > PIXELS {
            return Err(Error::Limit(Limit::Pixels));
        }
        let orientation = info.orientation.turned(transform.turns);
        let (width, height) = (geometry.width, geometry.height);
        let task = Task {
            photo,
            info,
            format: transform.format.unwrap_or(if info.alpha { Format::Png } else { Format::Jpeg }),
            quality: transform.quality,
            orientation,
            sides: sides(info, orientation, &geometry),
            first: orientation.apply(First::Down, First::Across).0,
            size: (width, height),
        };
        let by_component = task.can_go_by_component()?;
        let (mut needed, mut sharpest) = (u64::MAX, None);
        for steps in &STEPS {
            let (way, memory) =
                if by_component { task.components(steps)? } else { task.pixels(steps)? };
            let sharpest = *sharpest.get_or_insert(memory);
            if memory <= limits.memory {
                let Task { format, quality, orientation, first, .. } = task;
                return Ok(Self {
                    format,
                    width,
                    height,
                    quality,
                    orientation,
                    way,
                    first,
                    memory,
                    sharpest,
                });
            }
            needed = needed.min(memory);
        }
        Err(Error::Limit(Limit::Memory { needed }))
    }
}

impl Task<'_> {
    /// Whether the photo has what the thumbnail will have, and more of it: lightness, and
    /// colour differences at half the resolution.
    fn can_go_by_component(&self) -> Result<bool, Error> {
        let (across, down) = self.sides;
        Ok(self.info.kind == Kind::Jpeg
            && self.format == Format::Jpeg
            && self.quality < encode::FULL_COLOUR
            && across.allows(8, 20)
            && down.allows(8, 20)
            && source::jpeg::is_plain_ycbcr(self.photo)?)
    }

    /// The smallest size that leaves enough.
    fn eighths(&self, decoders: impl IntoIterator<Item = (u32, u64)>) -> u32 {
        let (across, down) = self.sides;
        decoders
            .into_iter()
            .find(|&(eighths, step)| across.allows(eighths, step) && down.allows(eighths, step))
            .map_or(8, |(eighths, _)| eighths)
    }

    fn pixels(&self, steps: &Steps) -> Result<(Way, u64), Error> {
        // Colours come with pixels, and there is no way to make twice 3/8 of them.
        let decoders = steps.decoders().into_iter().filter(|&(eighths, _)| eighths != 3);
        let decoding = source::decoding(self.photo, self.info, self.eighths(decoders))?;
        let shape = decoding.shape;
        let pixels = [(8, decoding.eighths.into()); 2];
        let part = Part::new(self.sides, (shape.width, shape.height), pixels, steps.boxes);
        let channels = post_process::channels(shape.layout, self.format);
        let depth = match self.format {
            Format::Jpeg if channels == 3 && self.quality < encode::FULL_COLOUR => Depth::Halved,
            _ => Depth::Full(channels),
        };
        let (width, height) = self.size;
        let canvas =
            if self.orientation.is_upright() { 0 } else { Canvas::memory(width, height, depth) };
        let memory = FIXED
            + decoding.memory
            + box_filter::memory(&shape, part.boxes)
            + scale::memory(&part.x, &part.y, shape.layout.channels(), self.first)
            + 4 * u64::from(part.x.out)
            + canvas
            + encode::memory(width, channels);
        Ok((Way::Pixels { decoding, part, depth }, memory))
    }

    fn components(&self, steps: &Steps) -> Result<(Way, u64), Error> {
        let eighths = self.eighths(steps.decoders());
        let extents = source::jpeg::extents(self.photo, eighths)?;
        let (width, _) = self.size;
        let mut memory = FIXED + extents.memory as u64 + encode::memory(width, 3);
        let parts = array::from_fn(|n| {
            let Some(extent) = extents.components.get(n) else {
                unreachable!("lightness and two differences are three components")
            };
            let (across, down) = self.sides;
            let sides = if n == 0 { self.sides } else { (across.halved(), down.halved()) };
            let size = (extent.width as u32, extent.height as u32);
            let pixels = extent.pixels.map(|(of, by)| (of as u64, by as u64));
            let part = Part::new(sides, size, pixels, steps.boxes);
            memory += planes::memory(extent, &part, self.first, self.orientation);
            part
        });
        Ok((Way::Components { eighths, extents, parts }, memory))
    }
}

impl Part {
    /// Of what has so many samples across and down, of `pixels` of the photo's each.
    fn new(
        (across, down): (Side, Side),
        (width, height): (u32, u32),
        pixels: [(u64, u64); 2],
        step: u64,
    ) -> Self {
        let (x, across) = across.shrunk(width, pixels[0], step);
        let (y, down) = down.shrunk(height, pixels[1], step);
        Self { boxes: Boxes { x: across, y: down }, x, y }
    }
}

/// What reading a picture costs, in pixels. A JPEG's cost is bounded by its bytes.
fn work(info: &Info) -> u64 {
    u64::from(info.height) * (u64::from(info.width) + ROW)
}
