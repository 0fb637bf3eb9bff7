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
        let Prepared { program, site, .. } = prepared();
        Self { installation, server: Running::start(installation, program, Some(site)) }
    }

    /// With the site in the executable, and nothing that says so.
    pub(crate) fn start_packed(installation: &'static Installation, machine: Machine) -> Self {
        let program = match machine {
            Machine::This => &prepared().packed,
            Machine::Arm => prepared().arm.as_ref().expect(".ci/run builds it for ARM before"),
        };
        Self { installation, server: Running::start(installation, program, None) }
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

    /// How many visitors may wait at a time.
    pub(crate) fn queue(&self) -> usize {
        self.installation.server.queue()
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

/// What a packed executable runs on.
#[derive(Clone, Copy)]
pub(crate) enum Machine {
    This,
    /// Any: the kernel starts it under qemu.
    Arm,
}

/// What can stand behind a server.
struct Prepared {
    /// The executable as it was built.
    program: PathBuf,
    /// The tests' site.
    site: PathBuf,
    /// The executable with that site in it.
    packed: PathBuf,
    /// The release for ARMv5TE with it, where that was built.
    arm: Option<PathBuf>,
}

/// The same for all tests: none may write an executable while another starts a process,
/// which would keep the file open for writing for a moment, and Linux does not run such a
/// file.
fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let site = site::packed();
        let own = Path::new(env!("CARGO_BIN_EXE_picosite"));
        // Where somebody else may start it.
        let program = site.with_file_name("picosite");
        fs::copy(own, &program).expect("the folder is ours");
        let packed = |base: &Path, name| {
            let out = site.with_file_name(name);
            picosite::pack::attach(base, &site, &out).expect("it is an executable of picosite's");
            out
        };
        let arm = Path::new(env!("CARGO_MANIFEST_DIR")).join(ARM);
        let arm = arm.exists().then(|| packed(&arm, "arm"));
        Prepared { packed: packed(own, "packed"), program, arm, site: site.clone() }
    })
}

/// Where `cargo build --release` leaves it.
const ARM: &str = "target/armv5te-unknown-linux-musleabi/release/picosite";

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
