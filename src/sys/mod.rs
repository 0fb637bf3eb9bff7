//! What the operating system offers, as byte strings and numbers. `unsafe` is allowed in files
//! of this folder alone, each of which says so at its top.

pub mod arena;
pub mod atomic_file;
pub mod beneath;
pub mod clock;
pub mod embedded;
pub mod exe_dir;
pub mod fault;
pub mod file;
mod process;
pub mod start;
pub mod stat;

pub use file::read;
pub use process::{Process, Strings};
