//! The tests' site, packed: `tests/site`, and one file that is too long for git.
#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::folder::Folder;

/// The modification time of every file: 2023-11-14 22:13:20 UTC.
const MODIFIED: Duration = Duration::from_secs(1_700_000_000);

/// The length of `large.bin` in bytes: several times a pipe's capacity (64 KiB), so that one
/// write is not enough.
const LARGE: usize = 300_000;

/// The folder with the site's sources.
pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site")
}

/// The packed site, `site.cdb` in a new folder that is removed when this process ends.
pub(crate) fn packed() -> PathBuf {
    let folder = Folder::new().until_the_end();
    let scratch = folder.join("site");
    copy(&sources(), &scratch);
    write(&scratch.join("large.bin"), &large());
    let cdb = folder.join("site.cdb");
    picosite::facade::pack::pack(&scratch, &cdb, None).expect("the tests' site has no mistake");
    cdb
}

/// The content of `large.bin`: incompressible bytes (xorshift32).
pub(crate) fn large() -> Vec<u8> {
    let mut state = 2_463_534_242_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(LARGE).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the scratch folder is ours");
    for entry in fs::read_dir(from).expect("tests/site/ is there") {
        let entry = entry.expect("tests/site/ is readable");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            write(&to, &fs::read(entry.path()).expect("a file of tests/site/ is readable"));
        }
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("the scratch folder is ours");
    let file = File::options().write(true).open(path).expect("it was just written");
    file.set_modified(SystemTime::UNIX_EPOCH + MODIFIED).expect("it is ours");
}
