//! WebP headers: RFC 9649, and RFC 6386 for lossy images.

use std::vec::Vec;

use crate::imaging::source::webp::partitions;
use crate::imaging::source::{Info, Kind};
use crate::imaging::{Error, Orientation, OriginalError, exif};

/// Flags of the `VP8X` chunk: 2.7.1.
const ANIMATED: u8 = 0x02;
const ALPHA: u8 = 0x10;

/// A file's canvas and the image on it.
pub(crate) struct Header<'a> {
    pub(in crate::imaging::source) info: Info,
    pub(super) image: Image<'a>,
    pub(super) profile: Option<&'a [u8]>,
}

/// The image, or an animation's first frame.
pub(super) struct Image<'a> {
    /// Position on the canvas.
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) alpha: bool,
    pub(super) coding: Coding<'a>,
    /// Payload of its `VP8 ` or `VP8L` chunk.
    pub(super) data: &'a [u8],
}

#[derive(Clone, Copy)]
pub(super) enum Coding<'a> {
    /// `VP8 `, with the payload of its `ALPH` chunk.
    Lossy(Option<&'a [u8]>),
    Lossless,
}

impl<'a> Header<'a> {
    pub(in crate::imaging::source) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let chunks = Chunks(bytes.get(12..).unwrap_or_default());
        let Some((b"VP8X", extended)) = chunks.clone().next() else {
            let image = Image::parse(chunks)?;
            let Image { width, height, alpha, .. } = image;
            let info = Info { width, height, orientation: Orientation::default(), alpha };
            return Ok(Self { info, image, profile: None });
        };
        let &[flags, _, _, _, w0, w1, w2, h0, h1, h2] =
            extended.first_chunk().ok_or(Error::Original(OriginalError::Truncated(Kind::Webp)))?;
        let (width, height) = (number([w0, w1, w2]) + 1, number([h0, h1, h2]) + 1);
        let mut image = if flags & ANIMATED == 0 {
            Image::parse(chunks.clone())
        } else {
            first_frame(&chunks)
        }?;
        if flags & ALPHA == 0 {
            image.ignore_alpha();
        }
        let fits = |at: u32, len: u32, side: u32| len <= side && at <= side - len;
        if !fits(image.left, image.width, width) || !fits(image.top, image.height, height) {
            return Err(Error::broken(Kind::Webp, "its image exceeds its canvas"));
        }
        let find = |name: &[u8; 4]| chunks.clone().find(|chunk| chunk.0 == name).map(|it| it.1);
        // EXIF follows the image, so a prefix of the file may lack it.
        let orientation = Orientation::from_exif(find(b"EXIF").map_or(1, exif::orientation));
        let alpha = image.alpha || (image.width, image.height) != (width, height);
        let info = Info { width, height, orientation, alpha };
        Ok(Self { info, image, profile: find(b"ICCP") })
    }

    pub(super) fn covers_canvas(&self) -> bool {
        (self.image.width, self.image.height) == (self.info.width, self.info.height)
    }
}

/// An animation's first frame: 2.7.1.3.
fn first_frame<'a>(chunks: &Chunks<'a>) -> Result<Image<'a>, Error> {
    let frame = chunks.clone().find(|(name, _)| *name == b"ANMF").map(|(_, frame)| frame);
    let truncated = || Error::Original(OriginalError::Truncated(Kind::Webp));
    let (header, rest) = frame.and_then(<[u8]>::split_first_chunk::<16>).ok_or_else(truncated)?;
    let &[x0, x1, x2, y0, y1, y2, w0, w1, w2, h0, h1, h2, ..] = header;
    let image = Image::parse(Chunks(rest))?;
    let size = (number([w0, w1, w2]) + 1, number([h0, h1, h2]) + 1);
    if size != (image.width, image.height) {
        return Err(Error::broken(Kind::Webp, "its chunks disagree on its size"));
    }
    Ok(Image { left: 2 * number([x0, x1, x2]), top: 2 * number([y0, y1, y2]), ..image })
}

fn number([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}

impl<'a> Image<'a> {
    fn parse(chunks: Chunks<'a>) -> Result<Self, Error> {
        let mut alpha_data = None;
        for (name, data) in chunks {
            match name {
                b"ALPH" => alpha_data = Some(data),
                b"VP8 " => return Self::parse_lossy(data, alpha_data),
                b"VP8L" => return Self::parse_lossless(data),
                _ => {}
            }
        }
        Err(Error::broken(Kind::Webp, "it contains no image"))
    }

    /// RFC 6386, 9.1.
    fn parse_lossy(data: &'a [u8], alpha_data: Option<&'a [u8]>) -> Result<Self, Error> {
        let Some(&[_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1]) = data.first_chunk() else {
            let what = "its lossy image does not begin with a key frame";
            return Err(Error::broken(Kind::Webp, what));
        };
        let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        Ok(Self {
            left: 0,
            top: 0,
            width: side(w0, w1),
            height: side(h0, h1),
            alpha: alpha_data.is_some(),
            coding: Coding::Lossy(alpha_data),
            data,
        })
    }

    /// RFC 9649, 3.4.
    fn parse_lossless(data: &'a [u8]) -> Result<Self, Error> {
        let Some(&[0x2f, b0, b1, b2, b3]) = data.first_chunk() else {
            return Err(Error::broken(Kind::Webp, "its lossless image has no signature"));
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

    /// Drops alpha that the `VP8X` flags deny.
    fn ignore_alpha(&mut self) {
        if let Coding::Lossy(alpha_data) = &mut self.coding {
            (*alpha_data, self.alpha) = (None, false);
        }
    }

    /// Rejects images whose declared data is missing: the decoder would allocate for it first.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::broken(Kind::Webp, "a side is 0 pixels long"));
        }
        match (self.coding, self.data) {
            (Coding::Lossy(_), [t0, t1, t2, _, _, _, _, _, _, _, rest @ ..])
                if !partitions::fit(rest, number([*t0, *t1, *t2]) as usize >> 5) =>
            {
                Err(Error::Original(OriginalError::Truncated(Kind::Webp)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn compressed_len(&self) -> usize {
        match self.coding {
            Coding::Lossy(Some(alpha)) => self.data.len() + alpha.len(),
            _ => self.data.len(),
        }
    }

    /// A file that holds nothing but this image.
    pub(super) fn to_file(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.compressed_len() + 64);
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

/// The chunks of a file, up to where it ends.
#[derive(Clone)]
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let len = u32::from_le_bytes(*len) as usize;
        let (data, rest) = rest.split_at(len.min(rest.len()));
        // Chunks of odd length are padded.
        self.0 = rest.get(len % 2..).unwrap_or_default();
        Some((name, data))
    }
}
