//! WebP (RFC 9649): the picture, or the first of an animation.
//!
//! A lossy picture without alpha is unpacked by `image-webp`'s VP8 decoder to its planes,
//! 1.5 bytes a pixel, and becomes RGB row by row here. All others are unpacked whole.

use std::boxed::Box;
use std::io::Cursor;
use std::vec;
use std::vec::Vec;

use image_webp::WebPDecoder;
use image_webp::vp8::{Frame, Vp8Decoder};

use super::whole::Whole;
use super::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::thumb::Error;
use crate::thumb::exif;
use crate::thumb::orient::Orientation;

/// What the crate takes whatever the size: probabilities, read buffers.
const FIXED: u64 = 64 << 10;

/// The flags of a `VP8X` chunk: 2.7.
const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;

/// What the chunks say.
struct Header<'a> {
    width: u32,
    height: u32,
    alpha: bool,
    /// The picture, where it is lossy and has no alpha.
    lossy: Option<&'a [u8]>,
    profile: Option<&'a [u8]>,
    orientation: Orientation,
    /// Bytes of the longest chunk, as far as it is there.
    longest: usize,
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut chunks = Chunks(&bytes[12..]);
        let (name, data) =
            chunks.next().ok_or(Error::broken(Kind::Webp, "there is no picture in it"))?;
        let mut header = Self {
            width: 0,
            height: 0,
            alpha: false,
            lossy: None,
            profile: None,
            orientation: Orientation::default(),
            longest: data.len(),
        };
        match name {
            b"VP8 " => {
                (header.width, header.height) =
                    vp8_size(data).ok_or(Error::broken(Kind::Webp, "no VP8 key frame"))?;
                header.lossy = Some(data);
            }
            b"VP8L" => {
                let &[0x2f, b0, b1, b2, b3] =
                    data.first_chunk().ok_or(Error::broken(Kind::Webp, "no VP8L header"))?
                else {
                    return Err(Error::broken(Kind::Webp, "no VP8L header"));
                };
                let bits = u32::from_le_bytes([b0, b1, b2, b3]);
                (header.width, header.height) = ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
                header.alpha = bits >> 28 & 1 != 0;
            }
            b"VP8X" => {
                let &[flags, _, _, _, w0, w1, w2, h0, h1, h2] = data
                    .first_chunk()
                    .ok_or(Error::broken(Kind::Webp, "the VP8X chunk is cut short"))?;
                header.width = u32::from_le_bytes([w0, w1, w2, 0]) + 1;
                header.height = u32::from_le_bytes([h0, h1, h2, 0]) + 1;
                header.alpha = flags & ALPHA != 0;
                header.read_extended(chunks, flags & (ALPHA | ANIMATION) == 0);
            }
            _ => return Err(Error::broken(Kind::Webp, "it does not begin with a picture")),
        }
        Ok(header)
    }

    fn read_extended(&mut self, chunks: Chunks<'a>, still: bool) {
        for (name, data) in chunks {
            self.longest = self.longest.max(data.len());
            match name {
                b"EXIF" => self.orientation = Orientation::from_exif(exif::orientation(data)),
                b"ICCP" => self.profile = Some(data),
                b"VP8 " if still => self.lossy = Some(data),
                _ => {}
            }
        }
    }

    fn shape(&self) -> Shape {
        let layout = if self.alpha { Layout::Rgba } else { Layout::Rgb };
        Shape { width: self.width, height: self.height, layout, order: Order::Rows }
    }
}

/// Width and height of a key frame: RFC 6386, 9.1.
fn vp8_size(data: &[u8]) -> Option<(u32, u32)> {
    let &[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = data.first_chunk()? else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Some((side(w0, w1), side(h0, h1)))
}

/// The chunks of a file, as far as they are there.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let len = u32::from_le_bytes(*len) as usize;
        let (data, rest) = rest.split_at(len.min(rest.len()));
        // A chunk of odd length has a byte of padding.
        self.0 = rest.get(len % 2..).unwrap_or_default();
        Some((name, data))
    }
}

/// See [`super::probe`].
pub(super) fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let header = Header::read(bytes)?;
    Ok(Info {
        kind: Kind::Webp,
        width: header.width,
        height: header.height,
        orientation: header.orientation,
        alpha: header.alpha,
    })
}

/// See [`super::decoding`].
pub(super) fn decoding(bytes: &[u8]) -> Result<Decoding, Error> {
    let header = Header::read(bytes)?;
    let shape = header.shape();
    let (width, height) = (u64::from(shape.width), u64::from(shape.height));
    let pixels = width.next_multiple_of(16) * height.next_multiple_of(16);
    // Packed data is copied, and copied again in words; planes; what is known of each
    // block of 256 pixels, 96 bytes while it grows.
    let planes = 2 * header.longest as u64 + pixels * 3 / 2 + pixels * 3 / 8;
    let memory = if header.lossy.is_some() {
        planes + 3 * width + shape.row_bytes()
    } else {
        // A canvas, a frame to put on it, and either planes and packed alpha, or four
        // samples a pixel with as much again for transforms.
        planes + pixels * 4 * 3
    };
    Ok(Decoding { shape, reduce: 1, memory: FIXED + memory })
}

/// See [`super::open`].
pub(super) fn open<'a>(bytes: &'a [u8], shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::read(bytes)?;
    if let Some(data) = header.lossy {
        let frame = Vp8Decoder::decode_frame(data).map_err(broken)?;
        if (u32::from(frame.width), u32::from(frame.height)) != (shape.width, shape.height) {
            return Err(Error::broken(Kind::Webp, "it says two things about its size"));
        }
        return Ok(Box::new(Lossy::new(frame, header.profile)));
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
    let mut samples = vec![0; shape.row_bytes() as usize * shape.height as usize];
    decoder.read_image(&mut samples).map_err(broken)?;
    Ok(Box::new(Whole::new(shape, samples, header.profile)))
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn broken(error: image_webp::DecodingError) -> Error {
    Error::from_decoder(Kind::Webp, &error)
}

/// A lossy picture as planes.
struct Lossy<'a> {
    frame: Frame,
    profile: Option<&'a [u8]>,
    /// The two colour differences of the row, weighted from two rows of the planes.
    blend: [Vec<u16>; 2],
    row: Vec<u8>,
    line: usize,
}

impl<'a> Lossy<'a> {
    fn new(frame: Frame, profile: Option<&'a [u8]>) -> Self {
        let width = usize::from(frame.width);
        let halved = width.div_ceil(2);
        let blend = [vec![0; halved], vec![0; halved]];
        Self { frame, profile, blend, row: vec![0; 3 * width], line: 0 }
    }

    /// Weights the two rows of colour differences around this one 3 to 1, as all
    /// decoders do.
    fn blend(&mut self) {
        let stride = usize::from(self.frame.width).div_ceil(16) * 8;
        let last = usize::from(self.frame.height).div_ceil(2) - 1;
        let near = self.line / 2;
        let far =
            if self.line.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        for (blend, plane) in self.blend.iter_mut().zip([&self.frame.ubuf, &self.frame.vbuf]) {
            let (near, far) = (&plane[near * stride..], &plane[far * stride..]);
            for ((blend, &near), &far) in blend.iter_mut().zip(near).zip(far) {
                *blend = 3 * u16::from(near) + u16::from(far);
            }
        }
    }
}

impl Source for Lossy<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if self.line == usize::from(self.frame.height) {
            return Ok(None);
        }
        self.blend();
        let stride = usize::from(self.frame.width).next_multiple_of(16);
        let lightness = &self.frame.ybuf[self.line * stride..];
        let last = self.blend[0].len() - 1;
        for (x, (pixel, &y)) in self.row.chunks_exact_mut(3).zip(lightness).enumerate() {
            let near = x / 2;
            let far = if x % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(last) };
            let [u, v] = [0, 1].map(|n| {
                let blend: &[u16] = &self.blend[n];
                i32::from((3 * blend[near] + blend[far] + 8) >> 4)
            });
            pixel.copy_from_slice(&to_rgb(i32::from(y), u, v));
        }
        self.line += 1;
        let y = self.line as u32 - 1;
        Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }))
    }

    fn profile(&self) -> Option<std::borrow::Cow<'_, [u8]>> {
        self.profile.map(Into::into)
    }
}

/// BT.601 in the range 16 to 235, with 14 binary places: RFC 9649, 2.5 leaves it to
/// libwebp, whose constants these are.
fn to_rgb(y: i32, u: i32, v: i32) -> [u8; 3] {
    let y = 19077 * y;
    let red = y + 26149 * v - (14234 << 8);
    let green = y - 6419 * u - 13320 * v + (8708 << 8);
    let blue = y + 33050 * u - (17685 << 8);
    [red, green, blue].map(|sum| (sum >> 14).clamp(0, 255) as u8)
}
