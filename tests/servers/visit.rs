//! picosite behind a server, to be asked; and what the server may say meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::curl::Reply;
use super::installation::{Installation, Takes};
use super::running::Running;
use super::site;

/// An installation that runs, with picosite and the tests' site in it.
pub(crate) struct Visit {
    installation: &'static Installation,
    server: Running,
}

impl Visit {
    pub(crate) fn start(installation: &'static Installation) -> Self {
        let (program, site) = prepared();
        Self { installation, server: Running::start(installation, program, site) }
    }

    /// What stands in front of every address.
    pub(crate) fn mount(&self) -> &'static str {
        self.installation.mount
    }

    /// The whole URL of an address below the mount point.
    pub(crate) fn url(&self, address: &str) -> String {
        self.server.url(&format!("{}{address}", self.mount()))
    }

    /// Asks for an address below the mount point.
    #[track_caller]
    pub(crate) fn request(&self, address: &str, options: &[&str]) -> Reply {
        self.server.request(&format!("{}{address}", self.mount()), options)
    }

    /// Whether the server keeps this from picosite.
    pub(crate) fn lacks(&self, what: Takes) -> bool {
        self.installation.takes.contains(&what)
    }

    /// Whether an address reaches picosite at all.
    pub(crate) fn reaches(&self, address: &str) -> bool {
        let path = address.split_once('?').map_or(address, |(path, _)| path);
        self.installation.takes.iter().all(|takes| match takes {
            Takes::Files => path.ends_with('/'),
            Takes::AllButHome => path == "/",
            _ => true,
        })
    }

    /// An asset that reaches picosite and its file: a large one, if one does.
    pub(crate) fn asset(&self) -> (&'static str, &'static str) {
        let style = ("/style.css", "style.css");
        if self.reaches(style.0) { style } else { ("/", "index.html") }
    }

    /// Nothing may be in the error log but the server's start and picosite's own lines.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        for line in self.server.error_log().lines() {
            assert!(is_expected(line), "{} complains: {line}", self.installation.name);
        }
    }
}

/// The executable and the packed site, the same for all tests: none may write an
/// executable while another starts a process, which would keep the file open for
/// writing for a moment, and Linux does not run such a file.
fn prepared() -> (&'static Path, &'static Path) {
    static PREPARED: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    let (program, site) = PREPARED.get_or_init(|| {
        let site = site::packed();
        // Where somebody else may start it.
        let program = site.with_file_name("picosite");
        fs::copy(env!("CARGO_BIN_EXE_picosite"), &program).expect("the folder is ours");
        (program, site)
    });
    (program, site)
}

/// Whether a line of an error log is one that a healthy server writes.
fn is_expected(line: &str) -> bool {
    const OF_SERVERS: [&str; 9] = [
        // They start.
        r#""level":"info""#,
        "Caddyfile input is not formatted",
        "admin endpoint disabled",
        "configured -- resuming normal operations",
        "AH00094: Command line: ",
        "server started (lighttpd/",
        "mini_httpd: started as root without requesting chroot(), warning only",
        // They answer a malformed address themselves.
        "AH10244: invalid URI path",
        "failed (2: No such file or directory)",
    ];
    OF_SERVERS.iter().any(|known| line.contains(known)) || is_picosites(line)
}

/// Whether it holds what picosite says about an error: a code, and then the method.
fn is_picosites(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    words.windows(2).any(|pair| {
        // nginx quotes what it passes on.
        let digits = pair[0].trim_start_matches('"').strip_prefix('P').unwrap_or_default();
        let is_code = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        is_code && ["GET", "HEAD", "POST"].contains(&pair[1])
    })
}
