//! A running installation to send requests to, and what its error log may contain.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::curl::Reply;
use super::installation::{Installation, Takes};
use super::running::Running;
use super::site;

/// A running installation of picosite with the tests' site.
pub(crate) struct Visit {
    installation: &'static Installation,
    server: Running,
}

impl Visit {
    pub(crate) fn start(installation: &'static Installation) -> Self {
        let Prepared { program, site, .. } = prepared();
        Self { installation, server: Running::start(installation, program, Some(site)) }
    }

    /// With the site embedded in the executable and no settings.
    pub(crate) fn start_packed(installation: &'static Installation, machine: Machine) -> Self {
        let program = match machine {
            Machine::This => &prepared().packed,
            Machine::Arm => prepared().arm.as_ref().expect(".ci/run builds it for ARM before"),
        };
        Self { installation, server: Running::start(installation, program, None) }
    }

    /// The mount point.
    pub(crate) fn mount(&self) -> &'static str {
        self.installation.mount
    }

    /// The absolute URL of a path below the mount point.
    pub(crate) fn url(&self, address: &str) -> String {
        self.server.url(&format!("{}{address}", self.mount()))
    }

    /// Requests a path below the mount point.
    #[track_caller]
    pub(crate) fn request(&self, address: &str, options: &[&str]) -> Reply {
        self.server.request(&format!("{}{address}", self.mount()), options)
    }

    /// Whether the server does not pass this on.
    pub(crate) fn lacks(&self, what: Takes) -> bool {
        self.installation.takes.contains(&what)
    }

    /// How many clients may connect at once.
    pub(crate) fn queue(&self) -> usize {
        self.installation.server.queue()
    }

    /// Whether a path reaches picosite at all.
    pub(crate) fn reaches(&self, address: &str) -> bool {
        let path = address.split_once('?').map_or(address, |(path, _)| path);
        self.installation.takes.iter().all(|takes| match takes {
            Takes::Files => path.ends_with('/'),
            Takes::AllButHome => path == "/",
            _ => true,
        })
    }

    /// The path of an asset that reaches picosite, preferably a large one, and its file.
    pub(crate) fn asset(&self) -> (&'static str, &'static str) {
        let style = ("/style.css", "style.css");
        if self.reaches(style.0) { style } else { ("/", "index.html") }
    }

    /// The error log may contain only the server's start and picosite's own lines.
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
    /// ARMv5TE: the kernel starts it under qemu.
    Arm,
}

/// What can run behind a server.
struct Prepared {
    /// The executable as built.
    program: PathBuf,
    /// The tests' site.
    site: PathBuf,
    /// The executable with that site embedded.
    packed: PathBuf,
    /// The ARMv5TE release with that site, if it has been built.
    arm: Option<PathBuf>,
}

/// Prepared once for all tests. If one test wrote an executable while another forks, the child
/// would briefly keep the file open for writing, and execve would fail with ETXTBSY.
fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let site = site::packed();
        let own = Path::new(env!("CARGO_BIN_EXE_picosite"));
        // Where another user may execute it.
        let program = site.with_file_name("picosite");
        fs::copy(own, &program).expect("the folder is ours");
        let packed = |base: &Path, name| {
            let out = site.with_file_name(name);
            picosite::facade::pack::attach(base, &site, &out)
                .expect("it is an executable of picosite's");
            out
        };
        let arm = Path::new(env!("CARGO_MANIFEST_DIR")).join(ARM);
        let arm = arm.exists().then(|| packed(&arm, "arm"));
        Prepared { packed: packed(own, "packed"), program, arm, site: site.clone() }
    })
}

/// Where `cargo build --release` puts it.
const ARM: &str = "target/armv5te-unknown-linux-musleabi/release/picosite";

/// Whether a healthy server may write this line.
fn is_expected(line: &str) -> bool {
    const OF_SERVERS: [&str; 9] = [
        // At start.
        r#""level":"info""#,
        "Caddyfile input is not formatted",
        "admin endpoint disabled",
        "configured -- resuming normal operations",
        "AH00094: Command line: ",
        "server started (lighttpd/",
        "mini_httpd: started as root without requesting chroot(), warning only",
        // They answer malformed URLs themselves.
        "AH10244: invalid URI path",
        "failed (2: No such file or directory)",
    ];
    OF_SERVERS.iter().any(|known| line.contains(known)) || is_picosites(line)
}

/// Whether picosite wrote it: a code followed by a method.
fn is_picosites(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    words.windows(2).any(|pair| {
        // nginx quotes standard error.
        let digits = pair[0].trim_start_matches('"').strip_prefix('P').unwrap_or_default();
        let is_code = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        is_code && ["GET", "HEAD", "POST"].contains(&pair[1])
    })
}
