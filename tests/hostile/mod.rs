//! Malicious files named like photos: the executable answers 415, 413 or 404 within 10 seconds
//! of CPU time and 10 MiB, and never crashes.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small and painted in bytes"
)]

mod bombs;
mod cut;
mod damage;
mod names;
mod scans;

use std::fs;
use std::process::Command;

use crate::util::thumbnails::{Reply, Site, signed};

/// Resource limits: CPU seconds, and KiB of writable memory. Code comes on top, 2 to 3 MiB in
/// a static executable. None on ARM, because the emulator needs more of both.
const LIMITS: &str =
    if cfg!(target_arch = "arm") { "true" } else { "ulimit -t 10 && ulimit -d 10240" };

/// A gallery of hostile files.
struct Gallery(Site);

impl Gallery {
    fn new() -> Self {
        let site = Site::new().with("MEMORY", "8M").with("CACHE", "");
        let galleries = site.folder.join("galleries");
        fs::create_dir_all(galleries.join("g")).unwrap();
        Self(site.with("GALLERIES", galleries.to_str().unwrap()))
    }

    /// The reply to a request for the file `name` at the size `transform`.
    #[track_caller]
    fn ask(&self, name: &str, transform: &str) -> Reply {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{LIMITS} && exec \"$0\"")]);
        shell.arg(env!("CARGO_BIN_EXE_picosite")).env_clear();
        shell.envs(self.0.program().get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell
            .env("REQUEST_METHOD", "GET")
            .env("PATH_INFO", signed(&format!("{transform}/g/{name}")));
        Reply::new(&shell.output().unwrap())
    }

    /// Checks that a file of these bytes is refused.
    #[track_caller]
    fn refuses(&self, name: &str, file: &[u8]) {
        fs::write(self.0.folder.join("galleries/g").join(name), file).unwrap();
        for transform in ["64x64", "2048x2048,r90"] {
            let reply = self.ask(name, transform);
            assert!(matches!(reply.status, 413 | 415), "{name} {transform}: {reply:?}");
            assert_eq!(reply.log.lines().count(), 1, "{name}: {}", reply.log);
        }
    }

    /// As [`Self::refuses`], but a thumbnail is fine too: it can do no harm.
    #[track_caller]
    fn survives(&self, name: &str, file: &[u8]) {
        fs::write(self.0.folder.join("galleries/g").join(name), file).unwrap();
        for transform in ["64x64", "2048x2048,r90"] {
            let reply = self.ask(name, transform);
            assert!(matches!(reply.status, 200 | 413 | 415), "{name} {transform}: {reply:?}");
        }
    }
}
