//! What the site's owner can set, and where it is read from.

pub mod keys;
pub mod load;
pub mod pages;
pub mod secrets;
mod value;
