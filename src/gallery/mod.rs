//! Gallery pages: folders of photos as pages of signed thumbnails, made on request.
//!
//! ```text
//! mod        is this gallery public, and which page is requested?
//! listing    what is on that page          folder, top_k
//! photos     sizes, signed addresses       dimensions, sizes, address
//! page       the template's values
//! reply      rendered and sent in pieces
//! ```
//!
//! Memory holds the names, signatures and sizes of one page. No photo is decoded; the header
//! of a new photo is read. Galleries and photos are ordered bytewise by name, 100 of each on a
//! page.

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
use crate::error::RequestError;
use crate::settings::keys::{Secrets, Settings};
use crate::site::record::GALLERIES;
use crate::template::Template;
use crate::thumbs::photo::PhotoError;

use folder::Root;
use listing::Listing;
use page::Page;
use photos::Thumbnailer;

/// The default template.
const TEMPLATE: &[u8] = include_bytes!("template.html");

/// The answer to a request for a gallery.
#[expect(clippy::large_enum_variant, reason = "one value per request")]
pub enum Gallery<'a> {
    /// The page.
    Page(Rendered<'a>),
    /// The page is at the same address with a slash at the end.
    Moved,
}

/// Why there is no page.
#[derive(Debug)]
pub struct GalleryError {
    /// Decides the reply and the log line's code.
    pub failure: RequestError,
    /// Details for the log; may be empty.
    pub detail: String,
}

/// Makes the page that `target` names. `template` is the site's own, if it has one; `probe`
/// determines a photo's size from its first bytes.
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
    let (gallery, has_slash) = gallery(target.path).ok_or(RequestError::NoGallery)?;
    if !settings.gallery_pages.lead_to(gallery) {
        return Err(RequestError::GalleryOff.into());
    }
    let root = Root::open(settings.galleries)?;
    let folder = root.folder(gallery)?;
    if !has_slash {
        return Ok(Gallery::Moved);
    }
    // Without a secret every thumbnail on the page would be a 403.
    let key = secrets.keys().next().ok_or(RequestError::NoSecret)?;
    let number = page_number(target.query).ok_or(RequestError::NoPage)?;
    let template = Template::parse(template.unwrap_or(TEMPLATE)).map_err(|error| GalleryError {
        failure: RequestError::Template,
        detail: format!("line {}: {error}", error.line),
    })?;
    let listing = Listing::read(&folder, gallery, settings, number)?;
    if number > listing.pages() {
        return Err(RequestError::NoPage.into());
    }
    let thumbnailer = Thumbnailer { settings, key, probe };
    let mount = address::mount(target.mount);
    let page = Page::new(mount, &folder, listing, &thumbnailer);
    Ok(Gallery::Page(Rendered::new(template, page)))
}

/// The gallery's path below `galleries`, from the path of an address, and whether that ends in
/// a slash. `None` if no gallery can have this path.
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

/// The page's number, from 1: the value of the first `page=` in the query, without leading
/// zeros; 1 if there is none. `None` if it is malformed.
fn page_number(query: &[u8]) -> Option<usize> {
    let mut parts = query.split(|&byte| byte == b'&');
    let Some(digits) = parts.find_map(|part| part.strip_prefix(b"page=")) else {
        return Some(1);
    };
    decimal::parse_canonical(digits)?.try_into().ok().filter(|&number| number > 0)
}

impl From<RequestError> for GalleryError {
    fn from(failure: RequestError) -> Self {
        Self { failure, detail: String::new() }
    }
}

impl From<PhotoError> for GalleryError {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::Missing => RequestError::NoGallery.into(),
            PhotoError::Unreadable(error) => error.into(),
        }
    }
}

impl From<Errno> for GalleryError {
    fn from(error: Errno) -> Self {
        Self { failure: RequestError::GalleryUnreadable, detail: error.to_string() }
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
