//! A temporary folder that any user may enter, removed when it is dropped.
#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, Permissions};
use std::mem;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder; dereferences to its path.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder. It is under `/tmp` rather than `target/`: servers that dropped their
    /// privileges must reach it, and a Unix socket's path has at most 108 bytes.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("picosite-{}-{count}", process::id()));
        // Left by a killed test with the same process ID.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("the temporary folder is writable and the name is new");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it is ours");
        Self(path)
    }

    /// Keeps the folder until this process ends, however it ends; a `static` is never dropped.
    /// A shell waits for the end of a pipe and removes it.
    pub(crate) fn until_the_end(self) -> PathBuf {
        let mut shell = Command::new("sh");
        shell.args(["-c", "read -r line; rm -rf \"$0\""]).arg(&self.0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        mem::forget(shell.spawn().expect("every system has a shell"));
        let path = self.0.clone();
        mem::forget(self);
        path
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Leftovers are harmless, and the test may be failing already.
        let _ = fs::remove_dir_all(&self.0);
    }
}
