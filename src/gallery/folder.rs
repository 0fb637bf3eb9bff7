//! The content of one gallery: galleries and photos, judged by name and directory entry. No
//! photo is opened.
//!
//! Links inside the folder `galleries` are followed. Links that leave it, names that start
//! with `.`, and names with `\`, which no address may contain, are skipped.

use std::vec::Vec;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, OFlags, RawDir, SeekFrom, seek, statat};
use rustix::io::Errno;

use crate::sys::beneath::{READING, open_beneath};
use crate::sys::exe_dir;
use crate::sys::stat::Stat;
use crate::thumbs::photo::{PhotoError, Stamp, has_ending};

/// The folder `galleries`.
pub(super) struct Root(OwnedFd);

/// An open gallery.
pub(super) struct Folder<'r> {
    root: &'r Root,
    fd: OwnedFd,
    /// Its path below `galleries`; empty for `galleries` itself.
    path: Vec<u8>,
}

/// What a name in a gallery is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Gallery,
    Photo,
}

impl Root {
    pub(super) fn open(galleries: &[u8]) -> Result<Self, PhotoError> {
        if galleries.is_empty() {
            return Err(PhotoError::Missing);
        }
        Ok(Self(exe_dir::open(&[galleries], OFlags::PATH | OFlags::DIRECTORY)?))
    }

    /// Opens the gallery at `path` below `galleries`; the empty path is `galleries` itself.
    pub(super) fn folder(&self, path: &[u8]) -> Result<Folder<'_>, PhotoError> {
        let name = if path.is_empty() { b"." } else { path };
        let fd = open_beneath(self.0.as_fd(), name, OFlags::RDONLY | OFlags::DIRECTORY)?;
        Ok(Folder { root: self, fd, path: path.to_vec() })
    }
}

impl Folder<'_> {
    /// Calls `see` with every gallery and photo in the folder, in no order.
    pub(super) fn read(&self, mut see: impl FnMut(Kind, &[u8])) -> Result<(), Errno> {
        seek(&self.fd, SeekFrom::Start(0))?;
        let mut buffer = Vec::with_capacity(BUFFER);
        let mut entries = RawDir::new(&self.fd, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name.starts_with(b".") || name.contains(&b'\\') {
                continue;
            }
            match self.file_type(name, entry.file_type()) {
                Some(FileType::Directory) => see(Kind::Gallery, name),
                Some(FileType::RegularFile) if has_ending(name) => see(Kind::Photo, name),
                _ => {}
            }
        }
        Ok(())
    }

    /// The type of `name`, with links followed; `listed` is that of the directory entry.
    fn file_type(&self, name: &[u8], listed: FileType) -> Option<FileType> {
        match listed {
            FileType::Symlink | FileType::Unknown => {
                Some(FileType::from_raw_mode(self.follow(name).ok()?.mode))
            }
            listed => Some(listed),
        }
    }

    /// The stamp of the photo `name`, if it still exists.
    pub(super) fn stamp(&self, name: &[u8]) -> Option<Stamp> {
        let stat = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let stat = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Symlink => self.follow(name).ok()?,
            _ => Stat::from(&stat),
        };
        stat.is_file().then(|| Stamp::new(&stat))
    }

    fn follow(&self, name: &[u8]) -> Result<Stat, Errno> {
        Stat::of(open_beneath(self.root.0.as_fd(), &self.path_of(name), READING)?)
    }

    /// The path of `name` below `galleries`.
    pub(super) fn path_of(&self, name: &[u8]) -> Vec<u8> {
        let slash: &[u8] = if self.path.is_empty() { b"" } else { b"/" };
        [&self.path, slash, name].concat()
    }

    /// Summarises the gallery `name` in this one, as far as it can be read.
    pub(super) fn overview(&self, name: &[u8]) -> Overview {
        let (mut count, mut first) = (0, None::<Vec<u8>>);
        let Ok(folder) = self.root.folder(&self.path_of(name)) else {
            return Overview::default();
        };
        // After a read error, what was read so far is shown.
        let _ = folder.read(|kind, name| {
            if kind == Kind::Photo {
                count += 1;
                if first.as_ref().is_none_or(|first| name < first) {
                    first = Some(name.to_vec());
                }
            }
        });
        let first = first.and_then(|name| Some((folder.stamp(&name)?, name)));
        Overview { count, first: first.map(|(stamp, name)| (name, stamp)) }
    }
}

/// The summary of a gallery that the one around it shows.
#[derive(Default)]
pub(super) struct Overview {
    /// The number of photos.
    pub(super) count: usize,
    /// The first photo by name.
    pub(super) first: Option<(Vec<u8>, Stamp)>,
}

/// Bytes of a folder per read: about 800 names of photos, as in the C library.
const BUFFER: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::{Kind, Root};
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::string::String;
    use std::vec::Vec;
    use tempfile::TempDir;

    #[track_caller]
    fn list(root: &TempDir, gallery: &str) -> Vec<String> {
        let root = Root::open(root.path().as_os_str().as_bytes()).unwrap();
        let mut found = Vec::new();
        let folder = root.folder(gallery.as_bytes()).unwrap();
        folder
            .read(|kind, name| {
                let mark = if kind == Kind::Gallery { "/" } else { "" };
                found.push(String::from_utf8_lossy(name).into_owned() + mark);
                let _ = folder.stamp(name).map(|stamp| found.push(std::format!("{}", stamp.size)));
            })
            .unwrap();
        found.sort();
        found
    }

    #[test]
    fn links_that_leave_the_root_are_skipped() {
        let (root, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::write(outside.path().join("x.jpg"), "x").unwrap();
        fs::create_dir_all(root.path().join("g/sub")).unwrap();
        fs::write(root.path().join("photo"), "1234").unwrap();
        let inside = root.path().join("g");
        symlink(outside.path(), inside.join("out")).unwrap();
        symlink(outside.path().join("x.jpg"), inside.join("out.jpg")).unwrap();
        symlink("../../", inside.join("up")).unwrap();
        symlink("nowhere.jpg", inside.join("dead.jpg")).unwrap();
        symlink("self.jpg", inside.join("self.jpg")).unwrap();
        symlink("../photo", inside.join("in.jpg")).unwrap();
        symlink("sub", inside.join("in")).unwrap();
        assert_eq!(list(&root, "g"), ["4", "in.jpg", "in/", "sub/"]);
    }

    #[test]
    fn hidden_and_other_files_are_skipped() {
        let root = TempDir::new().unwrap();
        for name in ["a.txt", ".a.jpg", "a\\b.jpg", "jpg"] {
            fs::write(root.path().join(name), "").unwrap();
        }
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::create_dir(root.path().join("folder.jpg")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, root.path().join("fifo.jpg"), rustix::fs::Mode::RWXU)
            .unwrap();
        assert_eq!(list(&root, ""), ["folder.jpg/"]);
    }
}
