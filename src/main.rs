//! `picosite`: a web server's variables in the environment make it answer a request;
//! else it is a command.
#![no_main]

use picosite::cgi::body;
use picosite::cgi::variables::Variables;
use picosite::doctor::probe;
use picosite::error::Failure;
use picosite::fast::Outcome;
use picosite::full::respond;
use picosite::http::output::StandardOutput;
use picosite::settings::keys::VARIABLE;
use picosite::site::descriptor::Traits;
use picosite::site::find;
use picosite::site::record::THUMBNAILS;
use picosite::sys::start::with_libc;
use picosite::sys::{Process, embedded};
use picosite::{cli, fast};

picosite::entry!(start);

fn start(process: &Process) -> i32 {
    match answer(process) {
        Some(status) => status,
        None => with_libc(process, || run(process.clone())),
    }
}

/// The exit status, where a page, or what else takes no more than system calls, was asked
/// for: this runs ahead of the C library.
fn answer(process: &Process) -> Option<i32> {
    let variables = Variables::gather(process.environment.clone());
    // A body is waited for, and that takes a clock.
    if !variables.gateway || body::announced(&variables) > 0 {
        return None;
    }
    let file = if reads_site(&variables) { embedded::open_file(process) } else { None };
    let site = find::find(variables.site, file);
    if matches!(site, Err(Failure::Probe)) {
        return None;
    }
    let mut out = StandardOutput { backing: site.ok().and_then(|site| site.backing()) };
    let settings = process.environment.clone().beginning_with(&VARIABLE);
    fast::respond(&variables, settings, site, &mut out).map(exit_status)
}

/// Whether what is asked for may lie in the site that this executable carries, or needs its
/// settings. Where it does all the same, that is read in memory.
fn reads_site(variables: &Variables<'_>) -> bool {
    let needs_nothing = |traits: Traits| traits.thumbnails_first && !traits.settings;
    let is_thumbnail = variables.path_info.starts_with(&THUMBNAILS)
        && embedded::descriptor().is_ok_and(|descriptor| needs_nothing(descriptor.traits));
    variables.site.is_empty() && !is_thumbnail
}

/// The exit status of the process.
fn run(process: Process) -> i32 {
    let variables = Variables::gather(process.environment.clone());
    if !variables.gateway {
        return cli::run(process);
    }
    // Several servers turn a query into arguments, so a request never reads them
    // (RFC 3875, 4.4).
    let site = find::find(variables.site, None);
    if matches!(site, Err(Failure::Probe)) {
        return probe::answer(process);
    }
    match body::announced(&variables) {
        0 => {}
        len => body::take_in(len),
    }
    let mut out = StandardOutput { backing: None };
    exit_status(respond(&variables, process.environment, site, &mut out))
}

fn exit_status(outcome: Outcome) -> i32 {
    i32::from(outcome.is_err())
}
