//! PNG (third edition), row by row: the memory of a few rows, however large the picture.
//!
//! All colour types and depths come as 8 bits a sample; of 16 the upper 8 are taken,
//! which cuts the range into 256 equal parts as rounding would. Interlaced files hand
//! out their pixels in the order of Adam7. Of an APNG the picture that everyone can
//! see is taken, not the animation. An orientation (`eXIf`) counts where it comes before
//! the picture, as browsers have it.

use std::borrow::Cow;
use std::boxed::Box;
use std::io::Cursor;
use std::vec;
use std::vec::Vec;

use png::{Decoder, Limits, Reader, Transformations};

use crate::imaging::orientation::Orientation;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, OriginalError, exif};

/// The most that a colour profile may have, packed or unpacked: one of a camera has at
/// most 4 KiB, and larger ones are tables, which are not used.
const PROFILE_MAX: usize = 64 << 10;

/// What the crate takes whatever the picture's width, measured: the tables of inflate.
const FIXED: u64 = 64 << 10;

/// What the crate keeps before a row that is being unpacked: four rows, or this if it is
/// more.
const BEHIND: u64 = 128 << 10;

/// And after it: inflate's window, and room to unpack to.
const AHEAD: u64 = 40 << 10;

/// First pixel and distance across, first row and distance down, of each pass: 8.1.
const ADAM7: [(u32, u32, u32, u32); 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

/// The chunks before the picture.
struct Header {
    width: u32,
    height: u32,
    depth: u8,
    colour: u8,
    interlaced: bool,
    transparent: bool,
    orientation: Orientation,
    profile_len: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut chunks = Chunks(&bytes[8..]);
        let first = chunks.next().filter(|chunk| chunk.name == b"IHDR").map(|chunk| chunk.data);
        let Some(&[w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, _, _, interlace]) = first else {
            return Err(Error::broken(Kind::Png, "it does not begin with IHDR"));
        };
        let mut header = Self {
            width: u32::from_be_bytes([w3, w2, w1, w0]),
            height: u32::from_be_bytes([h3, h2, h1, h0]),
            depth,
            colour,
            interlaced: interlace == 1,
            transparent: matches!(colour, 4 | 6),
            orientation: Orientation::default(),
            profile_len: 0,
        };
        if !matches!(depth, 1 | 2 | 4 | 8 | 16) || !matches!(colour, 0 | 2 | 3 | 4 | 6) {
            return Err(Error::broken(Kind::Png, "no such colour type or depth"));
        }
        if header.width.max(header.height) > i32::MAX.unsigned_abs() {
            return Err(Error::broken(Kind::Png, "a side is too long"));
        }
        for Chunk { name, data, .. } in chunks {
            match name {
                b"tRNS" => header.transparent = true,
                b"eXIf" => header.orientation = Orientation::from_exif(exif::orientation(data)),
                b"iCCP" => header.profile_len = data.len(),
                b"IDAT" => return Ok(header),
                _ => {}
            }
        }
        Err(Error::Original(OriginalError::Truncated(Kind::Png)))
    }

    fn layout(&self) -> Layout {
        match (self.colour, self.transparent) {
            (0 | 4, false) => Layout::Grey,
            (0 | 4, true) => Layout::GreyAlpha,
            (_, false) => Layout::Rgb,
            (_, true) => Layout::Rgba,
        }
    }

    /// Bytes of a row as it is stored.
    fn stored_row(&self) -> u64 {
        let samples = match self.colour {
            0 | 3 => 1,
            4 => 2,
            2 => 3,
            _ => 4,
        };
        (u64::from(self.width) * samples * u64::from(self.depth)).div_ceil(8) + 1
    }
}

/// A chunk, as far as it is there.
struct Chunk<'a> {
    name: &'a [u8; 4],
    data: &'a [u8],
    crc: Option<&'a [u8; 4]>,
}

impl Chunk<'_> {
    /// Whether its CRC is that of its name and its data (5.5), if it is there.
    fn is_whole(&self) -> bool {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(self.name);
        hasher.update(self.data);
        self.crc.is_none_or(|crc| *crc == hasher.finalize().to_be_bytes())
    }
}

/// The chunks of a file, as far as they are there.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (name, rest) = rest.split_first_chunk()?;
        let len = u32::from_be_bytes(*len) as usize;
        // The last chunk may be cut off: of the picture only the name is asked for.
        let (data, rest) = rest.split_at(len.min(rest.len()));
        let crc = rest.first_chunk();
        self.0 = rest.get(4..).unwrap_or_default();
        Some(Chunk { name, data, crc })
    }
}

/// See [`crate::imaging::source::probe`].
pub(super) fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let header = Header::read(bytes)?;
    Ok(Info {
        kind: Kind::Png,
        width: header.width,
        height: header.height,
        orientation: header.orientation,
        alpha: header.transparent,
    })
}

/// See [`crate::imaging::source::decoding`].
pub(super) fn decoding(bytes: &[u8]) -> Result<Decoding, Error> {
    let header = Header::read(bytes)?;
    let shape = Shape {
        width: header.width,
        height: header.height,
        layout: header.layout(),
        order: if header.interlaced { Order::Interlaced } else { Order::Sequential },
    };
    // The crate's buffer doubles until it is large enough, from any size: the last time, less
    // than the buffer becomes less than twice that, and both are there.
    let row = header.stored_row();
    let buffer = BEHIND.max(4 * row) + row + AHEAD;
    let memory = FIXED + 3 * buffer + 2 * row + shape.row_bytes() + profile_memory(&header);
    Ok(Decoding { shape, eighths: 8, memory })
}

/// What the profile takes: packed, unpacked, and as it grows.
fn profile_memory(header: &Header) -> u64 {
    match header.profile_len {
        1..=PROFILE_MAX => 4 * PROFILE_MAX as u64,
        _ => 0,
    }
}

/// A PNG that is being read.
struct Png<'a> {
    bytes: &'a [u8],
    reader: Reader<Cursor<&'a [u8]>>,
    shape: Shape,
    row: Vec<u8>,
    /// The pass and the row in it that come next.
    pass: usize,
    line: u32,
}

/// See [`crate::imaging::source::open`].
pub(super) fn open<'a>(bytes: &'a [u8], shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::read(bytes)?;
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(header.profile_len > PROFILE_MAX);
    let rows = usize::try_from(2 * header.stored_row() + shape.row_bytes());
    decoder
        .set_limits(Limits { bytes: rows.unwrap_or(usize::MAX).saturating_add(2 * PROFILE_MAX) });
    let reader = decoder.read_info().map_err(broken)?;
    let samples = reader.output_color_type().0.samples();
    let info = reader.info();
    if (info.width, info.height, samples) != (shape.width, shape.height, shape.layout.channels()) {
        return Err(Error::broken(Kind::Png, "it says two things about its size or colours"));
    }
    let row = vec![0; shape.row_bytes() as usize];
    Ok(Box::new(Png { bytes, reader, shape, row, pass: 0, line: 0 }))
}

impl Png<'_> {
    /// Whether the last part of the picture is as it was written. The crate looks when it comes
    /// to the next chunk, and all rows are there before.
    fn check_end(&self) -> Result<(), Error> {
        let last = Chunks(&self.bytes[8..]).filter(|chunk| chunk.name == b"IDAT").last();
        if last.is_some_and(|chunk| !chunk.is_whole()) {
            return Err(Error::broken(Kind::Png, "the CRC of its picture is another"));
        }
        Ok(())
    }
}

impl Source for Png<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let Shape { width, height, layout, order } = self.shape;
        let (x, step, y, samples) = match order {
            Order::Sequential if self.line == height => return Ok(None),
            Order::Sequential => (0, 1, self.line, width),
            Order::Interlaced => loop {
                let Some(&(x, step, y, down)) = ADAM7.get(self.pass) else {
                    self.check_end()?;
                    return Ok(None);
                };
                let y = y + self.line * down;
                if x < width && y < height {
                    break (x, step, y, (width - x).div_ceil(step));
                }
                (self.pass, self.line) = (self.pass + 1, 0);
            },
        };
        self.line += 1;
        self.reader.read_row(&mut self.row).map_err(broken)?;
        if order == Order::Sequential && self.line == height {
            self.check_end()?;
        }
        let samples = &self.row[..samples as usize * layout.channels()];
        Ok(Some(Row { y, x, step, samples }))
    }

    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        self.reader.info().icc_profile.as_deref().map(Cow::Borrowed)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn broken(error: png::DecodingError) -> Error {
    Error::from_decoder(Kind::Png, &error)
}
