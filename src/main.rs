//! `picosite`: a web server's variables in the environment make it answer a request;
//! else it is a command.
#![no_main]

use picosite::serve::failure::Failure;
use picosite::serve::output::StandardOutput;
use picosite::serve::request::Variables;
use picosite::serve::{self, body, log, site};
use picosite::sys::Process;
use picosite::{cli, probe};
use rustix::io::Errno;

picosite::entry!(answer, run);

/// The exit status, where a page, or what else takes no more than system calls, was asked
/// for: this runs ahead of the C library.
fn answer(process: Process) -> Option<i32> {
    let variables = Variables::gather(process.environment);
    // A body is waited for, and that takes a clock.
    if variables.gateway && variables.content_length.is_empty() {
        respond(&variables)
    } else {
        None
    }
}

/// The exit status of the process.
fn run(process: Process) -> i32 {
    let variables = Variables::gather(process.environment.clone());
    // Several servers turn a query into arguments, so a request never reads them
    // (RFC 3875, 4.4).
    if variables.gateway {
        respond(&variables).unwrap_or_else(|| probe::answer(process))
    } else {
        cli::run(process)
    }
}

/// The exit status; nothing, where a probe answers.
fn respond(variables: &Variables<'_>) -> Option<i32> {
    let site = site::find(variables.site);
    if matches!(site, Err(Failure::Probe)) {
        return None;
    }
    body::take_in(variables);
    let mut storage = None;
    let reply = serve::answer(variables, site, &mut storage);
    if let Some(failure) = reply.failure() {
        log::complain(failure, variables, "");
    }
    match reply.send(variables.extent(), &mut StandardOutput) {
        // A visitor who goes away is no error.
        Ok(()) | Err(Errno::PIPE | Errno::CONNRESET) => Some(0),
        Err(_) => Some(1),
    }
}
