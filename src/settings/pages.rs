//! Which galleries have public pages.

use percent_encoding::percent_decode;

/// The setting `gallery-pages`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pages<'a> {
    /// No gallery.
    Off,
    /// Every gallery.
    On,
    /// These galleries and those inside them: paths separated by white space, themselves
    /// percent-encoded.
    Of(&'a [u8]),
}

impl<'a> Pages<'a> {
    /// Parses a value. `None` if it is empty.
    pub(super) const fn parse(value: &'a [u8]) -> Option<Self> {
        match value {
            b"" => None,
            b"off" => Some(Self::Off),
            b"on" => Some(Self::On),
            names => Some(Self::Of(names)),
        }
    }

    /// Whether a gallery has pages; `gallery` is its decoded path below `galleries`, without
    /// leading and trailing slashes.
    pub fn allow(&self, gallery: &[u8]) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Of(names) => {
                let mut names = names.split(u8::is_ascii_whitespace).map(trim_slashes);
                names.any(|name| !name.is_empty() && is_at_or_in(gallery, name))
            }
        }
    }

    /// Whether a gallery has pages, or one inside it has: then it is listed. The empty path
    /// is the list of all galleries.
    pub fn lead_to(&self, gallery: &[u8]) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Of(names) => {
                let mut names = names.split(u8::is_ascii_whitespace).map(trim_slashes);
                self.allow(gallery) || names.any(|name| is_inside(gallery, name))
            }
        }
    }
}

/// Whether `gallery` has the encoded path `name`, or is inside the gallery that has.
fn is_at_or_in(gallery: &[u8], name: &[u8]) -> bool {
    let mut rest = gallery.iter();
    percent_decode(name).all(|byte| rest.next() == Some(&byte))
        && matches!(rest.as_slice(), [] | [b'/', ..])
}

/// Whether the gallery with the encoded path `name` is inside `gallery`.
fn is_inside(gallery: &[u8], name: &[u8]) -> bool {
    let mut name = percent_decode(name);
    gallery.iter().all(|&byte| name.next() == Some(byte))
        && matches!((gallery, name.next()), ([], Some(_)) | (_, Some(b'/')))
}

fn trim_slashes(mut name: &[u8]) -> &[u8] {
    while let [b'/', rest @ ..] | [rest @ .., b'/'] = name {
        name = rest;
    }
    name
}
