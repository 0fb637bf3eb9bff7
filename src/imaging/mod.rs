//! Makes thumbnails: a photo's bytes in, a JPEG or PNG out.
//!
//! ```text
//! source         rows of samples       JPEG at a reduced scale; PNG, GIF and WebP as they are
//!   │
//! box filter     mean of each box      most of the way down, one addition per sample
//!   │
//! Lanczos        fixed point           the rest: a factor of 2 to 4, or up
//!   │
//! post-process   alpha, ICC profile    on the thumbnail's pixels only
//!   │
//! canvas         reorients             the small result, never the source
//!   │
//! encode         JPEG or PNG
//! ```
//!
//! From JPEG to JPEG the components stay apart: each is box-filtered and scaled on its own
//! (`planes`).
//!
//! Rows are pulled from the end, so memory follows the width, not the height. The plan derives
//! the total from the file's header before anything is allocated. Values are scaled as stored
//! (gamma-encoded), as vips and Pillow do. This module opens no files and never sees their names.
//!
//! A change that alters any photo's pixels must raise [`crate::thumbs::cache::entry::PIXELS`];
//! `tests/pixels` keeps their digests.
#![allow(clippy::inline_always, reason = "opt-level \"s\" would keep a call per pixel or product")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples and weights are clamped, and sides fit 16 bits, before they are narrowed"
)]

mod axis;
mod box_filter;
mod canvas;
mod chroma;
mod colour;
mod dot_product;
mod encode;
mod error;
pub mod exif;
mod lanczos;
mod limit_writer;
mod plan;
mod planes;
mod post_process;
mod scale;
mod source;

use std::boxed::Box;
use std::io::Write;
use std::vec::Vec;

pub use crate::jpeg::Orientation;
pub use error::{Error, LimitError, OriginalError};
pub use source::probe;

use crate::thumbs::address::transform::{Format, Transform};
use box_filter::BoxFilter;
use canvas::{Canvas, Storage};
use colour::Conversion;
use encode::Chroma;
use limit_writer::LimitWriter;
use plan::{Output, Pipeline, Plan, Reduction};
use planes::PlanarRows;
use post_process::PostProcess;
use scale::{ScaledRows, Scaler};
use source::{Decoding, Layout, Opened, Source};

/// Limits for one thumbnail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of heap, not counting the photo, nor the output, which the caller holds. The output
    /// is limited to what the work leaves of this and 1/[`OUTPUT_SHARE`] more.
    pub memory: u64,
    /// Longest side of a thumbnail in pixels.
    pub max_size: u32,
}

/// The output may take 1/7 of [`Limits::memory`] of its own.
pub const OUTPUT_SHARE: u64 = 7;

/// Output bytes that are always allowed, whatever [`Limits::memory`] is.
const MIN_OUTPUT: u64 = 256 << 10;

/// A finished thumbnail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The output format.
    pub format: Format,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Makes a thumbnail of a photo and writes it to `out` in many small pieces. After an error, what
/// has been written is incomplete.
///
/// # Errors
///
/// See [`Error`].
pub fn render(
    photo: &[u8],
    transform: &Transform,
    limits: &Limits,
    out: &mut dyn Write,
) -> Result<Rendered, Error> {
    let photo = Opened::new(photo)?;
    let plan = Plan::new(&photo, transform, limits)?;
    let output = &plan.output;
    let limit = limits.memory - plan.memory + MIN_OUTPUT.max(limits.memory / OUTPUT_SHARE);
    let mut out = LimitWriter::new(out, limit);
    let written = match &plan.pipeline {
        Pipeline::Interleaved { decoding, reduction, storage } => {
            let source = photo.decode(decoding)?;
            interleaved(source, output, decoding, reduction, *storage, &mut out)
        }
        Pipeline::Planar { planar, reductions } => {
            let mut rows = PlanarRows::new(planar, reductions, output)?;
            encode::jpeg(&mut rows, output, Chroma::Subsampled, &mut out)
        }
    };
    written?;
    if out.is_exceeded() {
        // More memory would make it sharper, and sharper images compress less.
        let written = out.received * if plan.sharpest > plan.memory { 2 } else { 1 };
        return Err(Error::Limit(LimitError::Memory {
            needed: plan.sharpest.max(plan.memory) + written,
        }));
    }
    Ok(Rendered { format: output.format, width: output.width, height: output.height })
}

fn interleaved(
    mut source: Box<dyn Source + '_>,
    output: &Output,
    decoding: &Decoding<'_>,
    reduction: &Reduction,
    storage: Storage,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let shape = decoding.shape;
    let conversion = decoding
        .profile
        .or_else(|| source.profile())
        .and_then(|profile| Conversion::new(profile, shape.layout.is_grey()));
    let is_ycbcr = output.format == Format::Jpeg && conversion.is_none() && source.keep_ycbcr();
    let boxed = BoxFilter::new(source, shape, reduction.boxes);
    let channels = shape.layout.channels();
    let scaler = Scaler::new(&reduction.x, &reduction.y, channels, output.first_pass);
    let rows = ScaledRows { source: boxed, scaler };
    let (layout, format) = (shape.layout, output.format);
    let mut rows = PostProcess { rows, layout, format, conversion, is_ycbcr, row: Vec::new() };
    if output.orientation.is_upright() {
        return write(&mut rows, output, layout, out);
    }
    let size = (output.width, output.height);
    let mut canvas = Canvas::read(&mut rows, output.orientation, size, storage)?;
    drop(rows);
    write(&mut canvas, output, layout, out)
}

fn write(
    rows: &mut dyn Rows,
    output: &Output,
    layout: Layout,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match output.format {
        Format::Jpeg => {
            let chroma = if layout.is_grey() { Chroma::Absent } else { Chroma::Full };
            encode::jpeg(&mut encode::Deinterleaved(rows), output, chroma, out)
        }
        Format::Png => encode::png(rows, output, layout, out),
    }
}

/// A stage that yields rows of equal length from top to bottom.
trait Rows {
    /// The next row. Callers know how many there are and ask for no more.
    fn next_row(&mut self) -> Result<&[u8], Error>;
}
