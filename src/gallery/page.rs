//! The values of a gallery page: what the template's names stand for.

use core::fmt::{self, Write};
use std::string::String;
use std::vec::Vec;

use crate::settings::keys::Settings;
use crate::template::{Values, Visit};

use crate::gallery::address::{Signer, Thumb, encoded};
use crate::gallery::dimensions::Probe;
use crate::gallery::folder::{Folder, Overview};
use crate::gallery::listing::Listing;
use crate::gallery::photos::{Cover, Photo, Studio};
use crate::gallery::top_k::Name;

/// A page of a gallery.
pub(super) struct Page<'a> {
    mount: String,
    /// Path of the gallery below `galleries`.
    path: &'a [u8],
    number: usize,
    last: usize,
    photo_count: usize,
    galleries: Vec<Gallery>,
    photos: Vec<Photo>,
}

/// A gallery in this one.
struct Gallery {
    name: Name,
    photo_count: usize,
    cover: Option<Cover>,
}

impl<'a> Page<'a> {
    /// The page with what is listed; `mount` stands in front of every address.
    pub(super) fn new(
        mount: String,
        folder: &Folder<'_>,
        listing: Listing<'a>,
        settings: &Settings<'_>,
        signer: &Signer<'_>,
        probe: Probe,
    ) -> Self {
        let studio = Studio { settings, signer, probe };
        let last = listing.pages();
        let photos = studio.photos(folder, &listing);
        let gallery = |name: Name| {
            let path = folder.path_of(&name);
            // One that only leads to others shows nothing of itself.
            let overview = settings.gallery_pages.allow(&path).then(|| folder.overview(&name));
            let Overview { count, first } = overview.unwrap_or_default();
            let cover = first.map(|(photo, stamp)| studio.cover(&path, &photo, &stamp));
            Gallery { name, photo_count: count, cover }
        };
        Self {
            mount,
            path: listing.gallery,
            number: listing.number,
            last,
            photo_count: listing.photo_count,
            galleries: listing.galleries.into_iter().map(gallery).collect(),
            photos,
        }
    }

    /// The address of the gallery at `path`.
    fn write_href(&self, path: &[u8], out: &mut dyn Write) -> fmt::Result {
        let slash = if path.is_empty() { "" } else { "/" };
        write!(out, "{}/gallery/{}{slash}", self.mount, encoded(path))
    }

    fn write_page(&self, number: usize, out: &mut dyn Write) -> fmt::Result {
        if !(1..=self.last).contains(&number) {
            return Ok(());
        }
        self.write_href(self.path, out)?;
        if number == 1 { Ok(()) } else { write!(out, "?page={number}") }
    }

    /// The address of a thumbnail of the photo that these names lead to from here.
    fn write_thumb(&self, thumb: &Thumb, names: &[&[u8]], out: &mut dyn Write) -> fmt::Result {
        write!(out, "{}{thumb}{}", self.mount, encoded(self.path))?;
        names.iter().enumerate().try_for_each(|(index, name)| {
            let slash = if index == 0 && self.path.is_empty() { "" } else { "/" };
            write!(out, "{slash}{}", encoded(name))
        })
    }

    /// Writes thumbnails with their widths. Encoded, none has a space or a comma at its end.
    fn write_srcset(
        &self,
        (small, width): (&Thumb, u32),
        large: Option<(&Thumb, u32)>,
        names: &[&[u8]],
        out: &mut dyn Write,
    ) -> fmt::Result {
        self.write_thumb(small, names, out)?;
        write!(out, " {width}w")?;
        let Some((large, width)) = large else { return Ok(()) };
        out.write_str(", ")?;
        self.write_thumb(large, names, out)?;
        write!(out, " {width}w")
    }
}

impl Values for Page<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        match name {
            "mount" => out.write_str(&self.mount),
            "name" => write_text(last_name(self.path), out),
            "count" => write_count(self.photo_count, out),
            "unmade" => write_count(self.photos.iter().filter(|photo| !photo.is_made).count(), out),
            _ => Ok(()),
        }
    }

    fn each(&self, name: &str, visit: Visit<'_>) -> fmt::Result {
        match name {
            "crumbs" if !self.path.is_empty() => {
                let ends = (0..self.path.len()).filter(|&at| self.path[at] == b'/');
                let mut crumbs = core::iter::once(0).chain(ends);
                crumbs.try_for_each(|end| visit(&Crumb { page: self, path: &self.path[..end] }))
            }
            "galleries" => {
                let mut entries = self.galleries.iter();
                entries.try_for_each(|gallery| visit(&GalleryEntry { page: self, gallery }))
            }
            "photos" => {
                let mut entries = self.photos.iter();
                entries.try_for_each(|photo| visit(&PhotoEntry { page: self, photo }))
            }
            "paging" if self.last > 1 => visit(&Paging(self)),
            _ => Ok(()),
        }
    }
}

/// A gallery around this one.
struct Crumb<'p> {
    page: &'p Page<'p>,
    path: &'p [u8],
}

impl Values for Crumb<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        match name {
            "href" => self.page.write_href(self.path, out),
            "name" => write_text(last_name(self.path), out),
            _ => Ok(()),
        }
    }

    fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
        Ok(())
    }
}

struct GalleryEntry<'p> {
    page: &'p Page<'p>,
    gallery: &'p Gallery,
}

impl Values for GalleryEntry<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        match name {
            "href" => {
                self.page.write_href(self.page.path, out)?;
                write!(out, "{}/", encoded(&self.gallery.name))
            }
            "name" => write_text(&self.gallery.name, out),
            "count" => write_count(self.gallery.photo_count, out),
            _ => Ok(()),
        }
    }

    fn each(&self, name: &str, visit: Visit<'_>) -> fmt::Result {
        match (&self.gallery.cover, name) {
            (Some(cover), "cover") => {
                visit(&CoverEntry { page: self.page, gallery: &self.gallery.name, cover })
            }
            _ => Ok(()),
        }
    }
}

struct CoverEntry<'p> {
    page: &'p Page<'p>,
    gallery: &'p [u8],
    cover: &'p Cover,
}

impl Values for CoverEntry<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        let Cover { photo, small, large, widths } = self.cover;
        let path = [self.gallery, photo];
        match name {
            "src" => self.page.write_thumb(small, &path, out),
            "srcset" => {
                let large = large.as_ref().map(|large| (large, widths.1));
                self.page.write_srcset((small, widths.0), large, &path, out)
            }
            _ => Ok(()),
        }
    }

    fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
        Ok(())
    }
}

struct PhotoEntry<'p> {
    page: &'p Page<'p>,
    photo: &'p Photo,
}

impl Values for PhotoEntry<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        let Photo { name: file, width, height, small, large, view, .. } = self.photo;
        let path = [&**file];
        match name {
            "name" => write_text(without_ending(file), out),
            "file" => write_text(file, out),
            "href" => self.page.write_thumb(view, &path, out),
            "src" => self.page.write_thumb(small, &path, out),
            "srcset" => {
                let large = large.as_ref().map(|(large, width)| (large, *width));
                self.page.write_srcset((small, *width), large, &path, out)
            }
            "width" => write!(out, "{width}"),
            "height" => write!(out, "{height}"),
            _ => Ok(()),
        }
    }

    fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
        Ok(())
    }
}

struct Paging<'p>(&'p Page<'p>);

impl Values for Paging<'_> {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        let Page { number, last, .. } = self.0;
        match name {
            "page" => write!(out, "{number}"),
            "pages" => write!(out, "{last}"),
            "previous" => self.0.write_page(number - 1, out),
            "next" => self.0.write_page(number + 1, out),
            _ => Ok(()),
        }
    }

    fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Writes a name as text; what is not UTF-8 in it becomes the mark for that.
fn write_text(name: &[u8], out: &mut dyn Write) -> fmt::Result {
    name.utf8_chunks().try_for_each(|chunk| {
        out.write_str(chunk.valid())?;
        out.write_str(if chunk.invalid().is_empty() { "" } else { "\u{fffd}" })
    })
}

fn write_count(count: usize, out: &mut dyn Write) -> fmt::Result {
    if count == 0 { Ok(()) } else { write!(out, "{count}") }
}

fn last_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

fn without_ending(file: &[u8]) -> &[u8] {
    file.iter().rposition(|&byte| byte == b'.').map_or(file, |dot| &file[..dot])
}
