//! A photo as a source of rows, whatever its format.
//!
//! Which format a file has is told by its first bytes, never by its name. What a
//! file's header says is read first ([`probe`]), cheaply and without taking memory, so
//! that everything a thumbnail will need is known before any of it is taken.

mod gif;
pub(crate) mod jpeg;
mod png;
mod webp;
mod whole;

use std::borrow::Cow;
use std::boxed::Box;

use crate::imaging::orientation::Orientation;
use crate::imaging::{Error, OriginalError};

/// The formats that are read.
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
    /// The format of a file that begins with these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The format's name.
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
    /// The format.
    pub kind: Kind,
    /// Width in pixels as it is stored, at least 1.
    pub width: u32,
    /// Height in pixels as it is stored, at least 1.
    pub height: u32,
    /// How the stored picture has to be turned to stand upright.
    pub orientation: Orientation,
    /// Pixels may be transparent.
    pub alpha: bool,
}

impl Info {
    /// Width and height as the picture is shown, upright.
    #[must_use]
    pub fn shown(&self) -> (u32, u32) {
        self.orientation.apply(self.width, self.height)
    }
}

/// Reads a photo's header: takes no memory and reads no picture data.
///
/// The first bytes of a file are enough, as many as there are in front of its picture; but
/// a WebP file's orientation lies behind it, and is taken for upright where it is missing.
///
/// # Errors
///
/// [`Error::Original`] where the bytes are no picture, its header is broken, or they are
/// too few ([`OriginalError::Truncated`]).
pub fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let kind = Kind::of(bytes).ok_or(Error::Original(OriginalError::Unrecognised))?;
    let info = match kind {
        Kind::Jpeg => jpeg::probe(bytes),
        Kind::Png => png::probe(bytes),
        Kind::Gif => gif::probe(bytes),
        Kind::Webp => webp::probe(bytes),
    };
    match info? {
        Info { width: 0, .. } | Info { height: 0, .. } => {
            Err(Error::broken(kind, "a side is 0 pixels long"))
        }
        info => Ok(info),
    }
}

/// The samples of a pixel, 8 bits each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    /// Lightness.
    Grey,
    /// Lightness and alpha.
    GreyAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and alpha.
    Rgba,
}

impl Layout {
    /// Samples of a pixel.
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

    /// Whether the colours are greys.
    pub(crate) const fn is_grey(self) -> bool {
        matches!(self, Self::Grey | Self::GreyAlpha)
    }
}

/// In which order rows come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// From top to bottom, each whole.
    Sequential,
    /// In any order, in parts.
    Interlaced,
}

/// The size of what a source hands out, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shape {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) layout: Layout,
    pub(crate) order: Order,
}

impl Shape {
    /// Bytes of a row.
    pub(crate) fn row_bytes(&self) -> u64 {
        u64::from(self.width) * self.layout.channels() as u64
    }
}

/// What decoding a photo will hand out, and cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Decoding {
    /// What it hands out.
    pub(crate) shape: Shape,
    /// Its size as a share of the photo's: 8 is all of it.
    pub(crate) eighths: u32,
    /// Bytes that it takes, at most.
    pub(crate) memory: u64,
}

/// Works out, from the header alone, what decoding at `eighths` / 8 (1, 2, 4 or 8) of the
/// size will take; a format that has no scales is decoded as it is.
pub(crate) fn decoding(bytes: &[u8], info: &Info, eighths: u32) -> Result<Decoding, Error> {
    match info.kind {
        Kind::Jpeg => jpeg::decoding(bytes, eighths),
        Kind::Png => png::decoding(bytes),
        Kind::Gif => gif::decoding(bytes),
        Kind::Webp => webp::decoding(bytes),
    }
}

/// Begins to decode what is going to be shown in an orientation: rows come as they are
/// stored, but what is rounded is rounded as it is shown.
pub(crate) fn open<'a>(
    bytes: &'a [u8],
    info: &Info,
    decoding: &Decoding,
    orientation: Orientation,
) -> Result<Box<dyn Source + 'a>, Error> {
    match info.kind {
        Kind::Jpeg => jpeg::open(bytes, decoding, orientation),
        Kind::Png => png::open(bytes, decoding.shape),
        Kind::Gif => gif::open(bytes, decoding.shape),
        Kind::Webp => webp::open(bytes, decoding.shape),
    }
}

/// A row, or a part of one.
pub(crate) struct Row<'a> {
    /// Which row, from the top.
    pub(crate) y: u32,
    /// The first pixel's place in the row.
    pub(crate) x: u32,
    /// From one pixel's place to the next's; 1 where the row is whole.
    pub(crate) step: u32,
    /// The pixels.
    pub(crate) samples: &'a [u8],
}

/// A photo that is being decoded.
pub(crate) trait Source {
    /// The next row; none after the last.
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error>;

    /// The colour profile in the file.
    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        None
    }

    /// From the next row on hands out lightness and two colour differences, as a JPEG has
    /// them, in place of red, green and blue; false where it cannot.
    fn keep_ycbcr(&mut self) -> bool {
        false
    }
}
