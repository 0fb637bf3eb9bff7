//! JPEG (ITU-T T.81), decoded by [`crate::jpeg`].

use std::boxed::Box;
use std::vec::Vec;
use std::{format, vec};

use crate::imaging::colour::Conversion;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, Orientation, OriginalError, exif};
use crate::jpeg;
use crate::jpeg::{Chroma, Colour, Decoder, Extent, Pixels, Plan, Scale, Strips};

/// A file's header: everything before its first scan.
pub(crate) struct Header<'a> {
    jpeg: jpeg::Header<'a>,
    pub(super) info: Info,
    profile: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let jpeg = jpeg::Header::parse(bytes).map_err(broken)?;
        let info = Info {
            width: jpeg.width.into(),
            height: jpeg.height.into(),
            orientation: Orientation::from_exif(jpeg.exif().map_or(1, exif::orientation)),
            alpha: false,
        };
        // A profile split over several segments exceeds 64 KiB, so it is table-based and unused.
        let profile = jpeg.colour_profile().find(|&(_, count, _)| count == 1);
        Ok(Self { jpeg, info, profile: profile.map(|(.., chunk)| chunk) })
    }

    pub(super) fn decoding(
        &self,
        eighths: u32,
        orientation: Orientation,
    ) -> Result<Decoding<'a>, Error> {
        let scale = scale(eighths);
        let plan = self.jpeg.plan(scale, Chroma::Full, orientation).map_err(broken)?;
        let (width, height) = self.jpeg.size_at(scale);
        let is_grey = self.jpeg.colour == Colour::Grey;
        let shape = Shape {
            width: width.into(),
            height: height.into(),
            layout: if is_grey { Layout::Grey } else { Layout::Rgb },
            order: Order::Sequential,
        };
        // Plus at most one row of CMYK and one of RGB.
        let memory = Decoder::memory(&plan) as u64 + 7 * u64::from(width);
        Ok(Decoding { shape, eighths, memory, profile: self.profile, jpeg: Some(plan) })
    }

    /// Whether the photo is YCbCr and needs no colour conversion.
    pub(crate) fn is_plain_ycbcr(&self) -> bool {
        let conversion = || Conversion::new(self.profile?, false);
        self.jpeg.colour == Colour::YCbCr && conversion().is_none()
    }

    /// What decoding each component at `eighths` / 8 (1, 2, 3, 4 or 8) yields and costs.
    pub(crate) fn planar(
        &self,
        eighths: u32,
        orientation: Orientation,
    ) -> Result<Planar<'a>, Error> {
        let plan = self.jpeg.plan(scale(eighths), Chroma::Half, orientation);
        let plan = plan.map_err(broken)?;
        let extents = plan.extents().collect::<Vec<_>>().try_into();
        let extents = extents.expect("YCbCr has three components");
        Ok(Planar { memory: Strips::memory(&plan) as u64, extents, plan })
    }
}

pub(super) fn decode<'d>(decoding: &'d Decoding<'_>) -> Result<Box<dyn Source + 'd>, Error> {
    let Some(plan) = &decoding.jpeg else { unreachable!("a JPEG's decoding has a plan") };
    let decoder = Decoder::new(plan).map_err(broken)?;
    let row = vec![0; decoder.row_bytes()];
    Ok(Box::new(Jpeg { decoder, row, rgb: Vec::new(), y: 0 }))
}

/// A plan to decode component by component.
#[derive(Clone, Debug)]
pub(crate) struct Planar<'a> {
    pub(crate) plan: Plan<'a>,
    pub(crate) extents: [Extent; 3],
    /// Bytes of heap that decoding takes.
    pub(crate) memory: u64,
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

/// A JPEG being decoded to interleaved pixels.
struct Jpeg<'a> {
    decoder: Decoder<'a>,
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

    fn keep_ycbcr(&mut self) -> bool {
        self.decoder.keep_ycbcr()
    }
}

pub(crate) fn broken(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::NotJpeg => Error::Original(OriginalError::Unrecognised),
        jpeg::Error::Truncated => Error::Original(OriginalError::Truncated(Kind::Jpeg)),
        jpeg::Error::Unsupported(feature) => {
            Error::Original(OriginalError::Unsupported(Kind::Jpeg, format!("{feature}").into()))
        }
        error => Error::from_decoder(Kind::Jpeg, &error),
    }
}
