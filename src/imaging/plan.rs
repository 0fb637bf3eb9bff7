//! How a thumbnail is going to be made, worked out from the header alone: in which
//! headroom the photo gets smaller, and what memory that takes.

use core::array;

use crate::imaging::axis::{Axis, axes};
use crate::imaging::box_filter::Boxes;
use crate::imaging::lanczos::Resampling;
use crate::imaging::orientation::{Canvas, Orientation, Storage};
use crate::imaging::scale::FirstPass;
use crate::imaging::source::{Decoding, Info, Kind};
use crate::imaging::{
    Error, LimitError, Limits, box_filter, encode, planes, post_process, scale, source,
};
use crate::jpeg::Extents;
use crate::thumbs::address::geometry;
use crate::thumbs::address::transform::{Format, Transform};

/// How many of a photo's pixels have to make one of the thumbnail's, in 1/20 of what
/// each pipeline to shrink makes one of, before it is gone. What is left is the filter's.
#[derive(Clone, Copy)]
struct Headroom {
    /// The JPEG decoder's 1/8, which is a mean of 8 x 8.
    eighth: u64,
    /// Its 3/8, which keeps most of what is fine.
    three_eighths: u64,
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
const HEADROOM: [Headroom; 4] = [
    Headroom { eighth: 35, three_eighths: 24, larger: 25, boxes: 40 },
    Headroom { eighth: 30, three_eighths: 24, larger: 25, boxes: 30 },
    Headroom { eighth: 20, three_eighths: 20, larger: 20, boxes: 20 },
    Headroom { eighth: 10, three_eighths: 10, larger: 10, boxes: 10 },
];

impl Headroom {
    /// What a JPEG's decoder shrinks by, in eighths, and the step for it.
    fn decoders(&self) -> [(u32, u64); 4] {
        [(1, self.eighth), (2, self.larger), (3, self.three_eighths), (4, self.larger)]
    }
}

/// The most pixels that are read, for seconds and not minutes of work: packed well, 1 MB
/// of a PNG can hold a thousand times as many.
const MAX_PIXELS: u64 = 1 << 29;

/// What a row costs besides its pixels, in pixels: a picture of one column is slow too.
const ROW_PIXELS: u64 = 64;

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
    pub(crate) pipeline: Pipeline,
    /// The filter's first pass.
    pub(crate) first_pass: FirstPass,
    /// Bytes that all of it takes, at most.
    pub(crate) memory: u64,
    /// Bytes that it would take if there were enough for the sharpest pipeline.
    pub(crate) sharpest: u64,
}

/// In which form a photo goes through.
#[derive(Clone, Debug)]
pub(crate) enum Pipeline {
    /// Pixel by pixel.
    Interleaved {
        decoding: Decoding,
        reduction: Reduction,
        /// What is kept of each pixel where it has to be turned.
        storage: Storage,
    },
    /// Component by component, from one JPEG to the next.
    Planar {
        /// Size as a share of the photo's.
        eighths: u32,
        extents: Extents,
        reductions: [Reduction; 3],
    },
}

/// From what has been decoded to the thumbnail's size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reduction {
    pub(crate) boxes: Boxes,
    /// The filter across and down, on the picture as it is stored, shrunk.
    pub(crate) x: Resampling,
    pub(crate) y: Resampling,
}

/// What is to be made of what.
struct Planner<'a> {
    photo: &'a [u8],
    info: &'a Info,
    format: Format,
    quality: u8,
    orientation: Orientation,
    /// The sides of the photo as it is stored.
    sides: (Axis, Axis),
    first_pass: FirstPass,
    /// Width and height of the thumbnail as it is shown.
    size: (u32, u32),
}

impl Plan {
    /// The sharpest pipeline that keeps the limits.
    pub(crate) fn new(
        photo: &[u8],
        info: &Info,
        transform: &Transform,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let geometry = geometry::geometry(transform, info.shown(), limits.max_size)
            .map_err(|geometry::SizeError| Error::Request)?;
        if info.kind != Kind::Jpeg && work(info) > MAX_PIXELS {
            return Err(Error::Limit(LimitError::Pixels));
        }
        let orientation = info.orientation.turned(transform.turns);
        let (width, height) = (geometry.width, geometry.height);
        let planner = Planner {
            photo,
            info,
            format: transform.format.unwrap_or(if info.alpha { Format::Png } else { Format::Jpeg }),
            quality: transform.quality,
            orientation,
            sides: axes(info, orientation, &geometry),
            first_pass: orientation.apply(FirstPass::Vertical, FirstPass::Horizontal).0,
            size: (width, height),
        };
        let is_planar = planner.can_be_planar()?;
        let (mut needed, mut sharpest) = (u64::MAX, None);
        for headroom in &HEADROOM {
            let (pipeline, memory) = if is_planar {
                planner.planar(headroom)?
            } else {
                planner.interleaved(headroom)?
            };
            let sharpest = *sharpest.get_or_insert(memory);
            if memory <= limits.memory {
                let Planner { format, quality, orientation, first_pass, .. } = planner;
                return Ok(Self {
                    format,
                    width,
                    height,
                    quality,
                    orientation,
                    pipeline,
                    first_pass,
                    memory,
                    sharpest,
                });
            }
            needed = needed.min(memory);
        }
        Err(Error::Limit(LimitError::Memory { needed }))
    }
}

impl Planner<'_> {
    /// Whether the photo has what the thumbnail will have, and more of it: lightness, and
    /// colour differences at half the resolution.
    fn can_be_planar(&self) -> Result<bool, Error> {
        let (across, down) = self.sides;
        Ok(self.info.kind == Kind::Jpeg
            && self.format == Format::Jpeg
            && self.quality < encode::FULL_CHROMA
            && across.keeps(8, 20)
            && down.keeps(8, 20)
            && source::jpeg::is_plain_ycbcr(self.photo)?)
    }

    /// The smallest size that leaves enough.
    fn eighths(&self, decoders: impl IntoIterator<Item = (u32, u64)>) -> u32 {
        let (across, down) = self.sides;
        decoders
            .into_iter()
            .find(|&(eighths, step)| across.keeps(eighths, step) && down.keeps(eighths, step))
            .map_or(8, |(eighths, _)| eighths)
    }

    fn interleaved(&self, headroom: &Headroom) -> Result<(Pipeline, u64), Error> {
        // Colours come with pixels, and there is no pipeline to make twice 3/8 of them.
        let decoders = headroom.decoders().into_iter().filter(|&(eighths, _)| eighths != 3);
        let decoding = source::decoding(self.photo, self.info, self.eighths(decoders))?;
        let shape = decoding.shape;
        let pixels = [(8, decoding.eighths.into()); 2];
        let reduction =
            Reduction::new(self.sides, (shape.width, shape.height), pixels, headroom.boxes);
        let channels = post_process::channels(shape.layout, self.format);
        let storage = match self.format {
            Format::Jpeg if channels == 3 && self.quality < encode::FULL_CHROMA => {
                Storage::Ycbcr420
            }
            _ => Storage::Interleaved(channels),
        };
        let (width, height) = self.size;
        let canvas =
            if self.orientation.is_upright() { 0 } else { Canvas::memory(width, height, storage) };
        let memory = FIXED
            + decoding.memory
            + box_filter::memory(&shape, reduction.boxes)
            + scale::memory(&reduction.x, &reduction.y, shape.layout.channels(), self.first_pass)
            + 4 * u64::from(reduction.x.out)
            + canvas
            + encode::memory(width, channels);
        Ok((Pipeline::Interleaved { decoding, reduction, storage }, memory))
    }

    fn planar(&self, headroom: &Headroom) -> Result<(Pipeline, u64), Error> {
        let eighths = self.eighths(headroom.decoders());
        let extents = source::jpeg::extents(self.photo, eighths)?;
        let (width, _) = self.size;
        let mut memory = FIXED + extents.memory as u64 + encode::memory(width, 3);
        let reductions = array::from_fn(|n| {
            let Some(extent) = extents.components.get(n) else {
                unreachable!("lightness and two differences are three components")
            };
            let (across, down) = self.sides;
            let sides = if n == 0 { self.sides } else { (across.chroma420(), down.chroma420()) };
            let size = (extent.width as u32, extent.height as u32);
            let pixels = extent.pixels.map(|(of, by)| (of as u64, by as u64));
            let reduction = Reduction::new(sides, size, pixels, headroom.boxes);
            memory += planes::memory(extent, &reduction, self.first_pass, self.orientation);
            reduction
        });
        Ok((Pipeline::Planar { eighths, extents, reductions }, memory))
    }
}

impl Reduction {
    /// Of what has so many samples across and down, of `pixels` of the photo's each.
    fn new(
        (across, down): (Axis, Axis),
        (width, height): (u32, u32),
        pixels: [(u64, u64); 2],
        step: u64,
    ) -> Self {
        let (x, across) = across.reduce(width, pixels[0], step);
        let (y, down) = down.reduce(height, pixels[1], step);
        Self { boxes: Boxes { x: across, y: down }, x, y }
    }
}

/// What reading a picture costs, in pixels. A JPEG's cost is bounded by its bytes.
fn work(info: &Info) -> u64 {
    u64::from(info.height) * (u64::from(info.width) + ROW_PIXELS)
}
