//! The thumbnail as a file: JPEG or PNG, without metadata, the same bytes every time.

use core::cell::RefCell;
use std::io::Write;
use std::vec;
use std::vec::Vec;

use jpeg_encoder::{
    ChromaSubsamplingMethod, EncodingError, ImageBuffer, JpegColorType, SamplingFactor,
};

use crate::imaging::source::Layout;
use crate::imaging::{Error, Rows};

/// From this quality on chroma are kept at full resolution, as libvips does: who
/// asks for it wants to see no fault.
pub(crate) const FULL_CHROMA: u8 = 90;

/// Bytes that encoding takes, at most.
pub(crate) fn memory(width: u32, channels: usize) -> u64 {
    // JPEG: sixteen rows of each component; the bit writer. PNG: deflate's window, hash
    // chains and codes, measured, and a few rows.
    let row = u64::from(width).next_multiple_of(16) * channels as u64;
    (400 << 10) + 20 * row
}

/// Rows by component.
pub(crate) trait ComponentRows {
    /// Puts the next row in place of the one before: lightness and, where there are more
    /// than one, two colour differences, each as long as the picture is wide.
    fn next_row(&mut self, line: &mut [Vec<u8>]) -> Result<(), Error>;
}

/// Rows of pixels by component.
pub(crate) struct Deinterleaved<'a>(pub(crate) &'a mut dyn Rows);

impl ComponentRows for Deinterleaved<'_> {
    fn next_row(&mut self, line: &mut [Vec<u8>]) -> Result<(), Error> {
        let row = self.0.next_row()?;
        let channels = line.len();
        for (n, line) in line.iter_mut().enumerate() {
            line.clear();
            line.extend(row.iter().skip(n).step_by(channels));
        }
        Ok(())
    }
}

/// A JPEG's chroma.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chroma {
    /// Lightness alone.
    Absent,
    /// For each pixel.
    Full,
    /// For each pixel, and each square of four, from the left and the top, has the same.
    Subsampled,
}

/// Writes a JPEG: baseline, JFIF.
pub(crate) fn jpeg(
    lines: &mut dyn ComponentRows,
    (width, height): (u16, u16),
    chroma: Chroma,
    quality: u8,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut encoder = jpeg_encoder::Encoder::new(out, quality);
    let sampling =
        if quality < FULL_CHROMA { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 };
    encoder.set_sampling_factor(sampling);
    // Of four that are alike any will do.
    encoder.set_chroma_subsampling_method(match chroma {
        Chroma::Subsampled => ChromaSubsamplingMethod::Nearest,
        Chroma::Absent | Chroma::Full => ChromaSubsamplingMethod::Average,
    });
    let line = vec![Vec::new(); if chroma == Chroma::Absent { 1 } else { 3 }];
    let state = RefCell::new(Pull { lines, next: 0, line, error: None });
    let written = encoder.encode_image(Picture { width, height, chroma, state: &state });
    match (state.into_inner().error, written) {
        (Some(error), _) => Err(error),
        (None, Err(EncodingError::IoError(error))) => Err(Error::Io(error)),
        (None, Err(error)) => Err(Error::Io(std::io::Error::other(error))),
        (None, Ok(())) => Ok(()),
    }
}

/// The encoder asks for rows by number, the last one again for each that is missing in
/// its last row of blocks, and cannot be told of an error.
struct Pull<'a> {
    lines: &'a mut dyn ComponentRows,
    next: u16,
    line: Vec<Vec<u8>>,
    error: Option<Error>,
}

struct Picture<'a, 'b> {
    width: u16,
    height: u16,
    chroma: Chroma,
    state: &'a RefCell<Pull<'b>>,
}

impl ImageBuffer for Picture<'_, '_> {
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
        let Pull { lines, next, line, error } = &mut *self.state.borrow_mut();
        if y == *next && error.is_none() {
            *next += 1;
            *error = lines.next_row(line).err();
        }
        for (buffer, line) in buffers.iter_mut().zip(line) {
            if error.is_some() {
                // Anything will do: nobody sees it.
                line.resize(self.width.into(), 0);
            }
            buffer.extend_from_slice(line);
        }
    }
}

/// Writes a PNG of 8 bits a sample.
pub(crate) fn png(
    rows: &mut dyn Rows,
    (width, height): (u32, u32),
    layout: Layout,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut encoder = png::Encoder::new(out, width, height);
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
    for _ in 0..height {
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
