//! The commands: what picosite does for a person at a shell.

mod args;
mod call;
pub mod commands;
mod doctor;
mod get;
mod help;
mod list;
#[cfg(not(feature = "tools"))]
mod missing;
mod output;
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

use std::io::{self, Write};
use std::vec::Vec;
use std::{format, writeln};

use crate::cgi::variables::Variables;
use crate::sys::Process;

use crate::cli::call::{Call, CommandError};
use crate::cli::output::{StandardOutput, complain};

#[cfg(not(feature = "tools"))]
use crate::cli::missing::{self as pack, self as probe, self as serve, self as unpack};

/// Runs the command that the arguments name; returns the exit status of the process.
#[must_use]
pub fn run(process: Process) -> i32 {
    let mut out = io::BufWriter::new(StandardOutput::open());
    let outcome = dispatch(process, &mut out).and_then(|()| Ok(out.flush()?));
    let (status, text) = match outcome {
        Ok(()) => return 0,
        Err(CommandError::Reported) => return 1,
        Err(CommandError::Failed(text)) => (1, text),
        Err(CommandError::Usage(text)) => (2, text),
    };
    // The error goes after the output it ended.
    let _ = out.flush();
    complain(text);
    status
}

fn dispatch(process: Process, out: &mut dyn Write) -> Result<(), CommandError> {
    let words: Result<Vec<&str>, _> = process.arguments.skip(1).map(str::from_utf8).collect();
    let words = words.map_err(|_| CommandError::Usage("an argument is not UTF-8".into()))?;
    let (name, words) = match &*words {
        [] | ["help" | "--help" | "-h", ..] => return Ok(help::write_overview(out)?),
        ["--version" | "-V"] => {
            return Ok(writeln!(out, "picosite {}", env!("CARGO_PKG_VERSION"))?);
        }
        ["--version" | "-V", ..] => {
            return Err(CommandError::Usage("usage: picosite --version".into()));
        }
        [name, words @ ..] => (name, words),
    };
    let command = commands::find(name).ok_or_else(|| {
        CommandError::Usage(format!("there is no command {name}: see picosite --help"))
    })?;
    let Some(arguments) = args::parse(command, words)? else {
        return Ok(help::write_command(command, out)?);
    };
    let environment = process.environment;
    let site = Variables::gather(environment.clone()).site();
    (command.run)(&mut Call { arguments, site, environment, out })
}
