//! Photos made into thumbnails: a file's bytes in, a JPEG or PNG out.
//!
//! ```text
//! source   rows at a scale, by format          PNG, GIF: one row at a time
//!   │
//! shrink   the mean of each box of samples     most of the way down, an addition each
//!   │
//! scale    Lanczos, in fixed point             the rest: a step of 2 to 4, or up
//!   │
//! finish   alpha, colour profile               on the thumbnail's pixels only
//!   │
//! orient   turned, where it has to be          the small result, never the source
//!   │
//! encode   JPEG or PNG
//! ```
//!
//! From one JPEG to the next the colours stay as they are stored, and each of the three
//! components goes through shrink and scale on its own (`planes`).
//!
//! Rows are pulled through from the end, so memory follows the width and not the height.
//! What all of it will take is worked out from the file's header ([`plan`]) before
//! any of it is taken. Values are scaled as they are stored (gamma), as vips and Pillow
//! do. This module opens no file and keeps none; it never looks at names.
//!
//! A change after which some photo has other pixels raises [`crate::thumbs::cache::entry::PIXELS`];
//! `tests/pixels` knows how they were.
#![allow(
    clippy::inline_always,
    reason = "where code is to be small, a call for each pixel or product would stay a call"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples and weights are clamped, and sides are 16 bits, before they are narrowed"
)]

mod axis;
mod box_filter;
mod chroma;
mod colour;
mod dot_product;
mod encode;
mod error;
pub mod exif;
mod lanczos;
mod limit_writer;
mod orientation;
mod plan;
mod planes;
mod post_process;
mod scale;
mod source;

use std::boxed::Box;
use std::io::Write;

pub use error::{Error, Fault, Limit};
pub use orientation::Orientation;
pub use source::{Info, Kind, probe};

use crate::thumbs::address::transform::{Format, Transform};
use box_filter::Shrink;
use colour::Conversion;
use encode::{Colours, Lines};
use limit_writer::Bounded;
use orientation::{Canvas, Depth};
use plan::{Part, Plan, Way};
use planes::Planes;
use post_process::Finish;
use scale::{Scaled, Scaler};
use source::{Decoding, Layout, Source};

/// What one thumbnail may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of heap. The photo's own bytes are the caller's. So is what is written, but it
    /// is bounded, too: by what of this is not needed for the work, and [`WRITTEN`] more.
    pub memory: u64,
    /// The longest side of a thumbnail in pixels.
    pub max_size: u32,
}

/// The share of [`Limits::memory`] that what is written may have of its own.
pub const WRITTEN: u64 = 7;

/// Bytes that may be written in any case: a small picture is never too large.
const SMALL: u64 = 256 << 10;

/// What has been made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The format.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Makes a thumbnail of a photo and writes it to `out`, in many small pieces; on an
/// error what has been written is worth nothing.
///
/// # Errors
///
/// See [`Error`]: the photo, the limits, the request or `out` may be at fault.
pub fn render(
    photo: &[u8],
    transform: &Transform,
    limits: &Limits,
    out: &mut dyn Write,
) -> Result<Rendered, Error> {
    let info = probe(photo)?;
    let plan = Plan::new(photo, &info, transform, limits)?;
    let most = limits.memory - plan.memory + SMALL.max(limits.memory / WRITTEN);
    let mut out = Bounded::new(out, most);
    let written = match &plan.way {
        Way::Pixels { decoding, part, depth } => {
            let source = source::open(photo, &info, decoding, plan.orientation)?;
            by_pixel(source, &plan, decoding, part, *depth, &mut out)
        }
        Way::Components { eighths, extents, parts } => {
            let strips = source::jpeg::strips(photo, *eighths, extents, plan.orientation)?;
            let mut planes = Planes::new(strips, extents, parts, plan.first, plan.orientation);
            jpeg(&mut planes, &plan, Colours::Halved, &mut out)
        }
    };
    written?;
    if out.is_full() {
        // With more memory it would be made sharper, and what is sharper packs less well.
        let written = if plan.sharpest > plan.memory { 2 * out.asked } else { out.asked };
        return Err(Error::Limit(Limit::Memory {
            needed: plan.sharpest.max(plan.memory) + written,
        }));
    }
    Ok(Rendered { format: plan.format, width: plan.width, height: plan.height })
}

/// Makes a thumbnail of pixels.
fn by_pixel(
    mut source: Box<dyn Source + '_>,
    plan: &Plan,
    decoding: &Decoding,
    part: &Part,
    depth: Depth,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let shape = decoding.shape;
    let conversion =
        source.profile().and_then(|profile| Conversion::new(&profile, shape.layout.is_grey()));
    let is_ycbcr = plan.format == Format::Jpeg && conversion.is_none() && source.keep_ycbcr();
    let shrunk = Shrink::new(source, shape, part.boxes);
    let scaler = Scaler::new(&part.x, &part.y, shape.layout.channels(), plan.first);
    let rows = Scaled::new(shrunk, scaler);
    let mut finished = Finish::new(rows, shape.layout, plan.format, conversion, is_ycbcr);
    if plan.orientation.is_upright() {
        return write(&mut finished, plan, shape.layout, out);
    }
    let size = (plan.width, plan.height);
    let mut canvas = Canvas::take(&mut finished, plan.orientation, size, depth)?;
    drop(finished);
    write(&mut canvas, plan, shape.layout, out)
}

fn write(
    rows: &mut dyn Rows,
    plan: &Plan,
    layout: Layout,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match plan.format {
        Format::Jpeg => {
            let colours = if layout.is_grey() { Colours::Grey } else { Colours::Whole };
            jpeg(&mut encode::Pixels(rows), plan, colours, out)
        }
        Format::Png => encode::png(rows, (plan.width, plan.height), layout, out),
    }
}

fn jpeg(
    lines: &mut dyn Lines,
    plan: &Plan,
    colours: Colours,
    out: &mut dyn Write,
) -> Result<(), Error> {
    // Sides are at most `transform::MAX_SIDE`.
    let size = (plan.width as u16, plan.height as u16);
    encode::jpeg(lines, size, colours, plan.quality, out)
}

/// A stage: rows of one length, from top to bottom.
trait Rows {
    /// The next row. There are as many as the stage was told; it is not asked for more.
    fn next_row(&mut self) -> Result<&[u8], Error>;
}
