//! JPEG (ITU-T T.81), by this program's own decoder: see [`crate::jpeg`].

use std::borrow::Cow;
use std::boxed::Box;
use std::format;
use std::vec;
use std::vec::Vec;

use super::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::jpeg::{self, Colour, Decoder, Header, Pixels, Scale, Turn};
use crate::thumb::exif;
use crate::thumb::orient::Orientation;
use crate::thumb::{Error, Fault, Limit};

/// See [`super::probe`].
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

/// See [`super::decoding`].
pub(super) fn decoding(bytes: &[u8], reduce: u32) -> Result<Decoding, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    let scale = scale(reduce);
    let memory = jpeg::memory_needed(&header, scale).map_err(broken)? as u64;
    let (width, height) = header.size_at(scale);
    let layout = if header.colour == Colour::Grey { Layout::Grey } else { Layout::Rgb };
    let shape = Shape { width: width.into(), height: height.into(), layout, order: Order::Rows };
    // A row of four inks and one of three colours, at most.
    Ok(Decoding { shape, reduce, memory: memory + 7 * u64::from(width) })
}

fn scale(reduce: u32) -> Scale {
    match reduce {
        1 => Scale::Full,
        2 => Scale::Half,
        4 => Scale::Quarter,
        _ => Scale::Eighth,
    }
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

/// See [`super::open`].
pub(super) fn open<'a>(
    bytes: &'a [u8],
    wanted: &Decoding,
    orientation: Orientation,
) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::parse(bytes).map_err(broken)?;
    // A profile in several chunks has more than 64 KiB, so it is one of tables.
    let profile = header.colour_profile().find(|&(_, of, _)| of == 1).map(|(.., chunk)| chunk);
    let budget = usize::try_from(wanted.memory).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(&header, scale(wanted.reduce), budget).map_err(broken)?;
    let (mirrored, flipped) = orientation.mirrors();
    decoder.will_be_turned(Turn { transposed: orientation.transposes(), mirrored, flipped });
    let row = vec![0; decoder.row_length()];
    Ok(Box::new(Jpeg { decoder, profile, row, colours: Vec::new(), line: 0 }))
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

fn broken(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::NotJpeg => Error::Original(Fault::NoPicture),
        jpeg::Error::Truncated => Error::Original(Fault::Short(Kind::Jpeg)),
        jpeg::Error::Memory { needed } => Error::Limit(Limit::Memory { needed: needed as u64 }),
        jpeg::Error::Unsupported(what) => {
            Error::Original(Fault::Unsupported(Kind::Jpeg, format!("{what}").into()))
        }
        error => Error::from_decoder(Kind::Jpeg, &error),
    }
}
