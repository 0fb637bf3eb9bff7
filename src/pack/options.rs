//! The options of a pack.

use crate::pack::compress::{Effort, Forms};

#[derive(Default)]
pub struct Options<'a> {
    /// The upper limit of modification times, in seconds since 1970 (`SOURCE_DATE_EPOCH`).
    pub latest: Option<u64>,
    /// An earlier pack whose compressed forms are reused for unchanged files.
    pub earlier: Option<Earlier<'a>>,
    /// Called after each file.
    pub progress: Option<&'a mut dyn FnMut(Progress)>,
}

/// The compressed forms of an earlier pack.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// The effort they were made with: forms of another effort are not reused.
    pub effort: Effort,
    /// Finds the forms of a file with this name and content.
    pub forms: &'a (dyn Fn(&str, &[u8]) -> Option<Forms> + Sync),
}

/// How much is packed, of how much.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub files: usize,
    pub all_files: usize,
    pub bytes: u64,
    pub all_bytes: u64,
}
