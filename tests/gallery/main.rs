//! Gallery pages, as the executable makes them out of folders of photos.

#[path = "../util/folder.rs"]
mod folder;
mod pages;
mod template;
#[path = "../util/thumbnails.rs"]
mod thumbnails;
