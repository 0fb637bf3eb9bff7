//! `picosite`: a web server's variables in the environment make it answer a request; otherwise it is
//! a command.
#![no_main]

#[cfg(target_pointer_width = "64")]
use dlmalloc::GlobalDlmalloc;
use picosite::facade::cgi::{Variables, body};
use picosite::facade::doctor::probe;
use picosite::facade::error::RequestError;
use picosite::facade::fast::Outcome;
use picosite::facade::http::StandardOutput;
use picosite::facade::settings::VARIABLE;
use picosite::facade::site::{THUMBNAILS, Traits, find};
use picosite::facade::sys::start::with_libc;
use picosite::facade::sys::{Process, embedded};
use picosite::facade::{cli, fast, full};
use rustix::io::Errno;

picosite::entry!(start);

/// See `Cargo.toml`.
#[cfg(target_pointer_width = "64")]
#[global_allocator]
static HEAP: GlobalDlmalloc = GlobalDlmalloc;

/// Begins ahead of the C library; what needs the library starts it from within. Returns the exit
/// status.
fn start(process: &Process) -> i32 {
    let variables = Variables::gather(process.environment.clone());
    if !variables.is_gateway() {
        return with_libc(process, || cli::run(process.clone()));
    }
    // Several servers turn a query into arguments, so a request never reads them (RFC 3875, 4.4).
    match body::announced(&variables) {
        0 => respond(process, &variables),
        // Waiting takes a clock.
        len => with_libc(process, || {
            body::drain(len);
            respond(process, &variables)
        }),
    }
}

fn respond(process: &Process, variables: &Variables<'_>) -> i32 {
    let file = if reads_site(variables) { embedded::open_file(process) } else { None };
    match find::find(variables.site(), file) {
        Err(RequestError::Probe) => with_libc(process, || probe::answer(process.clone())),
        site => {
            // Only a thumbnail or a gallery page goes through them.
            let settings = process.environment.clone().beginning_with(&VARIABLE);
            let outcome = fast::respond(variables, settings, site, &mut StandardOutput, |work| {
                // No more than the status comes back from `with_libc`, if anything does.
                match with_libc(process, || exit_status(full::finish(work))) {
                    0 => Ok(None),
                    _ => Err(Errno::IO),
                }
            });
            exit_status(outcome)
        }
    }
}

/// Whether the request may need the embedded site or its settings, so that opening its file pays.
/// It is read in memory otherwise.
fn reads_site(variables: &Variables<'_>) -> bool {
    let needs_nothing = |traits: Traits| traits.thumbnails_first && !traits.settings;
    let is_thumbnail = variables.path_info().starts_with(&THUMBNAILS)
        && embedded::traits().is_ok_and(needs_nothing);
    variables.site().is_empty() && !is_thumbnail
}

fn exit_status(outcome: Outcome) -> i32 {
    i32::from(outcome.is_err())
}
