//! Atomic replacement of a file: write it under a temporary name on the same file system,
//! then rename it. Readers see the old content or all of the new, whenever the writer dies.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

/// A file under its temporary name, open for reading and writing, with mode 0666 less the
/// umask. [`commit`](Self::commit) renames it to its target; dropping it removes it.
#[derive(Debug)]
pub struct AtomicFile {
    pub(crate) file: File,
    /// The name that the file has until then.
    pub(crate) temporary: TemporaryPath,
    /// The name that the file gets when it is renamed.
    pub(crate) target: PathBuf,
}

impl AtomicFile {
    /// Starts a file that will replace `target`, as `.picosite-PID.part` in its directory. If
    /// `target` is a symbolic link, the file it points to will be replaced.
    pub fn replacing(target: &Path) -> io::Result<Self> {
        check_replaceable(target)?;
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf());
        let temporary = TemporaryPath::next_to(&target, "part");
        Self::create(temporary, target)
    }

    /// Starts a file under the name `temporary`. The caller guarantees that no other process is
    /// writing that name: what a killed one left there is removed, links included.
    pub fn create(temporary: TemporaryPath, target: PathBuf) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        let file = match options.open(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                fs::remove_file(&temporary)?;
                options.open(&temporary)
            }
            opened => opened,
        };
        Ok(Self { file: file?, temporary, target })
    }

    /// Flushes the file to disk and renames it: after a power cut, the name never stands for
    /// an empty or incomplete file.
    pub fn commit(self) -> io::Result<()> {
        self.file.sync_all()?;
        self.rename()
    }

    /// Renames the file without flushing it, for callers that have flushed it, or whose
    /// readers detect incomplete content.
    pub fn rename(mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.target)?;
        // Nothing is left to remove, not even for an instant before somebody reuses the name.
        self.temporary.0.clear();
        Ok(())
    }
}

/// The path of a temporary file, which is removed when this is dropped.
#[derive(Debug)]
pub struct TemporaryPath(PathBuf);

impl TemporaryPath {
    /// `.picosite-PID.EXTENSION` in the directory of `target`: unique among running processes,
    /// and short enough for any file system however long the target's name is.
    pub fn next_to(target: &Path, extension: &str) -> Self {
        Self(target.with_file_name(std::format!(".picosite-{}.{extension}", process::id())))
    }
}

impl From<PathBuf> for TemporaryPath {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}

impl AsRef<Path> for TemporaryPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryPath {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            // The file may never have been created.
            let _ = fs::remove_file(&self.0);
        }
    }
}

/// Checks that `target` is a regular file or does not exist: a rename would destroy a device or a
/// pipe, and cannot replace a directory.
pub fn check_replaceable(target: &Path) -> io::Result<()> {
    match fs::metadata(target) {
        Ok(metadata) if !metadata.is_file() => {
            let text = "not a regular file, so it would be lost if replaced";
            Err(io::Error::new(ErrorKind::InvalidInput, text))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{AtomicFile, TemporaryPath, check_replaceable};
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};
    use std::vec::Vec;
    use tempfile::TempDir;

    fn names(folder: &TempDir) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_target_is_replaced_by_a_commit_only() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "old").unwrap();
        let mut dropped = AtomicFile::replacing(&target).unwrap();
        dropped.file.write_all(b"half").unwrap();
        assert_eq!(names(&folder).len(), 2);
        drop(dropped);
        assert_eq!(names(&folder), [Path::new("target")]);
        assert_eq!(fs::read(&target).unwrap(), b"old");
        let mut committed = AtomicFile::replacing(&target).unwrap();
        committed.file.write_all(b"new").unwrap();
        committed.commit().unwrap();
        assert_eq!(names(&folder), [Path::new("target")]);
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn a_link_to_the_target_stays_a_link() {
        let folder = TempDir::new().unwrap();
        let [target, link] = ["target", "link"].map(|name| folder.path().join(name));
        fs::write(&target, "old").unwrap();
        symlink(&target, &link).unwrap();
        AtomicFile::replacing(&link).unwrap().commit().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"");
    }

    #[test]
    fn a_leftover_or_a_link_under_the_temporary_name_is_removed_not_followed() {
        let folder = TempDir::new().unwrap();
        let [target, precious, temporary] =
            ["target", "precious", "temporary"].map(|name| folder.path().join(name));
        fs::write(&precious, "precious").unwrap();
        symlink(&precious, &temporary).unwrap();
        let mut file = AtomicFile::create(temporary.into(), target.clone()).unwrap();
        file.file.write_all(b"new").unwrap();
        file.rename().unwrap();
        assert_eq!(fs::read(&precious).unwrap(), b"precious");
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn only_regular_files_are_replaced() {
        let folder = TempDir::new().unwrap();
        assert!(check_replaceable(folder.path()).is_err());
        assert!(check_replaceable(Path::new("/dev/null")).is_err());
        assert!(check_replaceable(&folder.path().join("new")).is_ok());
        let long = folder.path().join("n".repeat(255));
        assert!(TemporaryPath::next_to(&long, "part").as_ref().file_name().unwrap().len() < 40);
    }
}
