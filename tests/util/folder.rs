//! A temporary folder that any user may enter, removed when it is dropped.
#![allow(dead_code, reason = "each test uses its share")]

use std::fs::{self, Permissions};
use std::mem;
use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder; it stands for its path.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder. It is under `/tmp`, not under `target/`: a server that gave up
    /// its rights has to reach it, and a Unix socket's path has 108 bytes at most.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("picosite-{}-{count}", process::id()));
        // One of a killed test whose process number came round again.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("the temporary folder is writable and the name is new");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("it is ours");
        Self(path)
    }

    /// Leaves the folder alone until this process has ended, however it does: what a
    /// `static` holds is never dropped. A shell waits for the end of a pipe.
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
        // What is left behind harms nobody, and a test may be failing already.
        let _ = fs::remove_dir_all(&self.0);
    }
}
