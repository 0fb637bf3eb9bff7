//! The segments of a thumbnail's address: `/thumb/SIGNATURE/TRANSFORM/GALLERY/IMAGE`.

pub mod geometry;
pub mod signature;
pub mod transform;
