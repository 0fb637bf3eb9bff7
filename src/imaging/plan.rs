//! How to make a thumbnail, decided from the photo's header alone: the reduction steps, and the
//! memory they take.

use core::array;

use crate::imaging::axis::{Axis, axes};
use crate::imaging::box_filter::Boxes;
use crate::imaging::canvas::{Canvas, Storage};
use crate::imaging::lanczos::Resampling;
use crate::imaging::scale::FirstPass;
use crate::imaging::source::jpeg::{Header, Planar};
use crate::imaging::source::{Decoding, Opened};
use crate::imaging::{
    Error, LimitError, Limits, Orientation, box_filter, encode, planes, post_process, scale,
};
use crate::thumbs::address::geometry;
use crate::thumbs::address::transform::{Format, Transform};

/// How much finer than the thumbnail each kind of reduction must leave the image, for Lanczos to
/// do the rest: source samples per thumbnail sample, along an axis, in twentieths of the
/// reduction's own factor.
#[derive(Clone, Copy)]
struct Headroom {
    /// The JPEG decoder's scales in eighths. 1/8 is the mean of 8x8 samples; 1/4 and 1/2 keep
    /// more detail than a mean does, and 3/8 most of the fine detail.
    scales: [(u32, u64); 4],
    /// The box filter.
    boxes: u64,
}

/// From the sharpest to the softest; the first that fits into memory is used.
///
/// PSNR of `phone-12mp-420.jpg` against a full decode and Lanczos, with a headroom of 5/4, 6/4,
/// 7/4 and 8/4: boxes 39.3, 43, 46 and at least 46.7 dB; 1/8 the same; 1/4 42.8, 47.1, …; and
/// 3/8 45.3 with 6/5. The first entry keeps every photo above 40 dB. The last makes thumbnails
/// as soft as ones of half the size, and is reached only by interlaced files if nothing else
/// fits.
const HEADROOM: [Headroom; 4] = [
    Headroom { scales: [(1, 35), (2, 25), (3, 24), (4, 25)], boxes: 40 },
    Headroom { scales: [(1, 30), (2, 25), (3, 24), (4, 25)], boxes: 30 },
    Headroom { scales: [(1, 20), (2, 20), (3, 20), (4, 20)], boxes: 20 },
    Headroom { scales: [(1, 10), (2, 10), (3, 10), (4, 10)], boxes: 10 },
];

/// Most pixels decoded, so that decoding takes seconds, not minutes: 1 MB of PNG can hold a
/// thousand times as many.
const MAX_PIXELS: u64 = 1 << 29;

/// Overhead of a row in pixels: an image one column wide is slow, too.
const ROW_PIXELS: u64 = 64;

/// Bytes for everything that is not counted: boxes, errors, small allocations.
const FIXED: u64 = 16 << 10;

/// What a thumbnail is to be, whatever reduces the photo to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    /// Width and height in pixels of the thumbnail as shown.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) quality: u8,
    /// From the stored image to the shown one.
    pub(crate) orientation: Orientation,
    pub(crate) first_pass: FirstPass,
}

/// How to make a thumbnail.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) output: Output,
    pub(crate) pipeline: Pipeline<'a>,
    /// Upper bound in bytes.
    pub(crate) memory: u64,
    /// Bytes that the sharpest plan would take.
    pub(crate) sharpest: u64,
}

/// How samples travel from source to encoder.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time, on the stack")]
pub(crate) enum Pipeline<'a> {
    /// Pixel by pixel.
    Interleaved {
        decoding: Decoding<'a>,
        reduction: Reduction,
        /// What a canvas stores if the image must be reoriented.
        storage: Storage,
    },
    /// Component by component, from JPEG to JPEG.
    Planar { planar: Planar<'a>, reductions: [Reduction; 3] },
}

/// From decoded samples to the thumbnail's: the box filter, then Lanczos.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reduction {
    pub(crate) boxes: Boxes,
    /// Along the rows as stored.
    pub(crate) x: Resampling,
    /// Down the columns as stored.
    pub(crate) y: Resampling,
}

/// What does not depend on the headroom.
struct Planner<'a> {
    photo: &'a Opened<'a>,
    /// Horizontal and vertical as stored.
    axes: (Axis, Axis),
    output: Output,
}

impl<'a> Plan<'a> {
    /// The sharpest plan within the limits.
    pub(crate) fn new(
        photo: &'a Opened<'a>,
        transform: &Transform,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let info = photo.info();
        let geometry = geometry::geometry(transform, info.shown(), limits.max_size)
            .map_err(|geometry::SizeError| Error::Request)?;
        let pixels = u64::from(info.height) * (u64::from(info.width) + ROW_PIXELS);
        // A JPEG cannot hold more pixels than its bytes account for.
        if !matches!(photo, Opened::Jpeg(_)) && pixels > MAX_PIXELS {
            return Err(Error::Limit(LimitError::Pixels));
        }
        let orientation = info.orientation.rotated(transform.turns);
        let output = Output {
            format: transform.format.unwrap_or(if info.alpha { Format::Png } else { Format::Jpeg }),
            width: geometry.width,
            height: geometry.height,
            quality: transform.quality,
            orientation,
            first_pass: orientation.apply(FirstPass::Vertical, FirstPass::Horizontal).0,
        };
        let planner = Planner { photo, axes: axes(&info, orientation, &geometry), output };
        let planar = planner.planar_source();
        let (mut needed, mut sharpest) = (u64::MAX, None);
        for headroom in &HEADROOM {
            let (pipeline, memory) = match planar {
                Some(header) => planner.planar(header, headroom)?,
                None => planner.interleaved(headroom)?,
            };
            let sharpest = *sharpest.get_or_insert(memory);
            if memory <= limits.memory {
                return Ok(Self { output, pipeline, memory, sharpest });
            }
            needed = needed.min(memory);
        }
        Err(Error::Limit(LimitError::Memory { needed }))
    }
}

impl<'a> Planner<'a> {
    /// The photo, if it has what a 4:2:0 thumbnail stores, at no lower a resolution.
    fn planar_source(&self) -> Option<&'a Header<'a>> {
        let (x, y) = self.axes;
        match self.photo {
            Opened::Jpeg(header)
                if self.output.format == Format::Jpeg
                    && self.output.quality < encode::FULL_CHROMA
                    && x.keeps(8, 20)
                    && y.keeps(8, 20)
                    && header.is_plain_ycbcr() =>
            {
                Some(header)
            }
            _ => None,
        }
    }

    /// The smallest decoder scale, in eighths, that leaves the headroom.
    fn eighths(&self, scales: impl IntoIterator<Item = (u32, u64)>) -> u32 {
        let (x, y) = self.axes;
        scales
            .into_iter()
            .find(|&(eighths, headroom)| x.keeps(eighths, headroom) && y.keeps(eighths, headroom))
            .map_or(8, |(eighths, _)| eighths)
    }

    fn interleaved(&self, headroom: &Headroom) -> Result<(Pipeline<'a>, u64), Error> {
        // Interleaving upsamples chroma, and the decoder cannot double 3/8.
        let scales = headroom.scales.into_iter().filter(|&(eighths, _)| eighths != 3);
        let Output { format, width, height, quality, orientation, first_pass } = self.output;
        let decoding = self.photo.decoding(self.eighths(scales), orientation)?;
        let shape = decoding.shape;
        let pixels = [(8, decoding.eighths.into()); 2];
        let size = (shape.width, shape.height);
        let reduction = Reduction::new(self.axes, size, pixels, headroom.boxes);
        let channels = post_process::channels(shape.layout, format);
        let storage = match format {
            Format::Jpeg if channels == 3 && quality < encode::FULL_CHROMA => Storage::Ycbcr420,
            _ => Storage::Interleaved(channels),
        };
        let canvas =
            if orientation.is_upright() { 0 } else { Canvas::memory(width, height, storage) };
        let memory = FIXED
            + decoding.memory
            + box_filter::memory(&shape, reduction.boxes)
            + scale::memory(&reduction.x, &reduction.y, shape.layout.channels(), first_pass)
            + 4 * u64::from(reduction.x.out)
            + canvas
            + encode::memory(width, channels);
        Ok((Pipeline::Interleaved { decoding, reduction, storage }, memory))
    }

    fn planar(
        &self,
        header: &'a Header<'a>,
        headroom: &Headroom,
    ) -> Result<(Pipeline<'a>, u64), Error> {
        let planar = header.planar(self.eighths(headroom.scales), self.output.orientation)?;
        let mut memory = FIXED + planar.memory + encode::memory(self.output.width, 3);
        let reductions = array::from_fn(|n| {
            let extent = &planar.extents[n];
            let (x, y) = self.axes;
            let axes = if n == 0 { self.axes } else { (x.chroma420(), y.chroma420()) };
            let size = (extent.width as u32, extent.height as u32);
            let pixels = extent.pixels.map(|(pixels, samples)| (pixels as u64, samples as u64));
            let reduction = Reduction::new(axes, size, pixels, headroom.boxes);
            memory += planes::memory(extent, &reduction, &self.output);
            reduction
        });
        Ok((Pipeline::Planar { planar, reductions }, memory))
    }
}

impl Reduction {
    /// For `width` x `height` samples; `pixels` gives, along each axis, how many of the photo's
    /// pixels a sample stands for, as a fraction.
    fn new(
        (x, y): (Axis, Axis),
        (width, height): (u32, u32),
        pixels: [(u64, u64); 2],
        headroom: u64,
    ) -> Self {
        let (x, across) = x.reduce(width, pixels[0], headroom);
        let (y, down) = y.reduce(height, pixels[1], headroom);
        Self { boxes: Boxes { x: across, y: down }, x, y }
    }
}
