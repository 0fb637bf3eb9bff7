//! The thumbnail as a file: JPEG or PNG, without metadata, the same bytes every time.

use core::cell::RefCell;
use std::io::Write;
use std::vec::Vec;

use jpeg_encoder::{
    ChromaSubsamplingMethod, EncodingError, ImageBuffer, JpegColorType, SamplingFactor,
};

use super::source::Layout;
use super::{Error, Rows};

/// From this quality on colours are kept at full resolution, as libvips does: who
/// asks for it wants to see no fault.
pub(crate) const FULL_COLOUR: u8 = 90;

/// Bytes that encoding takes, at most.
pub(crate) fn memory(width: u32, channels: usize) -> u64 {
    // JPEG: sixteen rows of each component; the bit writer. PNG: deflate's window, hash
    // chains and codes, measured, and a few rows.
    let row = u64::from(width).next_multiple_of(16) * channels as u64;
    (400 << 10) + 20 * row
}

/// Writes a JPEG: baseline, JFIF, `channels` 1 (lightness) or 3 (with two differences).
pub(crate) fn jpeg(
    rows: &mut dyn Rows,
    (width, height): (u16, u16),
    channels: usize,
    quality: u8,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut encoder = jpeg_encoder::Encoder::new(out, quality);
    let sampling =
        if quality < FULL_COLOUR { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 };
    encoder.set_sampling_factor(sampling);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    let state = RefCell::new(Pull { rows, next: 0, row: Vec::new(), error: None });
    let picture = Picture { width, height, channels, state: &state };
    let written = encoder.encode_image(picture);
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
    rows: &'a mut dyn Rows,
    next: u16,
    row: Vec<u8>,
    error: Option<Error>,
}

struct Picture<'a, 'b> {
    width: u16,
    height: u16,
    channels: usize,
    state: &'a RefCell<Pull<'b>>,
}

impl ImageBuffer for Picture<'_, '_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.channels == 1 { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let state = &mut *self.state.borrow_mut();
        if y == state.next && state.error.is_none() {
            state.next += 1;
            state.row.clear();
            match state.rows.next_row() {
                Ok(row) => state.row.extend_from_slice(row),
                Err(error) => state.error = Some(error),
            }
        }
        // After an error anything will do: nobody sees it.
        state.row.resize(usize::from(self.width) * self.channels, 0);
        for (n, buffer) in buffers.iter_mut().take(self.channels).enumerate() {
            buffer.extend(state.row.iter().skip(n).step_by(self.channels));
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
