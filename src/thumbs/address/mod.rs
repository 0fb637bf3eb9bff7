//! The segments of a thumbnail's address.

pub mod geometry;
pub mod signature;
pub mod transform;
