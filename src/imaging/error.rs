//! Why there is no thumbnail, by who is at fault.

use core::fmt;
use std::borrow::Cow;
use std::{format, io};

use crate::imaging::source::Kind;

/// Why a thumbnail could not be made.
#[derive(Debug)]
pub enum Error {
    /// The photo: it is no picture, or broken. 415.
    Original(OriginalError),
    /// More than the settings allow. 413.
    Limit(LimitError),
    /// The request: a side is longer than the setting `max-size`. 400.
    Request,
    /// What the thumbnail is written to. 500.
    Io(io::Error),
}

/// What is wrong with a photo.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OriginalError {
    /// It does not begin as any picture that is read.
    Unrecognised,
    /// It ends before the thumbnail has all that it needs.
    Truncated(Kind),
    /// It was cut short while it was read: whoever mapped it says so.
    Shrunk,
    /// What is wrong with it, in the decoder's words.
    Broken(Kind, Cow<'static, str>),
    /// It is of a rare kind that is not read.
    Unsupported(Kind, Cow<'static, str>),
}

/// Which limit would not have been kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LimitError {
    /// The setting `memory`.
    Memory {
        /// Bytes that this thumbnail of this photo would take, or more.
        needed: u64,
    },
    /// What a small file may unpack to.
    Pixels,
}

impl Error {
    /// A photo that is broken in a way that has been found here.
    #[cold]
    pub(crate) const fn broken(kind: Kind, what: &'static str) -> Self {
        Self::Original(OriginalError::Broken(kind, Cow::Borrowed(what)))
    }

    /// A photo that a decoder finds broken.
    #[cold]
    pub(crate) fn from_decoder(kind: Kind, error: &dyn fmt::Display) -> Self {
        Self::Original(OriginalError::Broken(kind, Cow::Owned(format!("{error}"))))
    }

    /// The status of the reply.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Original(_) => 415,
            Self::Limit(_) => 413,
            Self::Request => 400,
            Self::Io(_) => 500,
        }
    }

    /// The code that a line of the log begins with.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Original(OriginalError::Unrecognised) => "T11",
            Self::Original(OriginalError::Truncated(_)) => "T12",
            Self::Original(OriginalError::Broken(..)) => "T13",
            Self::Original(OriginalError::Unsupported(..)) => "T14",
            Self::Original(OriginalError::Shrunk) => "T15",
            Self::Limit(LimitError::Memory { .. }) => "T21",
            Self::Limit(LimitError::Pixels) => "T22",
            Self::Request => "T31",
            Self::Io(_) => "T41",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Original(OriginalError::Unrecognised) => {
                out.write_str("the file is not a JPEG, PNG, GIF or WebP picture")
            }
            Self::Original(OriginalError::Truncated(kind)) => {
                write!(out, "the {} file ends before its picture does", kind.name())
            }
            Self::Original(OriginalError::Shrunk) => {
                out.write_str("the file was cut short while it was read")
            }
            Self::Original(OriginalError::Broken(kind, what)) => {
                write!(out, "the {} file is broken: {what}", kind.name())
            }
            Self::Original(OriginalError::Unsupported(kind, what)) => {
                write!(out, "the {} file is of a kind that is not read: {what}", kind.name())
            }
            Self::Limit(LimitError::Memory { needed }) => {
                write!(
                    out,
                    "this would take {} KiB, more than memory allows",
                    needed.div_ceil(1024)
                )
            }
            Self::Limit(LimitError::Pixels) => out.write_str("the picture has too many pixels"),
            Self::Request => out.write_str("a side of the thumbnail is longer than max-size"),
            Self::Io(error) => write!(out, "the thumbnail cannot be written: {error}"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}
