//! Gallery pages, as the executable makes them out of folders of photos.

#[path = "../util/folder.rs"]
mod folder;
mod template;
