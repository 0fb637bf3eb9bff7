//! Encodes the thumbnail as JPEG or PNG: no metadata, and the same bytes every time.

use core::cell::RefCell;
use std::io::Write;
use std::vec;
use std::vec::Vec;

use jpeg_encoder::{
    ChromaSubsamplingMethod, EncodingError, ImageBuffer, JpegColorType, SamplingFactor,
};

use crate::imaging::plan::Output;
use crate::imaging::source::Layout;
use crate::imaging::{Error, Rows};

/// Quality from which chroma keeps its full resolution, as in libvips.
pub(crate) const FULL_CHROMA: u8 = 90;

/// Upper bound in bytes of what encoding allocates.
pub(crate) fn memory(width: u32, channels: usize) -> u64 {
    // JPEG: sixteen rows of each component and the bit writer. PNG, measured: deflate's window,
    // hash chains and codes, and a few rows.
    let row = u64::from(width).next_multiple_of(16) * channels as u64;
    (400 << 10) + 20 * row
}

/// Rows with one buffer per component.
pub(crate) trait ComponentRows {
    /// Replaces `row` by the next row: luma and, if there is room for three, Cb and Cr, each as
    /// long as the image is wide.
    fn next_row(&mut self, row: &mut [Vec<u8>]) -> Result<(), Error>;
}

/// Splits interleaved rows into components.
pub(crate) struct Deinterleaved<'a>(pub(crate) &'a mut dyn Rows);

impl ComponentRows for Deinterleaved<'_> {
    fn next_row(&mut self, row: &mut [Vec<u8>]) -> Result<(), Error> {
        let pixels = self.0.next_row()?;
        let channels = row.len();
        for (n, component) in row.iter_mut().enumerate() {
            component.clear();
            component.extend(pixels.iter().skip(n).step_by(channels));
        }
        Ok(())
    }
}

/// How rows deliver a JPEG's chroma.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chroma {
    /// Not at all: luma only.
    Absent,
    /// For each pixel.
    Full,
    /// For each pixel, with one value per 2x2 square.
    Subsampled,
}

/// Writes a JPEG: baseline, JFIF.
pub(crate) fn jpeg(
    rows: &mut dyn ComponentRows,
    output: &Output,
    chroma: Chroma,
    out: &mut dyn Write,
) -> Result<(), Error> {
    // Sides are at most `transform::MAX_SIDE`, 16 bits.
    let (width, height, quality) = (output.width as u16, output.height as u16, output.quality);
    let mut encoder = jpeg_encoder::Encoder::new(out, quality);
    let sampling =
        if quality < FULL_CHROMA { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 };
    encoder.set_sampling_factor(sampling);
    // Four equal samples need no averaging.
    encoder.set_chroma_subsampling_method(match chroma {
        Chroma::Subsampled => ChromaSubsamplingMethod::Nearest,
        Chroma::Absent | Chroma::Full => ChromaSubsamplingMethod::Average,
    });
    let row = vec![Vec::new(); if chroma == Chroma::Absent { 1 } else { 3 }];
    let state = RefCell::new(State { rows, next: 0, row, error: None });
    let written = encoder.encode_image(Image { width, height, chroma, state: &state });
    match (state.into_inner().error, written) {
        (Some(error), _) => Err(error),
        (None, Err(EncodingError::IoError(error))) => Err(Error::Io(error)),
        (None, Err(error)) => Err(Error::Io(std::io::Error::other(error))),
        (None, Ok(())) => Ok(()),
    }
}

/// The encoder asks for rows by number, repeats the last one to fill its last row of blocks, and
/// has no way to report an error.
struct State<'a> {
    rows: &'a mut dyn ComponentRows,
    next: u16,
    row: Vec<Vec<u8>>,
    error: Option<Error>,
}

struct Image<'a, 'b> {
    width: u16,
    height: u16,
    chroma: Chroma,
    state: &'a RefCell<State<'b>>,
}

impl ImageBuffer for Image<'_, '_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.chroma == Chroma::Absent { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let State { rows, next, row, error } = &mut *self.state.borrow_mut();
        if y == *next && error.is_none() {
            *next += 1;
            *error = rows.next_row(row).err();
        }
        for (buffer, component) in buffers.iter_mut().zip(row) {
            if error.is_some() {
                // The output is discarded.
                component.resize(self.width.into(), 0);
            }
            buffer.extend_from_slice(component);
        }
    }
}

/// Writes a PNG with 8 bits per sample.
pub(crate) fn png(
    rows: &mut dyn Rows,
    output: &Output,
    layout: Layout,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut encoder = png::Encoder::new(out, output.width, output.height);
    encoder.set_color(match layout {
        Layout::Grey => png::ColorType::Grayscale,
        Layout::GreyAlpha => png::ColorType::GrayscaleAlpha,
        Layout::Rgb => png::ColorType::Rgb,
        Layout::Rgba => png::ColorType::Rgba,
    });
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(failed)?;
    let mut stream = writer.stream_writer().map_err(failed)?;
    for _ in 0..output.height {
        stream.write_all(rows.next_row()?).map_err(Error::Io)?;
    }
    stream.finish().map_err(failed)?;
    writer.finish().map_err(failed)
}

#[cold]
fn failed(error: png::EncodingError) -> Error {
    match error {
        png::EncodingError::IoError(error) => Error::Io(error),
        error => Error::Io(std::io::Error::other(error)),
    }
}
