//! What a WebP file says of itself: RFC 9649, and RFC 6386 for what lossy pictures say.

use std::vec::Vec;

use crate::imaging::orientation::Orientation;
use crate::imaging::source::Kind;
use crate::imaging::source::webp::partitions;
use crate::imaging::{Error, OriginalError, exif};

/// The flags of a `VP8X` chunk: 2.7.1.
const ANIMATED: u8 = 0x02;
const ALPHA: u8 = 0x10;

/// A file's canvas, and the picture on it.
pub(super) struct Header<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) picture: Picture<'a>,
    pub(super) profile: Option<&'a [u8]>,
    pub(super) orientation: Orientation,
}

/// The picture, or the first of an animation.
pub(super) struct Picture<'a> {
    /// Where it lies on the canvas.
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) alpha: bool,
    pub(super) coding: Coding<'a>,
    /// The data of its `VP8 ` or `VP8L` chunk.
    pub(super) data: &'a [u8],
}

/// How a picture is packed.
#[derive(Clone, Copy)]
pub(super) enum Coding<'a> {
    /// `VP8 `, and the data of its `ALPH` chunk.
    Lossy(Option<&'a [u8]>),
    /// `VP8L`.
    Lossless,
}

impl<'a> Header<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let chunks = Chunks(bytes.get(12..).unwrap_or_default());
        let Some((b"VP8X", extended)) = chunks.clone().next() else {
            let picture = Picture::read(chunks)?;
            let (width, height) = (picture.width, picture.height);
            let orientation = Orientation::default();
            return Ok(Self { width, height, picture, profile: None, orientation });
        };
        let &[flags, _, _, _, w0, w1, w2, h0, h1, h2] =
            extended.first_chunk().ok_or(Error::Original(OriginalError::Truncated(Kind::Webp)))?;
        let (width, height) = (number([w0, w1, w2]) + 1, number([h0, h1, h2]) + 1);
        let mut picture =
            if flags & ANIMATED == 0 { Picture::read(chunks.clone()) } else { first(&chunks) }?;
        if flags & ALPHA == 0 {
            picture.ignore_alpha();
        }
        let fits = |at: u32, len: u32, side: u32| len <= side && at <= side - len;
        if !fits(picture.left, picture.width, width) || !fits(picture.top, picture.height, height) {
            return Err(Error::broken(Kind::Webp, "its picture is larger than its canvas"));
        }
        let find = |name: &[u8; 4]| chunks.clone().find(|chunk| chunk.0 == name).map(|it| it.1);
        // It lies behind the picture: too few bytes have none.
        let orientation = Orientation::from_exif(find(b"EXIF").map_or(1, exif::orientation));
        Ok(Self { width, height, picture, profile: find(b"ICCP"), orientation })
    }

    /// The picture covers the canvas.
    pub(super) fn is_covered(&self) -> bool {
        (self.picture.width, self.picture.height) == (self.width, self.height)
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.picture.alpha || !self.is_covered()
    }
}

/// The first picture of an animation: 2.7.1.3.
fn first<'a>(chunks: &Chunks<'a>) -> Result<Picture<'a>, Error> {
    let frame = chunks.clone().find(|(name, _)| *name == b"ANMF").map(|(_, frame)| frame);
    let short = || Error::Original(OriginalError::Truncated(Kind::Webp));
    let (place, rest) = frame.and_then(<[u8]>::split_first_chunk::<16>).ok_or_else(short)?;
    let &[x0, x1, x2, y0, y1, y2, w0, w1, w2, h0, h1, h2, ..] = place;
    let picture = Picture::read(Chunks(rest))?;
    let size = (number([w0, w1, w2]) + 1, number([h0, h1, h2]) + 1);
    if size != (picture.width, picture.height) {
        return Err(Error::broken(Kind::Webp, "it says two things about its size"));
    }
    Ok(Picture { left: 2 * number([x0, x1, x2]), top: 2 * number([y0, y1, y2]), ..picture })
}

fn number([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}

impl<'a> Picture<'a> {
    fn read(chunks: Chunks<'a>) -> Result<Self, Error> {
        let mut packed_alpha = None;
        for (name, data) in chunks {
            match name {
                b"ALPH" => packed_alpha = Some(data),
                b"VP8 " => return Self::read_lossy(data, packed_alpha),
                b"VP8L" => return Self::read_lossless(data),
                _ => {}
            }
        }
        Err(Error::broken(Kind::Webp, "there is no picture in it"))
    }

    /// RFC 6386, 9.1.
    fn read_lossy(data: &'a [u8], packed_alpha: Option<&'a [u8]>) -> Result<Self, Error> {
        let Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) = data.first_chunk() else {
            return Err(Error::broken(Kind::Webp, "it does not begin with a key frame"));
        };
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        Ok(Self {
            left: 0,
            top: 0,
            width: side(w0, w1),
            height: side(h0, h1),
            alpha: packed_alpha.is_some(),
            coding: Coding::Lossy(packed_alpha),
            data,
        })
    }

    /// RFC 9649, 3.4.
    fn read_lossless(data: &'a [u8]) -> Result<Self, Error> {
        let Some(&[0x2f, b0, b1, b2, b3]) = data.first_chunk() else {
            return Err(Error::broken(Kind::Webp, "it does not begin with a lossless picture"));
        };
        let bits = u32::from_le_bytes([b0, b1, b2, b3]);
        Ok(Self {
            left: 0,
            top: 0,
            width: (bits & 0x3fff) + 1,
            height: (bits >> 14 & 0x3fff) + 1,
            alpha: bits >> 28 & 1 != 0,
            coding: Coding::Lossless,
            data,
        })
    }

    /// The file says that nothing is transparent.
    fn ignore_alpha(&mut self) {
        if let Coding::Lossy(packed_alpha) = &mut self.coding {
            (*packed_alpha, self.alpha) = (None, false);
        }
    }

    /// Looks for what the decoder takes memory for before it looks whether it is there.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::broken(Kind::Webp, "a side is 0 pixels long"));
        }
        match (self.coding, self.data) {
            (Coding::Lossy(_), [t0, t1, t2, _, _, _, _, _, _, _, rest @ ..])
                if !partitions::are_there(rest, number([*t0, *t1, *t2]) as usize >> 5) =>
            {
                Err(Error::Original(OriginalError::Truncated(Kind::Webp)))
            }
            _ => Ok(()),
        }
    }

    /// Bytes of its chunks.
    pub(super) fn packed_len(&self) -> usize {
        match self.coding {
            Coding::Lossy(Some(alpha)) => self.data.len() + alpha.len(),
            _ => self.data.len(),
        }
    }

    /// A file with this picture and nothing else.
    pub(super) fn to_file(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.packed_len() + 64);
        file.extend_from_slice(b"RIFF\0\0\0\0WEBP");
        if let Coding::Lossy(Some(alpha)) = self.coding {
            let mut extended = [0; 10];
            extended[0] = ALPHA;
            extended[4..7].copy_from_slice(&(self.width - 1).to_le_bytes()[..3]);
            extended[7..].copy_from_slice(&(self.height - 1).to_le_bytes()[..3]);
            push(&mut file, *b"VP8X", &extended);
            push(&mut file, *b"ALPH", alpha);
            push(&mut file, *b"VP8 ", self.data);
        } else {
            push(&mut file, *b"VP8L", self.data);
        }
        let len = (file.len() - 8) as u32;
        file[4..8].copy_from_slice(&len.to_le_bytes());
        file
    }
}

fn push(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend_from_slice(&name);
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    if !data.len().is_multiple_of(2) {
        file.push(0);
    }
}

/// The chunks of a file, as far as they are there.
#[derive(Clone)]
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
