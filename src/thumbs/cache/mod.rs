//! Finished thumbnails on disk.

pub mod entry;
pub mod store;
