//! WebP (RFC 9649): the picture, or the first of an animation on its canvas.
//!
//! A lossy picture without alpha is unpacked by `image-webp`'s VP8 decoder to its planes,
//! 1.5 bytes a pixel, and becomes RGB row by row here ([`lossy`]). All others `image`
//! unpacks whole, from a file with the picture and nothing else. It believes what a
//! picture says of itself and takes the memory for it, so [`header`] looks first.

mod canvas;
mod header;
mod lossy;
mod partitions;

use std::boxed::Box;
use std::io::{Cursor, Read};
use std::vec;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image_webp::vp8::Vp8Decoder;

use crate::imaging::Error;
use crate::imaging::source::whole::Whole;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Shape, Source};
use canvas::Canvas;
use header::{Coding, Header, Picture};
use lossy::Lossy;

/// What the crate takes whatever the size: probabilities, codes, read buffers.
const FIXED: u64 = 64 << 10;

/// See [`crate::imaging::source::probe`].
pub(super) fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let header = Header::read(bytes)?;
    Ok(Info {
        kind: Kind::Webp,
        width: header.width,
        height: header.height,
        orientation: header.orientation,
        alpha: header.has_alpha(),
    })
}

/// See [`crate::imaging::source::decoding`].
pub(super) fn decoding(bytes: &[u8]) -> Result<Decoding, Error> {
    let header = Header::read(bytes)?;
    let shape = shape(header.width, header.height, header.has_alpha());
    let picture = &header.picture;
    picture.check()?;
    let (width, height) = (u64::from(picture.width), u64::from(picture.height));
    let pixels = width.next_multiple_of(16) * height.next_multiple_of(16);
    let packed = picture.packed_len() as u64;
    // Packed data as it is read and as words; planes; what is known of each block of 256
    // pixels, 96 bytes while it grows.
    let planes = 3 * packed + pixels * 3 / 2 + pixels * 3 / 8;
    let memory = match picture.coding {
        Coding::Lossy(None) => planes + 10 * width,
        // Besides: a copy of the packed data, four samples a pixel, and alpha with four
        // more while it is unpacked, and one byte for transforms.
        Coding::Lossy(Some(_)) => planes + packed + pixels * (4 + 4 + 1 + 1),
        // A copy; four samples a pixel, and three without alpha; transforms and the
        // choice of codes, one byte. The codes themselves are in no header: an allowance
        // of four times what is packed, not a bound.
        Coding::Lossless => 5 * packed + pixels * if picture.alpha { 4 + 1 } else { 4 + 3 + 1 },
    };
    Ok(Decoding { shape, eighths: 8, memory: FIXED + memory + shape.row_bytes() })
}

fn shape(width: u32, height: u32, alpha: bool) -> Shape {
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    Shape { width, height, layout, order: Order::Sequential }
}

/// See [`crate::imaging::source::open`].
pub(super) fn open<'a>(bytes: &'a [u8], shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::read(bytes)?;
    let source = decode(&header.picture, header.profile)?;
    Ok(if header.is_covered() { source } else { Box::new(Canvas::new(source, &header, shape)) })
}

/// Unpacks the picture alone.
fn decode<'a>(
    picture: &Picture<'a>,
    profile: Option<&'a [u8]>,
) -> Result<Box<dyn Source + 'a>, Error> {
    if let Coding::Lossy(None) = picture.coding {
        // The type that the crate's other decoder reads from, so that this one is in the
        // executable once.
        let mut input = Cursor::new(picture.data);
        let input = Read::take(input.by_ref(), picture.data.len() as u64);
        let frame = Vp8Decoder::decode_frame(input).map_err(|error| broken(&error))?;
        return Ok(Box::new(Lossy::new(frame, profile)));
    }
    let file = picture.to_file();
    let decoder = WebPDecoder::new(Cursor::new(&file[..])).map_err(|error| broken(&error))?;
    let shape = shape(picture.width, picture.height, picture.alpha);
    let mut samples = vec![0; shape.row_bytes() as usize * shape.height as usize];
    if decoder.total_bytes() != samples.len() as u64 {
        return Err(Error::broken(Kind::Webp, "it says two things about its size"));
    }
    decoder.read_image(&mut samples).map_err(|error| broken(&error))?;
    Ok(Box::new(Whole::new(shape, samples, profile)))
}

fn broken(error: &dyn core::fmt::Display) -> Error {
    Error::from_decoder(Kind::Webp, error)
}
