//! A photo of any format as a source of rows.
//!
//! [`Opened::new`] tells the format from the first bytes, never from a name, and parses the
//! header once, without allocating. Planning and decoding work from what it found, so the
//! memory a thumbnail needs is known before any of it is allocated.

mod gif;
pub(crate) mod jpeg;
mod png;
mod webp;

use std::boxed::Box;

use crate::imaging::{Error, Orientation, OriginalError};

/// The formats that can be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// JPEG: ITU-T T.81.
    Jpeg,
    /// PNG, third edition.
    Png,
    /// GIF 87a and 89a.
    Gif,
    /// WebP: RFC 9649.
    Webp,
}

impl Kind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
        }
    }
}

/// What a photo's header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Info {
    /// Stored width in pixels, at least 1.
    pub width: u32,
    /// Stored height in pixels, at least 1.
    pub height: u32,
    /// What brings the stored image upright.
    pub orientation: Orientation,
    /// Whether pixels may be transparent.
    pub alpha: bool,
}

impl Info {
    /// Width and height in pixels of the upright image.
    #[must_use]
    pub fn shown(&self) -> (u32, u32) {
        self.orientation.apply(self.width, self.height)
    }
}

/// Parses a photo's header without allocating or reading image data.
///
/// A prefix of the file that reaches the image data is enough. The exception is WebP, which
/// stores its orientation after the image: if the prefix lacks it, the photo counts as upright.
///
/// # Errors
///
/// [`Error::Original`] if the bytes are not an image, the header is broken, or the prefix is
/// too short ([`OriginalError::Truncated`]).
pub fn probe(bytes: &[u8]) -> Result<Info, Error> {
    Opened::new(bytes).map(|photo| photo.info())
}

/// A photo whose header has been parsed. INVARIANT: neither side is 0.
pub(crate) enum Opened<'a> {
    Jpeg(jpeg::Header<'a>),
    Png(png::Header<'a>),
    Gif(gif::Header<'a>),
    Webp(webp::Header<'a>),
}

impl<'a> Opened<'a> {
    /// Tells the format from the magic number and parses the header.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let (kind, photo) = match bytes {
            [0xff, 0xd8, 0xff, ..] => (Kind::Jpeg, Self::Jpeg(jpeg::Header::parse(bytes)?)),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => {
                (Kind::Png, Self::Png(png::Header::parse(bytes)?))
            }
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => {
                (Kind::Gif, Self::Gif(gif::Header::parse(bytes)?))
            }
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
                (Kind::Webp, Self::Webp(webp::Header::parse(bytes)?))
            }
            _ => return Err(Error::Original(OriginalError::Unrecognised)),
        };
        let Info { width, height, .. } = photo.info();
        if width == 0 || height == 0 {
            return Err(Error::broken(kind, "a side is 0 pixels long"));
        }
        Ok(photo)
    }

    pub(crate) fn info(&self) -> Info {
        match self {
            Self::Jpeg(header) => header.info,
            Self::Png(header) => header.info,
            Self::Gif(header) => header.info,
            Self::Webp(header) => header.info,
        }
    }

    /// What decoding at `eighths` / 8 of the size (1, 2, 4 or 8) yields and costs. Only JPEG
    /// scales while decoding; the other formats ignore `eighths`. Rows arrive as stored, but
    /// are rounded as if stored in the `orientation` they will be shown in.
    pub(crate) fn decoding(
        &self,
        eighths: u32,
        orientation: Orientation,
    ) -> Result<Decoding<'a>, Error> {
        match self {
            Self::Jpeg(header) => header.decoding(eighths, orientation),
            Self::Png(header) => Ok(header.decoding()),
            Self::Gif(header) => Ok(header.decoding()),
            Self::Webp(header) => header.decoding(),
        }
    }

    pub(crate) fn decode<'d>(
        &'d self,
        decoding: &'d Decoding<'a>,
    ) -> Result<Box<dyn Source + 'd>, Error> {
        match self {
            Self::Jpeg(_) => jpeg::decode(decoding),
            Self::Png(header) => header.decode(decoding.shape),
            Self::Gif(header) => header.decode(decoding.shape),
            Self::Webp(header) => header.decode(decoding.shape),
        }
    }
}

/// The samples of a pixel, 8 bits each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl Layout {
    pub(crate) const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether the last sample is alpha.
    pub(crate) const fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    pub(crate) const fn is_grey(self) -> bool {
        matches!(self, Self::Grey | Self::GreyAlpha)
    }
}

/// The order in which rows arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// Whole rows from top to bottom.
    Sequential,
    /// Parts of rows in any order.
    Interlaced,
}

/// Dimensions in pixels and sample layout of a source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shape {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) layout: Layout,
    pub(crate) order: Order,
}

impl Shape {
    pub(crate) fn row_bytes(&self) -> u64 {
        u64::from(self.width) * self.layout.channels() as u64
    }
}

/// What decoding a photo yields and costs.
#[derive(Clone, Debug)]
pub(crate) struct Decoding<'a> {
    pub(crate) shape: Shape,
    /// Decoded size relative to the photo's, in eighths.
    pub(crate) eighths: u32,
    /// Upper bound in bytes.
    pub(crate) memory: u64,
    /// The embedded ICC profile, if the header has all of it.
    pub(crate) profile: Option<&'a [u8]>,
    /// How a JPEG is decoded; `None` for the other formats.
    jpeg: Option<crate::jpeg::Plan<'a>>,
}

/// A row, or one interlacing pass of it.
pub(crate) struct Row<'a> {
    /// Row number from the top.
    pub(crate) y: u32,
    /// Column of the first pixel.
    pub(crate) x: u32,
    /// Distance between pixels in columns; 1 if the row is whole.
    pub(crate) step: u32,
    pub(crate) samples: &'a [u8],
}

/// A photo being decoded.
pub(crate) trait Source {
    /// The next row; `None` after the last.
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error>;

    /// The embedded ICC profile, if decoding the header yields it.
    fn profile(&self) -> Option<&[u8]> {
        None
    }

    /// From the next row on, yields YCbCr as a JPEG stores it instead of RGB. Returns false if
    /// the source cannot.
    fn keep_ycbcr(&mut self) -> bool {
        false
    }
}
