//! Gallery pages: folders of photos as pages of signed thumbnails, made on request.
//!
//! ```text
//! mod        may this gallery be seen, and which page of it is asked for?
//! listing    what is on that page     folder, selection
//! photos     how large, and signed    header, sizes, address
//! page       the template's values
//! reply      written out, never held as a whole
//! ```
//!
//! What is in memory at once is one page's names, signatures and sizes. No photo is
//! decoded; of a photo seen for the first time the header is read. Galleries and photos
//! are ordered by the bytes of their names, a hundred of each a page.

mod address;
mod dimensions;
mod folder;
mod listing;
mod page;
mod photos;
mod reply;
mod sizes;
mod top_k;

use std::format;
use std::string::{String, ToString};

use rustix::io::Errno;

pub use dimensions::Probe;
pub use reply::Rendered;

use crate::cgi::target::Target;
use crate::encoding::decimal;
use crate::error::Failure;
use crate::settings::keys::{Secrets, Settings};
use crate::site::record::GALLERIES;
use crate::template::Template;
use crate::thumbs::photo::PhotoError;

use address::Signer;
use folder::Root;
use listing::Listing;
use page::Page;

/// The page of a site that has no template of its own.
const TEMPLATE: &[u8] = include_bytes!("template.html");

/// What a request for a gallery comes to.
pub enum Gallery<'a> {
    /// Its page.
    Page(Rendered<'a>),
    /// It has one, at the same address with a slash behind it.
    Moved,
}

/// Why there is no page, and what more there is to say to the owner.
#[derive(Debug)]
pub struct GalleryError {
    /// What fails.
    pub failure: Failure,
    /// For the log; may be empty.
    pub detail: String,
}

/// The page that `target` names. `template` is the site's own, if it has one; `probe`
/// tells the size of a photo by its first bytes.
///
/// # Errors
///
/// [`GalleryError`].
pub fn answer<'a>(
    target: &Target<'a>,
    template: Option<&'a [u8]>,
    settings: &Settings<'a>,
    secrets: &Secrets<'a>,
    probe: Probe,
) -> Result<Gallery<'a>, GalleryError> {
    let (gallery, has_slash) = gallery(target.path).ok_or(Failure::NoGallery)?;
    if !settings.gallery_pages.lead_to(gallery) {
        return Err(Failure::GalleryOff.into());
    }
    let root = Root::open(settings.galleries)?;
    let folder = root.folder(gallery)?;
    if !has_slash {
        return Ok(Gallery::Moved);
    }
    // Without one every picture on the page would answer 403.
    let key = secrets.keys().next().ok_or(Failure::NoSecret)?;
    let number = page_number(target.query).ok_or(Failure::NoPage)?;
    let template = Template::parse(template.unwrap_or(TEMPLATE))
        .map_err(|error| (Failure::Template, format!("line {}: {error}", error.line)))?;
    let listing = Listing::read(&folder, gallery, settings, number)?;
    if number > listing.pages() {
        return Err(Failure::NoPage.into());
    }
    let signer = Signer { key, bytes: settings.signature_bytes };
    let mount = address::mount(target.mount);
    let page = Page::new(mount, &folder, listing, settings, &signer, probe);
    Ok(Gallery::Page(Rendered::new(template, page)))
}

/// The gallery's path below `galleries` out of an address, and whether that ends in a
/// slash; none for what no gallery is called.
fn gallery(path: &[u8]) -> Option<(&[u8], bool)> {
    let path = match path.strip_prefix(GALLERIES)? {
        b"" => return Some((b"", false)),
        [b'/', path @ ..] => path,
        _ => return None,
    };
    let (path, has_slash) = match path {
        b"" => return Some((b"", true)),
        [path @ .., b'/'] => (path, true),
        path => (path, false),
    };
    let mut names = path.split(|&byte| byte == b'/');
    names.all(|name| !name.is_empty() && !name.starts_with(b".")).then_some((path, has_slash))
}

/// The page's number: that of the query's first `page=`, a whole number without leading
/// zeros; 1 without one. Other parts of the query mean nothing.
fn page_number(query: &[u8]) -> Option<usize> {
    let mut parts = query.split(|&byte| byte == b'&');
    let Some(digits) = parts.find_map(|part| part.strip_prefix(b"page=")) else {
        return Some(1);
    };
    decimal::parse_canonical(digits)?.try_into().ok().filter(|&number| number > 0)
}

impl From<Failure> for GalleryError {
    fn from(failure: Failure) -> Self {
        Self { failure, detail: String::new() }
    }
}

impl From<(Failure, String)> for GalleryError {
    fn from((failure, detail): (Failure, String)) -> Self {
        Self { failure, detail }
    }
}

impl From<PhotoError> for GalleryError {
    fn from(none: PhotoError) -> Self {
        match none {
            PhotoError::Missing => Failure::NoGallery.into(),
            PhotoError::Unreadable(error) => error.into(),
        }
    }
}

impl From<Errno> for GalleryError {
    fn from(error: Errno) -> Self {
        (Failure::GalleryUnreadable, error.to_string()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::{gallery, page_number};

    #[test]
    fn an_address_names_a_gallery() {
        for (path, want) in [
            ("/gallery", Some(("", false))),
            ("/gallery/", Some(("", true))),
            ("/gallery/a", Some(("a", false))),
            ("/gallery/a b/c/", Some(("a b/c", true))),
            ("/gallery/a.b/", Some(("a.b", true))),
            ("/gallerya", None),
            ("/gallery/.a/", None),
            ("/gallery/a/.b", None),
            ("/gallery/a//", None),
            ("/gallery//a/", None),
        ] {
            let want = want.map(|(name, slash): (&str, bool)| (name.as_bytes(), slash));
            assert_eq!(gallery(path.as_bytes()), want, "{path}");
        }
    }

    #[test]
    fn a_query_names_a_page() {
        for (query, want) in [
            ("", Some(1)),
            ("page=1", Some(1)),
            ("page=20", Some(20)),
            ("utm=x&page=3&page=4", Some(3)),
            ("pages=3", Some(1)),
            ("page", Some(1)),
            ("page=", None),
            ("page=0", None),
            ("page=01", None),
            ("page=+1", None),
            ("page=-1", None),
            ("page=%31", None),
            ("page=1.0", None),
            ("page=99999999999999999999999", None),
        ] {
            assert_eq!(page_number(query.as_bytes()), want, "{query}");
        }
    }
}
