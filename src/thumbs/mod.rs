//! Signed thumbnails: from an address to a cache entry.

pub mod address;
pub mod cache;
pub mod make;
pub mod photo;
pub mod queue;
pub mod reply;
pub mod resolve;
