//! Gallery pages, as the executable makes them out of folders of photos.

mod pages;
mod sizes;
mod template;
