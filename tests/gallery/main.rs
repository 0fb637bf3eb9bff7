//! Gallery pages, as the executable makes them out of folders of photos.

#[path = "../util/folder.rs"]
mod folder;
mod pages;
mod sizes;
mod template;
#[path = "../util/thumbnails.rs"]
mod thumbnails;
#[path = "../util/watch.rs"]
mod watch;
