//! Galleries, a cache and a secret, and the executable started as a web server would.
#![allow(dead_code, reason = "each test uses its share")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use picosite::facade::thumbs::{Key, sign};

use super::folder::Folder;

/// The only secret in the settings.
pub(crate) const SECRET: &str = "hush";

/// Transform and path of a photo of the demo.
pub(crate) const PHOTO: &str = "64x64/Sea and sky/long coast.jpg";

/// One installation.
pub(crate) struct Site {
    pub(crate) folder: Folder,
    settings: Vec<(String, String)>,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) header: String,
    pub(crate) body: Vec<u8>,
    pub(crate) log: String,
}

impl Site {
    /// The demo's galleries and an empty cache.
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let cache = folder.join("cache").display().to_string();
        let site = Self { folder, settings: Vec::new() };
        site.with("GALLERIES", &galleries().display().to_string())
            .with("CACHE", &cache)
            .with("SECRET", SECRET)
            .with("MEMORY", "64M")
    }

    /// Removes a setting.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.settings.retain(|(name, _)| *name != format!("PICOSITE_{key}"));
        self
    }

    /// Adds or replaces a setting.
    pub(crate) fn with(self, key: &str, value: &str) -> Self {
        let mut site = self.without(key);
        site.settings.push((format!("PICOSITE_{key}"), value.into()));
        site
    }

    /// The executable, with only the settings in its environment.
    pub(crate) fn program(&self) -> Command {
        self.program_in(env!("CARGO_BIN_EXE_picosite"))
    }

    /// Another program with the same environment.
    pub(crate) fn program_in(&self, name: &str) -> Command {
        let mut program = Command::new(name);
        program.env_clear().envs(self.settings.iter().map(|(key, value)| (key, value)));
        program
    }

    /// Starts a request for the signed URL of `rest`.
    pub(crate) fn start(&self, rest: &str) -> Child {
        let mut program = self.program();
        program.env("REQUEST_METHOD", "GET").env("PATH_INFO", signed(rest));
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// The reply to a request for `path` with further variables.
    #[track_caller]
    pub(crate) fn ask(&self, path: &str, more: &[(&str, &str)]) -> Reply {
        let mut program = self.program();
        program.env("REQUEST_METHOD", "GET").env("PATH_INFO", path);
        Reply::new(&program.envs(more.iter().copied()).output().expect("it starts"))
    }

    /// The reply to a request for the signed URL of `rest`.
    #[track_caller]
    pub(crate) fn get(&self, rest: &str) -> Reply {
        self.ask(&signed(rest), &[])
    }

    /// Standard output, exit status and standard error of a command.
    pub(crate) fn command(&self, words: &[&str]) -> (String, Option<i32>, String) {
        let output = self.program().args(words.iter().map(OsStr::new)).output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("picosite writes UTF-8");
        (text(output.stdout), output.status.code(), text(output.stderr))
    }

    /// The thumbnails in the cache.
    pub(crate) fn kept(&self) -> Vec<PathBuf> {
        let files = |folder: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            entries.map(|entry| entry.expect("it is readable").path()).collect()
        };
        let folders = files(&self.folder.join("cache")).into_iter().filter(|path| path.is_dir());
        folders.flat_map(|folder| files(&folder)).collect()
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn new(output: &Output) -> Self {
        assert_eq!(output.status.code(), Some(0));
        let whole = &output.stdout;
        let end = whole.windows(4).position(|end| end == b"\r\n\r\n").expect("a header ends");
        let header = String::from_utf8(whole[..end + 2].to_vec()).expect("a header is ASCII");
        Self {
            status: header[8..11].parse().expect("Status comes first"),
            header,
            body: whole[end + 4..].to_vec(),
            log: String::from_utf8_lossy(&output.stderr).into(),
        }
    }

    /// The value of a header field; empty if there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        let mut lines = self.header.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(field, _)| *field == name).map_or("", |(_, value)| value)
    }

    /// Width and height in pixels of the JPEG in the body (ITU-T T.81, B.2.2).
    pub(crate) fn jpeg_size(&self) -> (u16, u16) {
        let mut rest = &self.body[2..];
        loop {
            let len = 2 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
            if matches!(rest[1], 0xc0..=0xc2) {
                let side = |at| u16::from_be_bytes([rest[at], rest[at + 1]]);
                return (side(7), side(5));
            }
            rest = &rest[len..];
        }
    }
}

/// The demo's photos.
pub(crate) fn galleries() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/galleries")
}

/// The signed URL of `rest`.
pub(crate) fn signed(rest: &str) -> String {
    let key = Key::parse(SECRET.as_bytes()).expect("it is a secret");
    let signature = sign(&key, &[b"/thumb/", rest.as_bytes()], 16);
    format!("/thumb/{}/{rest}", signature.as_str())
}
