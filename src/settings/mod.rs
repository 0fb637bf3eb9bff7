//! Settings: `key = value` lines and variables, and where they come from.

pub mod keys;
pub mod load;
pub mod pages;
pub mod secrets;
mod value;
