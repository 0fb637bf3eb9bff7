//! PNG (third edition), row by row: memory for a few rows, however tall the image.
//!
//! Every colour type and depth becomes 8 bits per sample. 16-bit samples keep their upper 8,
//! which divides the range into 256 equal parts, as rounding would. Interlaced files yield
//! pixels in Adam7 order. An APNG yields its default image, not the animation. `eXIf` counts
//! only if it precedes the image data, as in browsers.

use std::boxed::Box;
use std::io::Cursor;
use std::vec;
use std::vec::Vec;

use png::{Decoder, Limits, Reader, Transformations};

use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, Orientation, OriginalError, exif};

/// Largest ICC profile read, in bytes, compressed or not. Matrix profiles from cameras stay
/// below 4 KiB; larger ones are table-based and unused.
const PROFILE_MAX: usize = 64 << 10;

/// Measured memory of the crate that does not depend on the width: inflate's tables.
const FIXED: u64 = 64 << 10;

/// Bytes the crate keeps before the row being inflated: this or four rows, whichever is more.
const BEHIND: u64 = 128 << 10;

/// Bytes it keeps after that row: inflate's window and output space.
const AHEAD: u64 = 40 << 10;

/// First column, column step, first row and row step of each pass: 8.1.
const ADAM7: [(u32, u32, u32, u32); 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

/// The chunks before the image data.
pub(crate) struct Header<'a> {
    bytes: &'a [u8],
    pub(super) info: Info,
    depth: u8,
    colour: u8,
    interlaced: bool,
    profile_len: usize,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut chunks = Chunks(&bytes[8..]);
        let first = chunks.next().filter(|chunk| chunk.name == b"IHDR").map(|chunk| chunk.data);
        let Some(&[w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, _, _, interlace]) = first else {
            return Err(Error::broken(Kind::Png, "it does not begin with IHDR"));
        };
        let mut info = Info {
            width: u32::from_be_bytes([w3, w2, w1, w0]),
            height: u32::from_be_bytes([h3, h2, h1, h0]),
            orientation: Orientation::default(),
            alpha: matches!(colour, 4 | 6),
        };
        if !matches!(depth, 1 | 2 | 4 | 8 | 16) || !matches!(colour, 0 | 2 | 3 | 4 | 6) {
            return Err(Error::broken(Kind::Png, "no such colour type or depth"));
        }
        if info.width.max(info.height) > i32::MAX.unsigned_abs() {
            return Err(Error::broken(Kind::Png, "a side is too long"));
        }
        let mut profile_len = 0;
        for Chunk { name, data, .. } in chunks {
            match name {
                b"tRNS" => info.alpha = true,
                b"eXIf" => info.orientation = Orientation::from_exif(exif::orientation(data)),
                b"iCCP" => profile_len = data.len(),
                b"IDAT" => {
                    let interlaced = interlace == 1;
                    return Ok(Self { bytes, info, depth, colour, interlaced, profile_len });
                }
                _ => {}
            }
        }
        Err(Error::Original(OriginalError::Truncated(Kind::Png)))
    }

    pub(super) fn decoding(&self) -> Decoding<'a> {
        let shape = Shape {
            width: self.info.width,
            height: self.info.height,
            layout: self.layout(),
            order: if self.interlaced { Order::Interlaced } else { Order::Sequential },
        };
        // The crate's buffer doubles until it is large enough. During the last doubling, when
        // both copies exist, the old one is smaller than the final size and the new one smaller
        // than twice that.
        let row = self.stored_row();
        let buffer = BEHIND.max(4 * row) + row + AHEAD;
        // The ICC profile: compressed, inflated, and while its buffer grows.
        let has_profile = (1..=PROFILE_MAX).contains(&self.profile_len);
        let profile = if has_profile { 4 * PROFILE_MAX as u64 } else { 0 };
        let memory = FIXED + 3 * buffer + 2 * row + shape.row_bytes() + profile;
        Decoding { shape, eighths: 8, memory, profile: None, jpeg: None }
    }

    pub(super) fn decode(&self, shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
        let mut decoder = Decoder::new(Cursor::new(self.bytes));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(self.profile_len > PROFILE_MAX);
        let rows = usize::try_from(2 * self.stored_row() + shape.row_bytes());
        let bytes = rows.unwrap_or(usize::MAX).saturating_add(2 * PROFILE_MAX);
        decoder.set_limits(Limits { bytes });
        let reader = decoder.read_info().map_err(broken)?;
        let samples = reader.output_color_type().0.samples();
        let info = reader.info();
        let found = (info.width, info.height, samples);
        if found != (shape.width, shape.height, shape.layout.channels()) {
            return Err(Error::broken(Kind::Png, "its chunks disagree on its size or colours"));
        }
        let row = vec![0; shape.row_bytes() as usize];
        Ok(Box::new(Png { bytes: self.bytes, reader, shape, row, pass: 0, line: 0 }))
    }

    fn layout(&self) -> Layout {
        match (self.colour, self.info.alpha) {
            (0 | 4, false) => Layout::Grey,
            (0 | 4, true) => Layout::GreyAlpha,
            (_, false) => Layout::Rgb,
            (_, true) => Layout::Rgba,
        }
    }

    /// Bytes of a stored row, filter type included.
    fn stored_row(&self) -> u64 {
        let samples = match self.colour {
            0 | 3 => 1,
            4 => 2,
            2 => 3,
            _ => 4,
        };
        (u64::from(self.info.width) * samples * u64::from(self.depth)).div_ceil(8) + 1
    }
}

/// A chunk, possibly cut short by the end of the file.
struct Chunk<'a> {
    name: &'a [u8; 4],
    data: &'a [u8],
    crc: Option<&'a [u8; 4]>,
}

/// The chunks of a file, up to where it ends.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (name, rest) = rest.split_first_chunk()?;
        let len = u32::from_be_bytes(*len) as usize;
        // A cut chunk counts: probing needs only the name of IDAT.
        let (data, rest) = rest.split_at(len.min(rest.len()));
        let crc = rest.first_chunk();
        self.0 = rest.get(4..).unwrap_or_default();
        Some(Chunk { name, data, crc })
    }
}

struct Png<'a> {
    bytes: &'a [u8],
    reader: Reader<Cursor<&'a [u8]>>,
    shape: Shape,
    row: Vec<u8>,
    /// The next pass, and the next row in it.
    pass: usize,
    line: u32,
}

impl Png<'_> {
    /// Checks the last IDAT's CRC (5.5), if present. The crate would check it on reaching the next chunk, but all
    /// rows have been read before that.
    fn check_last_crc(&self) -> Result<(), Error> {
        let last = Chunks(&self.bytes[8..]).filter(|chunk| chunk.name == b"IDAT").last();
        let Some(Chunk { name, data, crc: Some(crc) }) = last else { return Ok(()) };
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(name);
        hasher.update(data);
        if *crc == hasher.finalize().to_be_bytes() {
            return Ok(());
        }
        Err(Error::broken(Kind::Png, "the CRC of its image data is wrong"))
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
                    self.check_last_crc()?;
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
            self.check_last_crc()?;
        }
        let samples = &self.row[..samples as usize * layout.channels()];
        Ok(Some(Row { y, x, step, samples }))
    }

    fn profile(&self) -> Option<&[u8]> {
        self.reader.info().icc_profile.as_deref()
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the signature `map_err` wants")]
fn broken(error: png::DecodingError) -> Error {
    Error::from_decoder(Kind::Png, &error)
}
