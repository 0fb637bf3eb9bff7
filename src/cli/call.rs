//! What a command is called with, and how it fails.

use std::fmt::Display;
use std::format;
use std::io::{self, Write};
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::settings::keys::{Secrets, Settings};
use crate::settings::load;
use crate::site::archive::Archive;
use crate::site::find;
use crate::site::record::{Corrupt, SETTINGS};
use crate::sys::Strings;
use crate::sys::arena::Arena;

/// Why a command failed.
pub(super) enum CommandError {
    /// The command line is wrong: exit status 2.
    Usage(String),
    /// Anything else: exit status 1.
    Failed(String),
    /// Everything there is to say has been printed: exit status 1.
    Reported,
}

impl CommandError {
    pub(super) fn failed(cause: impl Display) -> Self {
        Self::Failed(cause.to_string())
    }

    /// What is wrong with a file named on the command line.
    pub(super) fn file(path: impl AsRef<Path>, cause: impl Display) -> Self {
        Self::Failed(format!("{}: {cause}", path.as_ref().display()))
    }
}

/// An error in writing standard output.
impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The reader has seen enough.
            io::ErrorKind::BrokenPipe => Self::Reported,
            _ => Self::Failed(format!("cannot write the output: {error}")),
        }
    }
}

impl From<Corrupt> for CommandError {
    fn from(Corrupt: Corrupt) -> Self {
        Self::failed("the site's cdb is damaged")
    }
}

/// What a command works with.
pub(super) struct Call<'a> {
    pub(super) arguments: Arguments<'a>,
    /// The environment's setting `site`.
    pub(super) site: &'a [u8],
    /// The whole environment, `NAME=value` each.
    pub(super) environment: Strings,
    pub(super) out: &'a mut dyn Write,
}

impl Call<'_> {
    pub(super) fn archive(&self) -> Result<Archive<'static>, CommandError> {
        find::find(self.site, None).map_err(|failure| {
            let (code, cause) = failure.cause();
            CommandError::Failed(format!("{cause} ({code})"))
        })
    }

    /// The settings in force.
    pub(super) fn settings(&self) -> Result<Settings<'static>, CommandError> {
        let compiled_in = self.archive()?.get(&SETTINGS)?.unwrap_or_default();
        load::settings(&mut Arena::default(), compiled_in, self.environment.clone())
            .map_err(CommandError::failed)
    }

    /// The settings in force and the secrets they name.
    pub(super) fn secrets(&self) -> Result<(Settings<'static>, Secrets<'static>), CommandError> {
        let settings = self.settings()?;
        let secrets =
            load::secrets(&mut Arena::default(), &settings).map_err(CommandError::failed)?;
        Ok((settings, secrets))
    }
}

/// The words after a command's name, parsed.
pub(super) struct Arguments<'a> {
    /// INVARIANT: as many as the command takes.
    pub(super) operands: Vec<&'a str>,
    pub(super) options: Vec<(&'static str, &'a str)>,
    /// The command's usage line.
    pub(super) usage: String,
}

impl<'a> Arguments<'a> {
    /// The value of an option, empty for one that takes none; nothing if it was not given.
    pub(super) fn value(&self, option: &str) -> Option<&'a str> {
        self.options.iter().find(|(name, _)| *name == option).map(|(_, value)| *value)
    }

    /// The operands of a command that takes exactly `N`.
    pub(super) fn exactly<const N: usize>(&self) -> [&'a str; N] {
        self.operands[..].try_into().expect("the table and the command agree")
    }

    /// The error for a command line that does not fit the usage.
    pub(super) fn usage(&self) -> CommandError {
        CommandError::Usage(format!("usage: {}", self.usage))
    }
}
