//! The site of the tests: `tests/site/`, and one file too long for git, packed.
#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::folder::Folder;

/// Every file's time: 2023-11-14 22:13:20 UTC.
const MODIFIED: Duration = Duration::from_secs(1_700_000_000);

/// The length of `large.bin`: several times what a pipe holds (64 KiB), so that writing
/// it takes more than one go.
const LARGE: usize = 300_000;

/// The folder with the site's sources.
pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site")
}

/// The site in the file `site.cdb` of a new folder, which goes when this process ends.
pub(crate) fn packed() -> PathBuf {
    let folder = Folder::new().until_the_end();
    let scratch = folder.join("site");
    copy(&sources(), &scratch);
    write(&scratch.join("large.bin"), &large());
    let cdb = folder.join("site.cdb");
    picosite::pack::pack(&scratch, &cdb, None).expect("the tests' site has no mistake");
    cdb
}

/// What is in `large.bin`: bytes that no compressor makes shorter (xorshift32).
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
