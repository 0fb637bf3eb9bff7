//! Marker segments: T.81 B.1.
//!
//! A file is a row of segments, each `FF code`, most with a length and a body.
//! Entropy-coded data follows a scan's header; in it `FF` is stuffed as `FF 00`,
//! so that it is passed over by looking for the next marker.

use crate::jpeg::Error;

/// Start of frame, baseline.
pub(super) const SOF0: u8 = 0xc0;
/// Start of frame, extended sequential.
pub(super) const SOF1: u8 = 0xc1;
/// Start of frame, progressive.
pub(super) const SOF2: u8 = 0xc2;
/// Huffman tables.
pub(super) const DHT: u8 = 0xc4;
/// The first restart marker, of eight.
pub(super) const RST0: u8 = 0xd0;
/// Start of image.
pub(super) const SOI: u8 = 0xd8;
/// End of image.
pub(super) const EOI: u8 = 0xd9;
/// Start of scan.
pub(super) const SOS: u8 = 0xda;
/// Quantisation tables.
pub(super) const DQT: u8 = 0xdb;
/// Restart interval.
pub(super) const DRI: u8 = 0xdd;
/// The first application segment, of sixteen.
pub(super) const APP0: u8 = 0xe0;
/// The application segment of EXIF.
pub(super) const APP1: u8 = 0xe1;
/// The application segment of ICC profiles.
pub(super) const APP2: u8 = 0xe2;
/// The application segment of Adobe's colour transform.
pub(super) const APP14: u8 = 0xee;
/// The last application segment.
pub(super) const APP15: u8 = 0xef;
/// For private use in arithmetic coding; has no body.
const TEM: u8 = 0x01;

/// One marker segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// The marker's second byte.
    pub(super) code: u8,
    /// What lies between the length and the segment's end.
    pub(super) body: &'a [u8],
    /// The rest of the file: after SOS, the entropy-coded data and all else.
    pub(super) after: &'a [u8],
}

/// Walks from segment to segment.
#[derive(Clone, Debug)]
pub(super) struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    /// The segments after the start of image.
    pub(super) fn new(file: &'a [u8]) -> Result<Self, Error> {
        match file {
            [0xff, SOI, rest @ ..] => Ok(Self { rest }),
            _ => Err(Error::NotJpeg),
        }
    }

    /// The next segment that has a body, or the end of image, or `None` where the
    /// file ends without one. Restart markers and what lies between segments is
    /// passed over, as libjpeg does.
    pub(super) fn next(&mut self) -> Result<Option<Segment<'a>>, Error> {
        while let Some(at) = find_ff(self.rest) {
            let [code, after @ ..] = &self.rest[at + 1..] else { break };
            match *code {
                // A fill byte: the marker's FF may be this one.
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

/// Splits a segment's body off, its length going before it.
fn split_body(rest: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (length, rest) = rest.split_first_chunk().ok_or(Error::Truncated)?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or(Error::Segment)?;
    rest.split_at_checked(length).ok_or(Error::Truncated)
}

/// Where the first `FF` is. `contains` reads word by word inside `core` where a
/// search byte by byte would not; entropy-coded data has an `FF` every 150 bytes or
/// so, so that a chunk is looked at twice only at its hit.
fn find_ff(data: &[u8]) -> Option<usize> {
    const CHUNK: usize = 128;
    let (index, chunk) = data.chunks(CHUNK).enumerate().find(|(_, chunk)| chunk.contains(&0xff))?;
    Some(index * CHUNK + chunk.iter().position(|&byte| byte == 0xff)?)
}
