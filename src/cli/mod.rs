//! The commands: what picosite does for a person at a shell.

mod doctor;
mod get;
mod list;
#[cfg(feature = "tools")]
mod pack;
#[cfg(feature = "tools")]
mod packed;
#[cfg(feature = "tools")]
mod probe;
mod progress;
mod secret;
#[cfg(feature = "tools")]
mod serve;
mod sign;
mod thumb;
#[cfg(feature = "tools")]
mod unpack;
mod verify;
mod warm;

use std::format;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::IntoRawFd;
use std::string::String;
use std::vec::Vec;

use rustix::io::{Errno, fcntl_getfd};
use rustix::stdio;

use crate::cgi::variables::Variables;
use crate::settings::keys::Settings;
use crate::settings::load;
use crate::site::archive::Archive;
use crate::site::find;
use crate::sys::{Process, Strings};

/// Why a command did not do what it was asked for.
enum Problem {
    /// The words of the command line are wrong: exit status 2.
    Usage(String),
    /// Anything else: exit status 1.
    Other(String),
    /// Everything there was to say has been said: exit status 1.
    Told,
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Whoever read the output has had enough of it.
            io::ErrorKind::BrokenPipe => Self::Told,
            _ => Self::Other(format!("cannot write the output: {error}")),
        }
    }
}

/// What a command works with.
struct Call<'a> {
    /// The words behind the command's name.
    words: &'a [&'a str],
    /// The environment's setting `site`.
    site: &'a [u8],
    /// All of it, `NAME=value` each.
    environment: Strings,
    out: &'a mut dyn Write,
}

impl Call<'_> {
    fn archive(&self) -> Result<Archive<'static>, Problem> {
        find::find(self.site, None).map_err(|failure| {
            let (code, cause) = failure.cause();
            Problem::Other(format!("{cause} ({code})"))
        })
    }
}

impl Call<'_> {
    /// The settings in force.
    fn settings(&self) -> Result<Settings<'static>, Problem> {
        let damaged = |_| Problem::Other("the site's cdb is damaged".into());
        let compiled_in = self.archive()?.get(b"_picosite").map_err(damaged)?;
        load::settings(compiled_in.unwrap_or_default(), self.environment.clone())
            .map_err(|trouble| Problem::Other(format!("{trouble}")))
    }
}

type Command = fn(&mut Call<'_>) -> Result<(), Problem>;

/// The commands, each with its options that begin with `--`.
const COMMANDS: &[(&str, &[&str], Command)] = &[
    ("doctor", &["--probe"], doctor::run),
    ("get", &[], get::run),
    ("list", &["--json"], list::run),
    #[cfg(feature = "tools")]
    ("pack", &["--onto", "--reuse"], pack::run),
    ("secret", &[], secret::run),
    #[cfg(feature = "tools")]
    ("serve", &["--port"], serve::run),
    ("sign", &["--mount"], sign::run),
    ("thumb", &[], thumb::run),
    #[cfg(feature = "tools")]
    ("unpack", &[], unpack::run),
    ("verify", &[], verify::run),
    ("warm", &[], warm::run),
    ("help", &[], help),
    ("--help", &[], help),
    ("-h", &[], help),
    ("--version", &[], version),
    ("-V", &[], version),
];

/// Runs the command that the arguments name; gives the exit status of the process.
#[must_use]
pub fn run(process: Process) -> i32 {
    let mut out = io::BufWriter::new(StandardOutput::open());
    let words: Result<Vec<&str>, _> = process.arguments.skip(1).map(str::from_utf8).collect();
    let outcome = words
        .map_err(|_| Problem::Usage("an argument is not UTF-8".into()))
        .and_then(|words| {
            let (command, words) = find(&words)?;
            let environment = process.environment;
            let site = Variables::gather(environment.clone()).site;
            command(&mut Call { words, site, environment, out: &mut out })
        })
        .and_then(|()| Ok(out.flush()?));
    let (status, text) = match outcome {
        Ok(()) => return 0,
        Err(Problem::Told) => return 1,
        Err(Problem::Other(text)) => (1, text),
        Err(Problem::Usage(text)) => (2, text),
    };
    // The output so far belongs in front of the error.
    let _ = out.flush();
    std::eprintln!("picosite: {text}");
    status
}

/// The command that the first word names, and the words behind it.
fn find<'w>(words: &'w [&'w str]) -> Result<(Command, &'w [&'w str]), Problem> {
    let (name, words) = words.split_first().unwrap_or((&"help", &[]));
    let Some((_, options, command)) = COMMANDS.iter().find(|(known, ..)| known == name) else {
        return Err(Problem::Usage(match *name {
            "pack" | "serve" | "unpack" => {
                format!("this picosite was built without the command '{name}'")
            }
            name => format!("there is no command '{name}': see picosite --help"),
        }));
    };
    let unknown = |word: &&&str| word.starts_with("--") && !options.contains(word);
    match words.iter().find(unknown) {
        None => Ok((*command, words)),
        Some(&"--help") => Ok((help, &[])),
        Some(word) => {
            Err(Problem::Usage(format!("'{name}' has no option '{word}': see picosite --help")))
        }
    }
}

/// What the command says. Where it is closed an error comes of the first word.
struct StandardOutput(Option<File>);

impl StandardOutput {
    /// Before any other file is opened, which would take a closed descriptor's number, and
    /// would have in it what belongs there.
    fn open() -> Self {
        let standard = [stdio::stdin(), stdio::stdout(), stdio::stderr()];
        let out = stdio::stdout().try_clone_to_owned().map(File::from);
        for descriptor in standard {
            if fcntl_getfd(descriptor) == Err(Errno::BADF)
                && let Ok(null) = File::options().read(true).write(true).open("/dev/null")
            {
                // It has the lowest number that is free.
                let _ = null.into_raw_fd();
            }
        }
        Self(out.ok())
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(out) => out.write(bytes),
            None => Err(Errno::BADF.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The one text, whichever command it is asked about.
fn help(call: &mut Call<'_>) -> Result<(), Problem> {
    let text = include_str!("help.txt").replace("VERSION", env!("CARGO_PKG_VERSION"));
    Ok(call.out.write_all(text.as_bytes())?)
}

fn version(call: &mut Call<'_>) -> Result<(), Problem> {
    if !call.words.is_empty() {
        return Err(Problem::Usage("usage: picosite --version".into()));
    }
    Ok(writeln!(call.out, "picosite {}", env!("CARGO_PKG_VERSION"))?)
}
