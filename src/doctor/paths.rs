//! Paths, as findings name them, and their modes.

use std::ffi::OsStr;
use std::format;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::string::String;

use crate::sys::exe_dir;
use crate::sys::exe_dir::PATH_MAX;

/// The mode bit that lets others write (`chmod(2)`).
pub(super) const OTHERS_WRITE: u32 = 0o002;

/// The absolute path of a file or folder that a setting names.
pub(super) fn absolute(path: &[u8]) -> PathBuf {
    let mut storage = [0; PATH_MAX];
    let whole = exe_dir::path(&[path], &mut storage).map_or(path, |whole| whole.to_bytes());
    PathBuf::from(OsStr::from_bytes(whole))
}

/// A path as one word of a shell command.
pub(super) fn word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%:".contains(c);
    if text.chars().all(plain) && !text.starts_with('-') {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::word;
    use std::path::Path;

    #[test]
    fn a_path_is_one_shell_word() {
        for (path, want) in [("/a/b-c.d", "/a/b-c.d"), ("/a b", "'/a b'"), ("-x", "'-x'")] {
            assert_eq!(word(Path::new(path)), want);
        }
        assert_eq!(word(Path::new("/it's; rm $x")), r"'/it'\''s; rm $x'");
    }
}
