//! Marker segments: T.81 B.1.
//!
//! A file is a sequence of segments, each a marker `FF code`, most with a length and a body.
//! A scan header is followed by entropy-coded data, in which `FF` is stuffed as `FF 00`, so
//! that finding the next marker skips it.

use crate::jpeg::{Error, Feature};

/// Start of frame, baseline DCT.
pub(super) const SOF0: u8 = 0xc0;
/// Start of frame, extended sequential DCT.
pub(super) const SOF1: u8 = 0xc1;
/// Start of frame, progressive DCT.
pub(super) const SOF2: u8 = 0xc2;
/// Define Huffman tables.
pub(super) const DHT: u8 = 0xc4;
/// The first of eight restart markers.
pub(super) const RST0: u8 = 0xd0;
/// Start of image.
pub(super) const SOI: u8 = 0xd8;
/// End of image.
pub(super) const EOI: u8 = 0xd9;
/// Start of scan.
pub(super) const SOS: u8 = 0xda;
/// Define quantisation tables.
pub(super) const DQT: u8 = 0xdb;
/// Define restart interval.
pub(super) const DRI: u8 = 0xdd;
/// The first of sixteen application segments: JFIF.
pub(super) const APP0: u8 = 0xe0;
/// The application segment of EXIF.
pub(super) const APP1: u8 = 0xe1;
/// The application segment of ICC profiles.
pub(super) const APP2: u8 = 0xe2;
/// The application segment of Adobe's colour transform.
pub(super) const APP14: u8 = 0xee;
/// Temporary use in arithmetic coding; has no body.
const TEM: u8 = 0x01;

/// The unsupported process that a marker announces: T.81 table B.1.
pub(super) fn unsupported(code: u8) -> Option<Feature> {
    match code {
        0xc9 | 0xca | 0xcc => Some(Feature::Arithmetic),
        0xc3 | 0xcb => Some(Feature::Lossless),
        0xc5..=0xc7 | 0xcd..=0xcf | 0xde | 0xdf => Some(Feature::Hierarchical),
        _ => None,
    }
}

/// One marker segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// The marker's second byte.
    pub(super) code: u8,
    /// The segment without its length.
    pub(super) body: &'a [u8],
    /// The rest of the file: after SOS, entropy-coded data and more segments.
    pub(super) after: &'a [u8],
}

/// Walks the segments of a file.
#[derive(Clone, Debug)]
pub(super) struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    /// Starts after SOI.
    pub(super) fn new(file: &'a [u8]) -> Result<Self, Error> {
        match file {
            [0xff, SOI, rest @ ..] => Ok(Self { rest }),
            _ => Err(Error::NotJpeg),
        }
    }

    /// The next segment with a body, or EOI; `None` if the file ends without one. Skips
    /// restart markers and bytes between segments, as libjpeg does.
    pub(super) fn next(&mut self) -> Result<Option<Segment<'a>>, Error> {
        while let Some(at) = find_ff(self.rest) {
            let [code, after @ ..] = &self.rest[at + 1..] else { break };
            match *code {
                // A fill byte: this FF may start the marker.
                0xff => self.rest = &self.rest[at + 1..],
                0x00 | TEM | RST0..=SOI => self.rest = after,
                EOI => {
                    self.rest = &[];
                    return Ok(Some(Segment { code: EOI, body: &[], after }));
                }
                code => {
                    let (body, after) = split_body(after)?;
                    self.rest = after;
                    return Ok(Some(Segment { code, body, after }));
                }
            }
        }
        self.rest = &[];
        Ok(None)
    }
}

/// Splits off a segment's length and body.
fn split_body(rest: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (length, rest) = rest.split_first_chunk().ok_or(Error::Truncated)?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or(Error::Segment)?;
    rest.split_at_checked(length).ok_or(Error::Truncated)
}

/// The index of the first `FF`. `contains` compiles to a word-wise search, `position` to a
/// bytewise one. Entropy-coded data has an `FF` about every 150 bytes, so few chunks are
/// searched twice.
fn find_ff(data: &[u8]) -> Option<usize> {
    const CHUNK: usize = 128;
    let (index, chunk) = data.chunks(CHUNK).enumerate().find(|(_, chunk)| chunk.contains(&0xff))?;
    Some(index * CHUNK + chunk.iter().position(|&byte| byte == 0xff)?)
}
