//! The folder being previewed, packed again when something in it has changed.
//!
//! The packed site is an unlinked file, so that nothing is left behind however the preview
//! ends. A CGI process opens it through `/proc`.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Seek};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::sync::{Arc, Mutex};
use std::vec::Vec;
use std::{env, format, process, vec};

use crate::cli::call::CommandError;
use crate::cli::output::complain;
use crate::cli::pack;
use crate::pack::PackError;
use crate::site::archive::Archive;

/// What all requests share.
pub(super) struct Preview {
    /// This executable.
    pub(super) program: PathBuf,
    /// The folder; if there is none, the site in the executable.
    pub(super) site: Option<Site>,
    /// The address it listens on.
    pub(super) address: SocketAddr,
}

/// The folder and its last packed state.
pub(super) struct Site {
    dir: PathBuf,
    state: Mutex<State>,
}

struct State {
    stamp: Stamp,
    /// The last pack that succeeded.
    packed: Option<Arc<Packed>>,
    /// The errors in the folder as it is, if any.
    errors: Option<String>,
}

pub(super) struct Packed(File);

/// Path, size and modification time in nanoseconds of everything in a folder.
type Stamp = Vec<(PathBuf, u64, i128)>;

impl Site {
    /// Packs the folder. Prints errors in it, which can be fixed while it is served.
    pub(super) fn new(dir: &Path) -> Result<Self, CommandError> {
        let stamp = stamp(dir).map_err(|error| CommandError::file(dir, error))?;
        let mut state = State { stamp, packed: None, errors: None };
        match state.pack(dir) {
            Ok(()) => {}
            Err(error @ PackError::Site(_)) => complain(error),
            Err(error) => return Err(error.into()),
        }
        Ok(Self { dir: dir.to_path_buf(), state: Mutex::new(state) })
    }

    /// The folder as it is now, packed, or the errors in it. One request packs while the
    /// others wait.
    pub(super) fn packed(&self) -> Result<Arc<Packed>, String> {
        let mut state = self.state.lock().expect("packing does not panic");
        // Taken before packing, so that the next request sees what changes meanwhile.
        let stamp = stamp(&self.dir).map_err(|error| format!("{}: {error}", self.dir.display()))?;
        if stamp != state.stamp {
            state.stamp = stamp;
            if let Err(error) = state.pack(&self.dir) {
                complain(error);
            }
        }
        let State { packed, errors, .. } = &*state;
        errors.clone().map_or_else(|| Ok(packed.clone().expect("there are no errors")), Err)
    }
}

impl State {
    fn pack(&mut self, dir: &Path) -> Result<(), PackError> {
        let packed = Packed::new(dir, self.packed.as_deref());
        self.errors = packed.as_ref().err().map(ToString::to_string);
        self.packed = Some(Arc::new(packed?));
        Ok(())
    }
}

impl Packed {
    fn new(dir: &Path, old: Option<&Self>) -> Result<Self, PackError> {
        let old = old.map(Self::read).transpose();
        let folder = env::temp_dir().join(format!("picosite-serve-{}", process::id()));
        let failed = |error| PackError::Io(folder.clone(), error);
        let old = old.map_err(failed)?;
        DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
        let path = folder.join("site.cdb");
        let archive = old.as_deref().map(Archive::new);
        let packed =
            pack::site(dir, &path, archive).and_then(|_| File::open(&path).map_err(failed));
        // Removed before any error is returned.
        let removed = fs::remove_dir_all(&folder);
        let file = packed?;
        removed.map_err(failed)?;
        Ok(Self(file))
    }

    /// A path through which another process of this user can open it.
    pub(super) fn path(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd())
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.0).rewind()?;
        (&self.0).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The folder's state. Skips names that begin with `.`, which are not packed, except the
/// one that is.
fn stamp(dir: &Path) -> io::Result<Stamp> {
    let mut stamp = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") && name != ".well-known" {
                continue;
            }
            let metadata = match entry.metadata() {
                // Gone since the folder was read: an editor's temporary file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                metadata => metadata?,
            };
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            let time =
                i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
            stamp.push((entry.path(), metadata.len(), time));
        }
    }
    stamp.sort_unstable();
    Ok(stamp)
}
