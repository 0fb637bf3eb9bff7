//! The cache of thumbnails on disk.

pub mod entry;
pub mod store;
