//! The photos on a page and the covers of its galleries: sizes and signed addresses of their
//! thumbnails.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::settings::keys::Settings;
use crate::thumbs::address::geometry;
use crate::thumbs::address::signature::Key;
use crate::thumbs::address::transform::Transform;
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::Name as Thumbnail;
use crate::thumbs::photo;
use crate::thumbs::photo::{PhotoError, Stamp};

use crate::gallery::address::thumb;
use crate::gallery::dimensions;
use crate::gallery::dimensions::Probe;
use crate::gallery::folder::Folder;
use crate::gallery::listing::Listing;
use crate::gallery::sizes::{Size, Sizes};
use crate::gallery::top_k::Name;

/// The box of a thumbnail, in pixels, and that for screens with twice the density. The
/// template's rows are at least 13 rem high.
const SMALL: (u32, u32) = (480, 320);
const LARGE: (u32, u32) = (960, 640);

/// The box of the picture that a thumbnail links to: it fills most screens, and a small
/// machine makes it before a visitor loses patience.
const VIEW: (u32, u32) = (1600, 1600);

/// Thumbnails of one picture: the parts of their addresses that [`thumb`] makes, and their widths
/// in pixels.
pub(super) struct Sources {
    pub(super) small: (String, u32),
    /// Unless it is no wider.
    pub(super) large: Option<(String, u32)>,
}

/// A photo on a page.
pub(super) struct Photo {
    pub(super) name: Name,
    pub(super) sources: Sources,
    /// The small thumbnail's height in pixels; like its width, at least 1.
    pub(super) height: u32,
    pub(super) view: String,
    /// One of the two is in the cache, or neither ever will be.
    pub(super) is_made: bool,
}

/// The first photo of a gallery, cropped to the aspect ratio of covers. The widths are those of
/// photos that are not smaller, which few are.
pub(super) struct Cover {
    pub(super) photo: Name,
    pub(super) sources: Sources,
}

/// What the thumbnails of a page depend on.
pub(super) struct Thumbnailer<'s> {
    pub(super) settings: &'s Settings<'s>,
    pub(super) key: Key<'s>,
    pub(super) probe: Probe,
}

impl Thumbnailer<'_> {
    /// The photos of a page, except those that have been removed meanwhile.
    pub(super) fn photos(&self, folder: &Folder<'_>, listing: &Listing<'_>) -> Vec<Photo> {
        let (cache, gallery, number) = (self.settings.cache, listing.gallery, listing.number);
        let known = Sizes::load(cache, gallery, number);
        let mut sizes = Sizes::default();
        let photo = |name: &Name| {
            let mut stamp = folder.stamp(name)?;
            let path = folder.path_of(name);
            let size = match known.find(name, &stamp) {
                Some(size) => size,
                None => match self.look(&path) {
                    Ok((seen, size)) => {
                        stamp = seen;
                        size
                    }
                    Err(PhotoError::Missing) => return None,
                    // Not cached: it may be readable next time.
                    Err(PhotoError::Unreadable(_)) => {
                        return Some(self.photo(name, &path, &stamp, None));
                    }
                },
            };
            sizes.add(name, stamp, size);
            Some(self.photo(name, &path, &stamp, size))
        };
        let photos = listing.photos.iter().filter_map(photo).collect();
        if sizes != known {
            sizes.store(self.settings, gallery, number);
        }
        photos
    }

    /// Opens a photo and reads its header.
    fn look(&self, path: &[u8]) -> Result<(Stamp, Size), PhotoError> {
        let photo = photo::open(self.settings.galleries, path)?;
        // A share of the limit, which counts everything else in memory too.
        let memory = usize::try_from(self.settings.memory_bytes / 4).unwrap_or(usize::MAX);
        Ok((photo.stamp, dimensions::size(&photo.file, memory, self.probe)))
    }

    /// A photo of unknown size gets the whole box, in which the browser shows its name.
    fn photo(&self, name: &Name, path: &[u8], stamp: &Stamp, size: Size) -> Photo {
        let thumb = |side| self.sign(&self.text(side), stamp, path);
        let (width, height) = self.shown(SMALL, size.unwrap_or(SMALL));
        let (large, _) = self.shown(LARGE, size.unwrap_or(SMALL));
        let large = (large > width).then(|| (thumb(LARGE), large));
        Photo {
            name: name.clone(),
            sources: Sources { small: (thumb(SMALL), width), large },
            height,
            view: thumb(VIEW),
            is_made: size.is_none() || self.is_made(path, stamp),
        }
    }

    /// Whether no visitor will have to wait for a thumbnail: a screen loads one of the two.
    /// Without a cache everyone always waits.
    fn is_made(&self, path: &[u8], stamp: &Stamp) -> bool {
        let Settings { cache, cache_max_bytes, .. } = *self.settings;
        let is_kept = |side| {
            let name = Thumbnail::new(path, stamp, &self.transform(side));
            entry::is_there(cache, &name)
        };
        cache.is_empty() || cache_max_bytes == 0 || is_kept(SMALL) || is_kept(LARGE)
    }

    /// The cover of the gallery at `path`, whose first photo is `photo`.
    pub(super) fn cover(&self, path: &[u8], photo: &[u8], stamp: &Stamp) -> Cover {
        let path = [path, b"/", photo].concat();
        let most = self.settings.max_side_pixels;
        let thumb = |side: (u32, u32)| {
            (self.sign(&(self.text(side) + ",fill"), stamp, &path), side.0.min(most))
        };
        let large = (most > SMALL.0).then(|| thumb(LARGE));
        Cover { photo: photo.into(), sources: Sources { small: thumb(SMALL), large } }
    }

    fn sign(&self, transform: &str, stamp: &Stamp, path: &[u8]) -> String {
        thumb(&self.key, self.settings.signature_bytes, transform, stamp.modified.0, path)
    }

    /// A box as a transform, limited to `max-size`.
    fn text(&self, (width, height): (u32, u32)) -> String {
        let most = self.settings.max_side_pixels;
        format!("{}x{}", width.min(most), height.min(most))
    }

    /// The size in pixels of a thumbnail in this box.
    fn shown(&self, side: (u32, u32), photo: (u32, u32)) -> (u32, u32) {
        geometry::geometry(&self.transform(side), photo, self.settings.max_side_pixels)
            .map_or(side, |geometry| (geometry.width, geometry.height))
    }

    fn transform(&self, side: (u32, u32)) -> Transform {
        let transform = Transform::parse(self.text(side).as_bytes());
        transform.expect("two numbers from 1 to 65,535 are a size")
    }
}
