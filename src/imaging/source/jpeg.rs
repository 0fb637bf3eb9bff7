//! JPEG (ITU-T T.81), by this program's own decoder: see [`crate::jpeg`].

use std::borrow::Cow;
use std::boxed::Box;
use std::vec::Vec;
use std::{format, vec};

use crate::imaging::colour::Conversion;
use crate::imaging::orientation::Orientation;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, LimitError, OriginalError, exif};
use crate::jpeg;
use crate::jpeg::{Chroma, Colour, Decoder, Extents, Header, Pixels, Scale, Strips, Turn};

/// See [`crate::imaging::source::probe`].
pub(super) fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    Ok(Info {
        kind: Kind::Jpeg,
        width: header.width.into(),
        height: header.height.into(),
        orientation: Orientation::from_exif(header.exif().map_or(1, exif::orientation)),
        alpha: false,
    })
}

/// See [`crate::imaging::source::decoding`].
pub(super) fn decoding(bytes: &[u8], eighths: u32) -> Result<Decoding, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    let scale = scale(eighths);
    let memory = jpeg::memory_needed(&header, scale).map_err(broken)? as u64;
    let (width, height) = header.size_at(scale);
    let layout = if header.colour == Colour::Grey { Layout::Grey } else { Layout::Rgb };
    let shape =
        Shape { width: width.into(), height: height.into(), layout, order: Order::Sequential };
    // A row of four inks and one of three colours, at most.
    Ok(Decoding { shape, eighths, memory: memory + 7 * u64::from(width) })
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

/// Whether the photo is lightness and two colour differences, and needs no conversion.
pub(crate) fn is_plain_ycbcr(bytes: &[u8]) -> Result<bool, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    let convert = || Conversion::new(profile(&header)?, false);
    Ok(header.colour == Colour::YCbCr && convert().is_none())
}

/// What its components will take and give at `eighths` / 8 (1, 2, 3, 4 or 8) of the size.
pub(crate) fn extents(bytes: &[u8], eighths: u32) -> Result<Extents, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    Extents::new(&header, scale(eighths), Chroma::Halved).map_err(broken)
}

/// Begins to decode what is going to be shown in an orientation, component by component.
pub(crate) fn strips<'a>(
    bytes: &'a [u8],
    eighths: u32,
    extents: &Extents,
    orientation: Orientation,
) -> Result<Strips<'a>, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    let strips = Strips::new(&header, scale(eighths), Chroma::Halved, extents.memory);
    let mut strips = strips.map_err(broken)?;
    strips.will_be_turned(turn(orientation));
    Ok(strips)
}

fn turn(orientation: Orientation) -> Turn {
    let (mirrored, flipped) = orientation.mirrors();
    Turn { transposed: orientation.transposes(), mirrored, flipped }
}

/// The colour profile. One in several chunks has more than 64 KiB, so it is one of tables.
fn profile<'a>(header: &Header<'a>) -> Option<&'a [u8]> {
    header.colour_profile().find(|&(_, of, _)| of == 1).map(|(.., chunk)| chunk)
}

/// A JPEG that is being read.
struct Jpeg<'a> {
    decoder: Decoder<'a>,
    profile: Option<&'a [u8]>,
    row: Vec<u8>,
    /// A row of inks as colours.
    colours: Vec<u8>,
    line: u32,
}

/// See [`crate::imaging::source::open`].
pub(super) fn open<'a>(
    bytes: &'a [u8],
    wanted: &Decoding,
    orientation: Orientation,
) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    let budget = usize::try_from(wanted.memory).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(&header, scale(wanted.eighths), budget).map_err(broken)?;
    decoder.will_be_turned(turn(orientation));
    let row = vec![0; decoder.row_length()];
    Ok(Box::new(Jpeg { decoder, profile: profile(&header), row, colours: Vec::new(), line: 0 }))
}

impl Source for Jpeg<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.decoder.next_row(&mut self.row).map_err(broken)? {
            return Ok(None);
        }
        let y = self.line;
        self.line += 1;
        let samples = match self.decoder.pixels() {
            Pixels::Grey | Pixels::Rgb | Pixels::YCbCr => &self.row,
            Pixels::Cmyk => {
                self.colours.clear();
                let (inks, _) = self.row.as_chunks();
                self.colours.extend(inks.iter().flat_map(|&inks| jpeg::cmyk_to_rgb(inks)));
                &self.colours
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
        jpeg::Error::Unsupported(what) => {
            Error::Original(OriginalError::Unsupported(Kind::Jpeg, format!("{what}").into()))
        }
        error => Error::from_decoder(Kind::Jpeg, &error),
    }
}
