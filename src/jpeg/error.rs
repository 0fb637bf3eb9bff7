//! What can be wrong with a photo, and what this decoder leaves to others.

use core::fmt;

/// Why a photo cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It does not begin with a start of image.
    NotJpeg,
    /// The data ends, or another marker comes, before a coefficient that is needed.
    Truncated,
    /// A marker segment's length or contents break T.81 annex B.
    Segment,
    /// A Huffman or quantisation table that is needed is missing or malformed.
    Table,
    /// A scan's header does not fit the frame or the scans before it.
    Scan,
    /// Bits that no Huffman code begins with, or more coefficients than a block has.
    Code,
    /// A restart marker is not where, or not the one, it has to be.
    Restart,
    /// A part of T.81 that this decoder leaves out.
    Unsupported(Feature),
    /// The budget is too small: this many bytes would do.
    Memory {
        /// What the decoder allocates in all, in bytes.
        needed: usize,
    },
    /// The caller's row does not have the decoder's row length.
    Row,
}

/// The parts of T.81 that this decoder leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Arithmetic coding: annexes D, F.1.4, G.1.3.
    Arithmetic,
    /// Lossless coding: annex H.
    Lossless,
    /// Hierarchical coding: annex J.
    Hierarchical,
    /// Samples of other than 8 bits.
    Precision,
    /// A height that a DNL segment gives after the first scan: B.2.5.
    Lines,
    /// Other than 1, 3 or 4 components.
    Components,
    /// More scans that matter than any encoder writes.
    Scans,
}

/// [`Error::Code`], for where no other can be: it takes no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadCode;

impl From<BadCode> for Error {
    fn from(BadCode: BadCode) -> Self {
        Self::Code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJpeg => "not a JPEG file",
            Self::Truncated => "the JPEG data ends too early",
            Self::Segment => "a malformed JPEG marker segment",
            Self::Table => "a missing or malformed JPEG table",
            Self::Scan => "a JPEG scan that does not fit its frame",
            Self::Code => "corrupt JPEG data",
            Self::Restart => "a JPEG restart marker is missing or out of order",
            Self::Unsupported(feature) => return feature.fmt(f),
            Self::Memory { needed } => {
                return write!(f, "decoding this JPEG takes {needed} bytes of memory");
            }
            Self::Row => "the row is not as long as the decoder's rows",
        })
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arithmetic => "arithmetic-coded JPEG is not supported",
            Self::Lossless => "lossless JPEG is not supported",
            Self::Hierarchical => "hierarchical JPEG is not supported",
            Self::Precision => "JPEG of other than 8 bits is not supported",
            Self::Lines => "JPEG whose height follows its scan (DNL) is not supported",
            Self::Components => "JPEG of other than 1, 3 or 4 components is not supported",
            Self::Scans => "JPEG of that many scans is not supported",
        })
    }
}

impl core::error::Error for Error {}
