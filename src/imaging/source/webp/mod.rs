//! WebP (RFC 9649): the image, or an animation's first frame on its canvas.
//!
//! `image-webp` decodes lossy images without alpha to planes, 1.5 bytes per pixel, which become
//! RGB row by row in [`lossy`]. `image` decodes all others whole, from a file reduced to the
//! image. It allocates what an image declares without checking, so [`header`] checks first.

mod canvas;
mod header;
mod lossy;
mod partitions;

use std::boxed::Box;
use std::io::{Cursor, Read};
use std::vec;
use std::vec::Vec;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image_webp::vp8::Vp8Decoder;

use crate::imaging::Error;
use crate::imaging::source::{Decoding, Kind, Layout, Order, Row, Shape, Source};
use canvas::Canvas;
use header::{Coding, Image};
use lossy::Lossy;

pub(crate) use header::Header;

/// Memory of the crate that does not depend on the size: probabilities, codes, read buffers.
const FIXED: u64 = 64 << 10;

impl<'a> Header<'a> {
    pub(super) fn decoding(&self) -> Result<Decoding<'a>, Error> {
        let shape = shape(self.info.width, self.info.height, self.info.alpha);
        let image = &self.image;
        image.check()?;
        let (width, height) = (u64::from(image.width), u64::from(image.height));
        let pixels = width.next_multiple_of(16) * height.next_multiple_of(16);
        let compressed = image.compressed_len() as u64;
        // Compressed data as bytes and as words; planes; 96 bytes of state for each block of 256
        // pixels while it grows.
        let planes = 3 * compressed + pixels * 3 / 2 + pixels * 3 / 8;
        let memory = match image.coding {
            Coding::Lossy(None) => planes + 10 * width,
            // A copy of the compressed data; RGBA; alpha with RGBA while it is decompressed; a
            // byte for transforms.
            Coding::Lossy(Some(_)) => planes + compressed + pixels * (4 + 4 + 1 + 1),
            // A copy; RGBA, and RGB if there is no alpha; a byte for transforms and the choice
            // of codes. No header tells the size of the codes: four times the compressed data
            // is an allowance, not a bound.
            Coding::Lossless => {
                5 * compressed + pixels * if image.alpha { 4 + 1 } else { 4 + 3 + 1 }
            }
        };
        let memory = FIXED + memory + shape.row_bytes();
        Ok(Decoding { shape, eighths: 8, memory, profile: self.profile, jpeg: None })
    }

    pub(super) fn decode(&self, shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
        let source = decode(&self.image)?;
        let canvas = |source| Box::new(Canvas::new(source, &self.image, shape));
        Ok(if self.covers_canvas() { source } else { canvas(source) })
    }
}

fn shape(width: u32, height: u32, alpha: bool) -> Shape {
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    Shape { width, height, layout, order: Order::Sequential }
}

/// Decodes the image without its canvas.
fn decode(image: &Image<'_>) -> Result<Box<dyn Source>, Error> {
    if let Coding::Lossy(None) = image.coding {
        // The reader type that the crate's other decoder uses, so that this one is
        // instantiated only once.
        let mut input = Cursor::new(image.data);
        let input = Read::take(input.by_ref(), image.data.len() as u64);
        let frame = Vp8Decoder::decode_frame(input).map_err(|error| broken(&error))?;
        return Ok(Box::new(Lossy::new(frame)));
    }
    let file = image.to_file();
    let decoder = WebPDecoder::new(Cursor::new(&file[..])).map_err(|error| broken(&error))?;
    let shape = shape(image.width, image.height, image.alpha);
    let mut samples = vec![0; shape.row_bytes() as usize * shape.height as usize];
    if decoder.total_bytes() != samples.len() as u64 {
        return Err(Error::broken(Kind::Webp, "its chunks disagree on its size"));
    }
    decoder.read_image(&mut samples).map_err(|error| broken(&error))?;
    Ok(Box::new(Whole { samples, row_bytes: shape.row_bytes() as usize, y: 0 }))
}

/// An image decoded all at once, yielded row by row.
struct Whole {
    samples: Vec<u8>,
    row_bytes: usize,
    y: u32,
}

impl Source for Whole {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let y = self.y;
        self.y += 1;
        let mut rows = self.samples.chunks_exact(self.row_bytes);
        Ok(rows.nth(y as usize).map(|samples| Row { y, x: 0, step: 1, samples }))
    }
}

fn broken(error: &dyn core::fmt::Display) -> Error {
    Error::from_decoder(Kind::Webp, error)
}
