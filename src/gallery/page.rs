//! The values of a gallery page: what the template's names are replaced by.

use core::fmt::{self, Write};
use std::string::String;
use std::vec::Vec;

use crate::template::{
    CoverName, CrumbName, GalleryName, PageName, PagingName, PhotoName, Sink, Values,
};

use crate::gallery::address::encoded;
use crate::gallery::folder::{Folder, Overview};
use crate::gallery::listing::Listing;
use crate::gallery::photos::{Cover, Photo, Sources, Thumbnailer};
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
    /// The page that shows `listing`; `mount` precedes every address.
    pub(super) fn new(
        mount: String,
        folder: &Folder<'_>,
        listing: Listing<'a>,
        thumbnailer: &Thumbnailer<'_>,
    ) -> Self {
        let last = listing.pages();
        let photos = thumbnailer.photos(folder, &listing);
        let gallery = |name: Name| {
            let path = folder.path_of(&name);
            // A gallery without pages is only listed for those inside it.
            let has_pages = thumbnailer.settings.gallery_pages.allow(&path);
            let overview = has_pages.then(|| folder.overview(&name));
            let Overview { count, first } = overview.unwrap_or_default();
            let cover = first.map(|(photo, stamp)| thumbnailer.cover(&path, &photo, &stamp));
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

    /// Writes the address of the gallery at `path`.
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

    /// Writes the address of a thumbnail; `names` is the photo's path from this gallery.
    fn write_thumb(&self, thumb: &str, names: &[&[u8]], out: &mut dyn Write) -> fmt::Result {
        write!(out, "{}{thumb}{}", self.mount, encoded(self.path))?;
        names.iter().enumerate().try_for_each(|(index, name)| {
            let slash = if index == 0 && self.path.is_empty() { "" } else { "/" };
            write!(out, "{slash}{}", encoded(name))
        })
    }

    /// Writes thumbnails with their widths. Encoded addresses contain no space and end in no
    /// comma, so they need no escape in `srcset`.
    fn write_srcset(
        &self,
        Sources { small, large }: &Sources,
        names: &[&[u8]],
        out: &mut dyn Write,
    ) -> fmt::Result {
        self.write_thumb(&small.0, names, out)?;
        write!(out, " {}w", small.1)?;
        let Some((large, width)) = large else { return Ok(()) };
        out.write_str(", ")?;
        self.write_thumb(large, names, out)?;
        write!(out, " {width}w")
    }
}

impl Values for Page<'_> {
    type Name = PageName;

    fn write(&self, name: PageName, out: &mut dyn Sink) -> fmt::Result {
        let mut galleries = self.galleries.iter();
        let mut photos = self.photos.iter();
        match name {
            PageName::Mount => out.write_str(&self.mount),
            PageName::Name => write_text(last_name(self.path), out),
            PageName::Count => write_count(self.photo_count, out),
            PageName::Unmade => write_count(photos.filter(|photo| !photo.is_made).count(), out),
            PageName::Crumbs if self.path.is_empty() => Ok(()),
            PageName::Crumbs => {
                let ends = (0..self.path.len()).filter(|&at| self.path[at] == b'/');
                let mut paths = core::iter::once(0).chain(ends).map(|end| &self.path[..end]);
                paths.try_for_each(|path| out.entry(&Entry(self, path)))
            }
            PageName::Galleries => {
                galleries.try_for_each(|gallery| out.entry(&Entry(self, gallery)))
            }
            PageName::Photos => photos.try_for_each(|photo| out.entry(&Entry(self, photo))),
            PageName::Paging if self.last == 1 => Ok(()),
            PageName::Paging => out.entry(&Entry(self, ())),
        }
    }
}

/// An entry of a list on the page.
struct Entry<'p, T>(&'p Page<'p>, T);

/// A gallery around this one, by its path.
impl Values for Entry<'_, &[u8]> {
    type Name = CrumbName;

    fn write(&self, name: CrumbName, out: &mut dyn Sink) -> fmt::Result {
        match name {
            CrumbName::Href => self.0.write_href(self.1, out),
            CrumbName::Name => write_text(last_name(self.1), out),
        }
    }
}

impl Values for Entry<'_, &Gallery> {
    type Name = GalleryName;

    fn write(&self, name: GalleryName, out: &mut dyn Sink) -> fmt::Result {
        let &Self(page, Gallery { name: folder, photo_count, cover }) = self;
        match name {
            GalleryName::Href => {
                page.write_href(page.path, out)?;
                write!(out, "{}/", encoded(folder))
            }
            GalleryName::Name => write_text(folder, out),
            GalleryName::Count => write_count(*photo_count, out),
            GalleryName::Cover => {
                cover.iter().try_for_each(|cover| out.entry(&Entry(page, (&**folder, cover))))
            }
        }
    }
}

/// The cover of the gallery with this name.
impl Values for Entry<'_, (&[u8], &Cover)> {
    type Name = CoverName;

    fn write(&self, name: CoverName, out: &mut dyn Sink) -> fmt::Result {
        let &Self(page, (gallery, Cover { photo, sources })) = self;
        let path = [gallery, photo];
        match name {
            CoverName::Src => page.write_thumb(&sources.small.0, &path, out),
            CoverName::Srcset => page.write_srcset(sources, &path, out),
        }
    }
}

impl Values for Entry<'_, &Photo> {
    type Name = PhotoName;

    fn write(&self, name: PhotoName, out: &mut dyn Sink) -> fmt::Result {
        let &Self(page, Photo { name: file, sources, height, view, .. }) = self;
        let path = [&**file];
        match name {
            PhotoName::Name => write_text(without_ending(file), out),
            PhotoName::File => write_text(file, out),
            PhotoName::Href => page.write_thumb(view, &path, out),
            PhotoName::Src => page.write_thumb(&sources.small.0, &path, out),
            PhotoName::Srcset => page.write_srcset(sources, &path, out),
            PhotoName::Width => write!(out, "{}", sources.small.1),
            PhotoName::Height => write!(out, "{height}"),
        }
    }
}

/// The links between the pages of this gallery.
impl Values for Entry<'_, ()> {
    type Name = PagingName;

    fn write(&self, name: PagingName, out: &mut dyn Sink) -> fmt::Result {
        let page @ Page { number, last, .. } = self.0;
        match name {
            PagingName::Page => write!(out, "{number}"),
            PagingName::Pages => write!(out, "{last}"),
            PagingName::Previous => page.write_page(number - 1, out),
            PagingName::Next => page.write_page(number + 1, out),
        }
    }
}

/// Writes a name, with U+FFFD in place of what is not UTF-8.
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
