//! JPEG (ITU-T T.81), decoded by [`crate::jpeg`].

use std::borrow::Cow;
use std::boxed::Box;
use std::vec::Vec;
use std::{format, vec};

use crate::imaging::colour::Conversion;
use crate::imaging::orientation::Orientation;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, LimitError, OriginalError, exif};
use crate::jpeg;
use crate::jpeg::{Chroma, Colour, Decoder, Extents, Pixels, Scale, Strips, Turn};

/// A file's header: everything before its first scan.
pub(crate) struct Header<'a> {
    jpeg: jpeg::Header<'a>,
    orientation: Orientation,
    profile: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let jpeg = jpeg::Header::parse(bytes).map_err(broken)?;
        let orientation = Orientation::from_exif(jpeg.exif().map_or(1, exif::orientation));
        // A profile split over several segments exceeds 64 KiB, so it is table-based and unused.
        let profile = jpeg.colour_profile().find(|&(_, count, _)| count == 1);
        Ok(Self { jpeg, orientation, profile: profile.map(|(.., chunk)| chunk) })
    }

    pub(super) fn info(&self) -> Info {
        Info {
            width: self.jpeg.width.into(),
            height: self.jpeg.height.into(),
            orientation: self.orientation,
            alpha: false,
        }
    }

    /// See [`Opened::decoding`](super::Opened::decoding).
    pub(super) fn decoding(&self, eighths: u32) -> Result<Decoding, Error> {
        let scale = scale(eighths);
        let memory = jpeg::memory_needed(&self.jpeg, scale).map_err(broken)? as u64;
        let (width, height) = self.jpeg.size_at(scale);
        let is_grey = self.jpeg.colour == Colour::Grey;
        let shape = Shape {
            width: width.into(),
            height: height.into(),
            layout: if is_grey { Layout::Grey } else { Layout::Rgb },
            order: Order::Sequential,
        };
        // Plus at most one row of CMYK and one of RGB.
        Ok(Decoding { shape, eighths, memory: memory + 7 * u64::from(width) })
    }

    /// See [`Opened::decode`](super::Opened::decode).
    pub(super) fn decode(
        &self,
        decoding: &Decoding,
        orientation: Orientation,
    ) -> Result<Box<dyn Source + 'a>, Error> {
        let budget = usize::try_from(decoding.memory).unwrap_or(usize::MAX);
        let decoder = Decoder::new(&self.jpeg, scale(decoding.eighths), budget);
        let mut decoder = decoder.map_err(broken)?;
        decoder.will_be_turned(turn(orientation));
        let row = vec![0; decoder.row_length()];
        Ok(Box::new(Jpeg { decoder, profile: self.profile, row, rgb: Vec::new(), y: 0 }))
    }

    /// Whether the photo is YCbCr and needs no colour conversion.
    pub(crate) fn is_plain_ycbcr(&self) -> bool {
        let conversion = || Conversion::new(self.profile?, false);
        self.jpeg.colour == Colour::YCbCr && conversion().is_none()
    }

    /// What decoding each component at `eighths` / 8 (1, 2, 3, 4 or 8) yields and costs.
    pub(crate) fn planar(&self, eighths: u32) -> Result<Planar<'_>, Error> {
        let scale = scale(eighths);
        let extents = Extents::new(&self.jpeg, scale, Chroma::Halved).map_err(broken)?;
        Ok(Planar { jpeg: &self.jpeg, scale, extents })
    }
}

/// A plan to decode component by component.
#[derive(Clone, Debug)]
pub(crate) struct Planar<'a> {
    jpeg: &'a jpeg::Header<'a>,
    scale: Scale,
    pub(crate) extents: Extents,
}

impl<'a> Planar<'a> {
    /// Starts decoding, rounding as if the photo were stored in the `orientation` it will be
    /// shown in.
    pub(crate) fn decode(&self, orientation: Orientation) -> Result<Strips<'a>, Error> {
        let strips = Strips::new(self.jpeg, self.scale, Chroma::Halved, self.extents.memory);
        let mut strips = strips.map_err(broken)?;
        strips.will_be_turned(turn(orientation));
        Ok(strips)
    }
}

fn scale(eighths: u32) -> Scale {
    match eighths {
        1 => Scale::Eighth,
        2 => Scale::Quarter,
        3 => Scale::ThreeEighths,
        4 => Scale::Half,
        _ => Scale::Full,
    }
}

fn turn(orientation: Orientation) -> Turn {
    let (mirrored, flipped) = orientation.mirrors();
    Turn { transposed: orientation.transposes(), mirrored, flipped }
}

/// A JPEG being decoded to interleaved pixels.
struct Jpeg<'a> {
    decoder: Decoder<'a>,
    profile: Option<&'a [u8]>,
    row: Vec<u8>,
    /// A CMYK row converted to RGB.
    rgb: Vec<u8>,
    y: u32,
}

impl Source for Jpeg<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.decoder.next_row(&mut self.row).map_err(broken)? {
            return Ok(None);
        }
        let y = self.y;
        self.y += 1;
        let samples = match self.decoder.pixels() {
            Pixels::Grey | Pixels::Rgb | Pixels::YCbCr => &self.row,
            Pixels::Cmyk => {
                self.rgb.clear();
                let (pixels, _) = self.row.as_chunks();
                self.rgb.extend(pixels.iter().flat_map(|&cmyk| jpeg::cmyk_to_rgb(cmyk)));
                &self.rgb
            }
        };
        Ok(Some(Row { y, x: 0, step: 1, samples }))
    }

    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        self.profile.map(Cow::Borrowed)
    }

    fn keep_ycbcr(&mut self) -> bool {
        self.decoder.keep_ycbcr()
    }
}

pub(crate) fn broken(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::NotJpeg => Error::Original(OriginalError::Unrecognised),
        jpeg::Error::Truncated => Error::Original(OriginalError::Truncated(Kind::Jpeg)),
        jpeg::Error::Memory { needed } => {
            Error::Limit(LimitError::Memory { needed: needed as u64 })
        }
        jpeg::Error::Unsupported(feature) => {
            Error::Original(OriginalError::Unsupported(Kind::Jpeg, format!("{feature}").into()))
        }
        error => Error::from_decoder(Kind::Jpeg, &error),
    }
}
