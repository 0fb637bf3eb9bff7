//! The options of a pack.

use std::vec::Vec;

use crate::pack::compress::Effort;
use crate::pack::{compress, special};

/// How to pack.
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

/// A file's compressed forms. One that does not save a tenth is absent.
#[derive(Debug)]
pub struct Forms {
    /// Brotli.
    pub br: Option<Vec<u8>>,
    /// Gzip.
    pub gzip: Option<Vec<u8>>,
}

/// The progress of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The number of packed files.
    pub files: usize,
    /// The number of files of the site.
    pub all_files: usize,
    /// The total length of the packed files in bytes.
    pub bytes: u64,
    /// The total length of all files in bytes.
    pub all_bytes: u64,
}

impl Forms {
    /// Compresses a file.
    pub(super) fn of(name: &str, body: &[u8], effort: Effort) -> Self {
        let served = !special::ALL.contains(&name);
        let worth_it = served && compress::may_shrink(name, body);
        Self {
            br: worth_it.then(|| compress::brotli(body)).flatten(),
            gzip: worth_it.then(|| compress::gzip(body, effort)).flatten(),
        }
    }

    /// Whether they decompress to `body`: the earlier pack may be damaged.
    pub(super) fn are_of(&self, body: &[u8]) -> bool {
        self.br.as_ref().is_none_or(|form| compress::is_brotli_of(form, body))
            && self.gzip.as_ref().is_none_or(|form| compress::is_gzip_of(form, body))
    }
}
