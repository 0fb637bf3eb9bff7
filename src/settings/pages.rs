//! Which galleries have pages that everybody can see.

use percent_encoding::percent_decode;

use crate::settings::keys::ValueError;

/// The setting `gallery-pages`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pages<'a> {
    /// None.
    Off,
    /// All.
    On,
    /// These, and the galleries in them: names separated by white space, percent-encoded
    /// where one holds a space.
    Of(&'a [u8]),
}

impl<'a> Pages<'a> {
    pub(super) const fn parse(value: &'a [u8]) -> Result<Self, ValueError> {
        match value {
            b"" => Err(ValueError::Pages),
            b"off" => Ok(Self::Off),
            b"on" => Ok(Self::On),
            names => Ok(Self::Of(names)),
        }
    }

    /// Whether a gallery, its path below `galleries` without a slash around it, has pages.
    #[must_use]
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

    /// Whether the list of galleries has a page, and whether it leads to a gallery that
    /// has pages, or to one further down.
    #[must_use]
    pub fn lead_to(&self, gallery: &[u8]) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Of(names) => {
                let mut names = names.split(u8::is_ascii_whitespace).map(trim_slashes);
                self.allow(gallery) || names.any(|name| leads_down(gallery, name))
            }
        }
    }
}

/// Whether `gallery` is the one of this encoded name, or lies in it.
fn is_at_or_in(gallery: &[u8], name: &[u8]) -> bool {
    let mut rest = gallery.iter();
    percent_decode(name).all(|byte| rest.next() == Some(&byte))
        && matches!(rest.as_slice(), [] | [b'/', ..])
}

/// Whether the gallery of this encoded name lies in `gallery`; in the empty one all do.
fn leads_down(gallery: &[u8], name: &[u8]) -> bool {
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
