//! What can be wrong with a file, and the parts of T.81 that are not supported.

use core::fmt;

/// Why a file cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It doesn't start with SOI.
    NotJpeg,
    /// The data ends, or a marker comes, before a coefficient that is needed.
    Truncated,
    /// A marker segment's length or contents violate T.81 annex B.
    Segment,
    /// A Huffman or quantisation table that is needed is missing or malformed.
    Table,
    /// A scan header doesn't fit the frame or the scans before it.
    Scan,
    /// A bit pattern that is no Huffman code, or more coefficients than a block has.
    Code,
    /// A restart marker is missing or out of order.
    Restart,
    /// A part of T.81 that is not supported.
    Unsupported(Feature),
    /// The caller's row is not [`Decoder::row_bytes`](super::Decoder::row_bytes) long.
    Row,
}

/// The parts of T.81 that are not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Arithmetic coding: annexes D, F.1.4, G.1.3.
    Arithmetic,
    /// Lossless coding: annex H.
    Lossless,
    /// Hierarchical coding: annex J.
    Hierarchical,
    /// A sample precision other than 8 bits.
    Precision,
    /// A height defined by a DNL segment after the first scan: B.2.5.
    Lines,
    /// Other than 1, 3 or 4 components.
    Components,
    /// More relevant scans than any encoder writes.
    Scans,
}

/// [`Error::Code`] where it is the only possible error: zero-sized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodeError;

impl From<CodeError> for Error {
    fn from(CodeError: CodeError) -> Self {
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
            Self::Row => "the row buffer has the wrong length",
        })
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arithmetic => "arithmetic-coded JPEG is not supported",
            Self::Lossless => "lossless JPEG is not supported",
            Self::Hierarchical => "hierarchical JPEG is not supported",
            Self::Precision => "JPEG with other than 8 bits per sample is not supported",
            Self::Lines => "JPEG with its height after the first scan (DNL) is not supported",
            Self::Components => "JPEG with other than 1, 3 or 4 components is not supported",
            Self::Scans => "JPEG with this many scans is not supported",
        })
    }
}

impl core::error::Error for Error {}
