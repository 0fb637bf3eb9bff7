//! Content codings (RFC 9110, 8.4.1).

/// A content coding, in order of preference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coding {
    /// Brotli, RFC 7932.
    Br,
    /// Gzip, RFC 1952.
    Gzip,
    /// The file as it is.
    Identity,
}

impl Coding {
    /// All codings, in the order of a record's forms.
    pub const ALL: [Self; 3] = [Self::Br, Self::Gzip, Self::Identity];

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// The coding with this number in a record.
    pub(crate) const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Br),
            1 => Some(Self::Gzip),
            2 => Some(Self::Identity),
            _ => None,
        }
    }

    /// The coding's number in a record.
    pub(crate) const fn number(self) -> u32 {
        self as u32
    }
}
