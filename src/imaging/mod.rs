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
//! From one JPEG to the next the chroma stay as they are stored, and each of the three
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

pub use error::{Error, LimitError, OriginalError};
pub use orientation::Orientation;
pub use source::{Info, Kind, probe};

use crate::thumbs::address::transform::{Format, Transform};
use box_filter::BoxFilter;
use colour::Conversion;
use encode::{Chroma, ComponentRows};
use limit_writer::LimitWriter;
use orientation::{Canvas, Storage};
use plan::{Pipeline, Plan, Reduction};
use planes::PlanarRows;
use post_process::PostProcess;
use scale::{ScaledRows, Scaler};
use source::{Decoding, Layout, Opened, Source};

/// What one thumbnail may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of heap. The photo's own bytes are the caller's. So is what is written, but it
    /// is bounded, too: by what of this is not needed for the work, and [`OUTPUT_SHARE`] more.
    pub memory: u64,
    /// The longest side of a thumbnail in pixels.
    pub max_size: u32,
}

/// The share of [`Limits::memory`] that what is written may have of its own.
pub const OUTPUT_SHARE: u64 = 7;

/// Bytes that may be written in any case: a small picture is never too large.
const MIN_OUTPUT: u64 = 256 << 10;

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
    let photo = Opened::new(photo)?;
    let plan = Plan::new(&photo, transform, limits)?;
    let most = limits.memory - plan.memory + MIN_OUTPUT.max(limits.memory / OUTPUT_SHARE);
    let mut out = LimitWriter::new(out, most);
    let written = match &plan.pipeline {
        Pipeline::Interleaved { decoding, reduction, storage } => {
            let source = photo.decode(decoding, plan.orientation)?;
            interleaved(source, &plan, decoding, reduction, *storage, &mut out)
        }
        Pipeline::Planar { planar, reductions } => {
            let mut rows = PlanarRows::new(planar, reductions, plan.first_pass, plan.orientation)?;
            jpeg(&mut rows, &plan, Chroma::Subsampled, &mut out)
        }
    };
    written?;
    if out.is_full() {
        // With more memory it would be made sharper, and what is sharper packs less well.
        let written = if plan.sharpest > plan.memory { 2 * out.asked } else { out.asked };
        return Err(Error::Limit(LimitError::Memory {
            needed: plan.sharpest.max(plan.memory) + written,
        }));
    }
    Ok(Rendered { format: plan.format, width: plan.width, height: plan.height })
}

/// Makes a thumbnail of pixels.
fn interleaved(
    mut source: Box<dyn Source + '_>,
    plan: &Plan<'_>,
    decoding: &Decoding,
    reduction: &Reduction,
    storage: Storage,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let shape = decoding.shape;
    let conversion =
        source.profile().and_then(|profile| Conversion::new(&profile, shape.layout.is_grey()));
    let is_ycbcr = plan.format == Format::Jpeg && conversion.is_none() && source.keep_ycbcr();
    let shrunk = BoxFilter::new(source, shape, reduction.boxes);
    let scaler = Scaler::new(&reduction.x, &reduction.y, shape.layout.channels(), plan.first_pass);
    let rows = ScaledRows::new(shrunk, scaler);
    let mut finished = PostProcess::new(rows, shape.layout, plan.format, conversion, is_ycbcr);
    if plan.orientation.is_upright() {
        return write(&mut finished, plan, shape.layout, out);
    }
    let size = (plan.width, plan.height);
    let mut canvas = Canvas::take(&mut finished, plan.orientation, size, storage)?;
    drop(finished);
    write(&mut canvas, plan, shape.layout, out)
}

fn write(
    rows: &mut dyn Rows,
    plan: &Plan<'_>,
    layout: Layout,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match plan.format {
        Format::Jpeg => {
            let chroma = if layout.is_grey() { Chroma::Absent } else { Chroma::Full };
            jpeg(&mut encode::Deinterleaved(rows), plan, chroma, out)
        }
        Format::Png => encode::png(rows, (plan.width, plan.height), layout, out),
    }
}

fn jpeg(
    lines: &mut dyn ComponentRows,
    plan: &Plan<'_>,
    chroma: Chroma,
    out: &mut dyn Write,
) -> Result<(), Error> {
    // Sides are at most `transform::MAX_SIDE`.
    let size = (plan.width as u16, plan.height as u16);
    encode::jpeg(lines, size, chroma, plan.quality, out)
}

/// A stage: rows of one length, from top to bottom.
trait Rows {
    /// The next row. There are as many as the stage was told; it is not asked for more.
    fn next_row(&mut self) -> Result<&[u8], Error>;
}
