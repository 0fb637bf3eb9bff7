//! The folder that is shown, packed anew when something in it has changed.
//!
//! The packed site is a file without a name: it is opened and removed at once, so nothing
//! stays behind however the preview ends. A CGI process reads it through `/proc`.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::sync::{Arc, Mutex};
use std::vec::Vec;
use std::{env, eprintln, format, process, vec};

use crate::cli::packed::file_problem;
use crate::cli::{Problem, pack};
use crate::pack::Error;
use crate::site::archive::Archive;

/// The folder and what became of it.
pub(super) struct Site {
    dir: PathBuf,
    state: Mutex<State>,
}

struct State {
    stamp: Stamp,
    /// The last site that could be packed.
    packed: Option<Arc<Packed>>,
    /// What is wrong with the folder as it is, if anything.
    wrong: Option<String>,
}

/// A packed site.
pub(super) struct Packed(File);

/// Name, size, and time of change in nanoseconds of everything in a folder.
type Stamp = Vec<(PathBuf, u64, i128)>;

impl Site {
    /// Packs the folder; mistakes in it are shown, and may be mended while it is served.
    pub(super) fn new(dir: &Path) -> Result<Self, Problem> {
        let stamp = stamp(dir).map_err(|error| file_problem(dir, &error))?;
        let mut state = State { stamp, packed: None, wrong: None };
        match state.pack(dir) {
            Ok(()) => {}
            Err(mistakes @ Error::Site(_)) => eprintln!("{mistakes}"),
            Err(error) => return Err(Problem::Other(error.to_string())),
        }
        Ok(Self { dir: dir.to_path_buf(), state: Mutex::new(state) })
    }

    /// The site as the folder is now, or what is wrong with it. One request packs, and
    /// the others wait for it.
    pub(super) fn packed(&self) -> Result<Arc<Packed>, String> {
        let mut state = self.state.lock().expect("packing does not panic");
        // Before packing: what changes meanwhile is seen by the next request.
        let stamp = stamp(&self.dir).map_err(|error| format!("{}: {error}", self.dir.display()))?;
        if stamp != state.stamp {
            state.stamp = stamp;
            if let Err(error) = state.pack(&self.dir) {
                eprintln!("{error}");
            }
        }
        let State { packed, wrong, .. } = &*state;
        wrong.clone().map_or_else(|| Ok(packed.clone().expect("nothing is wrong")), Err)
    }
}

impl State {
    fn pack(&mut self, dir: &Path) -> Result<(), Error> {
        let packed = Packed::new(dir, self.packed.as_deref());
        self.wrong = packed.as_ref().err().map(ToString::to_string);
        self.packed = Some(Arc::new(packed?));
        Ok(())
    }
}

impl Packed {
    fn new(dir: &Path, old: Option<&Self>) -> Result<Self, Error> {
        let old = old.map(Self::read).transpose();
        let folder = env::temp_dir().join(format!("picosite-serve-{}", process::id()));
        let failed = |error| Error::Io(folder.clone(), error);
        let old = old.map_err(failed)?;
        DirBuilder::new().mode(0o700).create(&folder).map_err(failed)?;
        let path = folder.join("site.cdb");
        let archive = old.as_deref().map(Archive::new);
        let packed =
            pack::site(dir, &path, archive).and_then(|_| File::open(&path).map_err(failed));
        // Before anything is said about it: nothing is left behind.
        let removed = fs::remove_dir_all(&folder);
        let file = packed?;
        removed.map_err(failed)?;
        Ok(Self(file))
    }

    /// The path by which another process of this user reads it.
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

/// What the folder looks like. Names that begin with `.` are not packed and may change
/// at any time, but for the one that is.
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
                // Gone since the folder was read, as an editor's file comes and goes.
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
