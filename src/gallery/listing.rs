//! What is on one page of a gallery: names, and how many there are in all.

use std::vec::Vec;

use rustix::io::Errno;

use crate::settings::keys::Settings;

use crate::gallery::folder::{Folder, Kind};
use crate::gallery::top_k::{Name, PAGE, Selection};

/// The names on a page.
pub(super) struct Listing<'a> {
    /// Path of the gallery below `galleries`; empty for the list of all.
    pub(super) gallery: &'a [u8],
    /// The page's number, from 1.
    pub(super) number: usize,
    pub(super) galleries: Vec<Name>,
    pub(super) photos: Vec<Name>,
    /// Photos on all pages.
    pub(super) photo_count: usize,
    gallery_count: usize,
}

impl<'a> Listing<'a> {
    /// Reads page number `number` of the gallery.
    pub(super) fn read(
        folder: &Folder<'_>,
        gallery: &'a [u8],
        settings: &Settings<'_>,
        number: usize,
    ) -> Result<Self, Errno> {
        let pages = settings.gallery_pages;
        // What lies beside the galleries is in none, and has no address.
        let has_photos = !gallery.is_empty() && pages.allow(gallery);
        let skip = (number - 1).saturating_mul(PAGE);
        let room = usize::try_from(settings.memory_bytes).unwrap_or(usize::MAX) / SHARES;
        let (mut galleries, mut photos) = (Selection::new(skip, room), Selection::new(skip, room));
        loop {
            folder.read(|kind, name| match kind {
                Kind::Gallery if pages.lead_to(&folder.path_of(name)) => galleries.see(name),
                Kind::Photo if has_photos => photos.see(name),
                _ => {}
            })?;
            // Both have to be asked, as both then make ready for another reading.
            if !(galleries.needs_more() | photos.needs_more()) {
                break;
            }
        }
        Ok(Self {
            gallery,
            number,
            gallery_count: galleries.count(),
            photo_count: photos.count(),
            galleries: galleries.into_names(),
            photos: photos.into_names(),
        })
    }

    /// How many pages there are, at least 1.
    pub(super) fn pages(&self) -> usize {
        self.gallery_count.max(self.photo_count).div_ceil(PAGE).max(1)
    }
}

/// Of these parts of the setting `memory`, names of galleries take one and those of photos
/// another; the program with all else that a page needs has the rest.
const SHARES: usize = 8;
