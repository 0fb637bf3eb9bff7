//! What may be said about a pack besides its folder and its file.

use std::vec::Vec;

use crate::pack::compress::Effort;
use crate::pack::{compress, special};

/// How to pack.
#[derive(Default)]
pub struct Options<'a> {
    /// Files changed after so many seconds since 1970 count as changed then
    /// (`SOURCE_DATE_EPOCH`).
    pub latest: Option<u64>,
    /// The forms of a file, by its name and bytes, where an earlier pack had just these.
    pub earlier: Option<Earlier<'a>>,
    /// Is told after each file how far it is.
    pub progress: Option<&'a mut dyn FnMut(Progress)>,
}

/// A look into an earlier pack.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// What its forms were made with: those of another effort are not taken.
    pub effort: Effort,
    /// Name and bytes of a file to its compressed forms.
    pub forms: &'a (dyn Fn(&str, &[u8]) -> Option<Forms> + Sync),
}

/// A file's compressed forms; one that does not save a tenth is absent.
#[derive(Debug)]
pub struct Forms {
    /// Brotli.
    pub br: Option<Vec<u8>>,
    /// Gzip.
    pub gzip: Option<Vec<u8>>,
}

/// How far a pack is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many files are packed.
    pub files: usize,
    /// How many there are.
    pub all_files: usize,
    /// How many bytes these have.
    pub bytes: u64,
    /// How many all have.
    pub all_bytes: u64,
}

impl Forms {
    /// The forms of a file that no earlier pack had.
    pub(super) fn of(name: &str, body: &[u8], effort: Effort) -> Self {
        let served = !special::ALL.contains(&name);
        let worth_it = served && compress::may_shrink(name, body);
        Self {
            br: worth_it.then(|| compress::brotli(body)).flatten(),
            gzip: worth_it.then(|| compress::gzip(body, effort)).flatten(),
        }
    }

    /// Whether they unpack to the file: an earlier pack may have been damaged since.
    pub(super) fn are_of(&self, body: &[u8]) -> bool {
        self.br.as_ref().is_none_or(|form| compress::is_brotli_of(form, body))
            && self.gzip.as_ref().is_none_or(|form| compress::is_gzip_of(form, body))
    }
}
