//! The names on one page of a gallery, and how many there are on all pages.

use std::vec::Vec;

use rustix::io::Errno;

use crate::settings::keys::Settings;

use crate::gallery::folder::{Folder, Kind};
use crate::gallery::top_k::{Name, PAGE, TopK};

/// The names on a page.
pub(super) struct Listing<'a> {
    /// Path of the gallery below `galleries`; empty for the list of all galleries.
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
    /// Lists page `number` of the gallery.
    pub(super) fn read(
        folder: &Folder<'_>,
        gallery: &'a [u8],
        settings: &Settings<'_>,
        number: usize,
    ) -> Result<Self, Errno> {
        let pages = settings.gallery_pages;
        // A photo outside all galleries has no address.
        let has_photos = !gallery.is_empty() && pages.allow(gallery);
        let skip = (number - 1).saturating_mul(PAGE);
        let memory = usize::try_from(settings.memory_bytes).unwrap_or(usize::MAX) / SHARES;
        let (mut galleries, mut photos) = (TopK::new(skip, memory), TopK::new(skip, memory));
        loop {
            folder.read(|kind, name| match kind {
                Kind::Gallery if pages.lead_to(&folder.path_of(name)) => galleries.see(name),
                Kind::Photo if has_photos => photos.see(name),
                _ => {}
            })?;
            // Not `||`: each call also prepares for the next pass.
            if !(galleries.needs_more() | photos.needs_more()) {
                break;
            }
        }
        Ok(Self {
            gallery,
            number,
            gallery_count: galleries.count,
            photo_count: photos.count,
            galleries: galleries.into_names(),
            photos: photos.into_names(),
        })
    }

    /// The number of pages, at least 1.
    pub(super) fn pages(&self) -> usize {
        self.gallery_count.max(self.photo_count).div_ceil(PAGE).max(1)
    }
}

/// Names of galleries may take one of this many shares of the setting `memory`, and names of
/// photos another; the rest is for the program and all else that a page needs.
const SHARES: usize = 8;
