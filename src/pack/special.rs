//! The four files at the top of the tree that configure picosite and are not served.

/// Header fields of assets.
pub(super) const HEADERS: &str = "_headers";
/// Redirects and rewrites.
pub(super) const REDIRECTS: &str = "_redirects";
/// The compiled-in settings.
pub(super) const SETTINGS: &str = "_picosite";
/// The template for gallery pages.
pub(super) const GALLERY: &str = "_gallery.html";

pub(super) const ALL: [&str; 4] = [HEADERS, REDIRECTS, SETTINGS, GALLERY];
