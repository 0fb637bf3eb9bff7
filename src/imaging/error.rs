//! Why there is no thumbnail, by who is at fault.

use core::fmt;
use std::borrow::Cow;
use std::{format, io};

use crate::imaging::source::Kind;

/// Why a thumbnail could not be made.
#[derive(Debug)]
pub enum Error {
    /// The photo is not an image or is broken: 415.
    Original(OriginalError),
    /// It exceeds what the settings allow: 413.
    Limit(LimitError),
    /// The request: a side exceeds the setting `max-size`. 400.
    Request,
    /// The thumbnail could not be written: 500.
    Io(io::Error),
}

/// What is wrong with a photo.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OriginalError {
    /// It starts like none of the supported formats.
    Unrecognised,
    /// It ends before the data that the thumbnail needs.
    Truncated(Kind),
    /// It shrank while it was read. Reported by the caller, who mapped it.
    Shrunk,
    /// It violates its format, in the decoder's words.
    Broken(Kind, Cow<'static, str>),
    /// It uses a feature that is not supported.
    Unsupported(Kind, Cow<'static, str>),
}

/// Which limit would be exceeded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LimitError {
    /// The setting `memory`.
    Memory {
        /// Lower bound in bytes of what this thumbnail takes.
        needed: u64,
    },
    /// The number of pixels that a small file may decompress to.
    Pixels,
}

impl Error {
    /// A photo found broken by this module.
    #[cold]
    pub(crate) const fn broken(kind: Kind, what: &'static str) -> Self {
        Self::Original(OriginalError::Broken(kind, Cow::Borrowed(what)))
    }

    /// A photo found broken by a decoder.
    #[cold]
    pub(crate) fn from_decoder(kind: Kind, error: &dyn fmt::Display) -> Self {
        Self::Original(OriginalError::Broken(kind, Cow::Owned(format!("{error}"))))
    }

    /// The reply's HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Original(_) => 415,
            Self::Limit(_) => 413,
            Self::Request => 400,
            Self::Io(_) => 500,
        }
    }

    /// The code that the log line begins with.
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
                out.write_str("the file is not a JPEG, PNG, GIF or WebP image")
            }
            Self::Original(OriginalError::Truncated(kind)) => {
                write!(out, "the {} file is truncated", kind.name())
            }
            Self::Original(OriginalError::Shrunk) => {
                out.write_str("the file shrank while it was read")
            }
            Self::Original(OriginalError::Broken(kind, what)) => {
                write!(out, "the {} file is broken: {what}", kind.name())
            }
            Self::Original(OriginalError::Unsupported(kind, what)) => {
                write!(out, "the {} file is not supported: {what}", kind.name())
            }
            Self::Limit(LimitError::Memory { needed }) => {
                write!(out, "this takes {} KiB, more than memory allows", needed.div_ceil(1024))
            }
            Self::Limit(LimitError::Pixels) => out.write_str("the image has too many pixels"),
            Self::Request => out.write_str("a side of the thumbnail exceeds max-size"),
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
