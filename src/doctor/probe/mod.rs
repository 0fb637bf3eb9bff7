//! A copy of this executable that reports what the web server passes on. `picosite doctor
//! --probe` writes it: its cdb begins with [`PROBE`](crate::site::record::PROBE) where that of
//! a site has another record, so that pages pay nothing for the distinction.
//!
//! It shows the request's variables and paths, never a secret, and stops after a day.

mod report;

use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, format, fs};

use crate::doctor;
use crate::http::date;
use crate::site::archive::Archive;
use crate::site::record::{PROBE, SETTINGS};
use crate::sys::clock::Now;
use crate::sys::{Process, embedded};

use crate::doctor::probe::report::Received;

/// How long a probe answers: long enough for an installation, too short to be forgotten.
const LIFETIME_SECS: u64 = 24 * 60 * 60;

/// When the probe was written, in seconds since 1970; nothing if this is a site.
fn written(archive: &Archive<'_>) -> Option<u64> {
    let (key, value) = archive.records().next()?.ok()?;
    let seconds = value.try_into().ok().map(u64::from_le_bytes)?;
    (key == PROBE).then_some(seconds)
}

/// Answers a request; returns the exit status of the process.
#[must_use]
pub fn answer(process: Process) -> i32 {
    let archive = Archive::new(embedded::site().map_or(&[][..], |site| site.bytes));
    let Now(now) = Now::from_clock();
    let written = written(&archive).unwrap_or(0);
    let environment = process.environment.clone();
    let (status, kind, body) = if !(written..written + LIFETIME_SECS).contains(&now) {
        let text =
            "This probe has stopped. Delete it, or write another: picosite doctor --probe.\n";
        ("410 Gone", "text/plain", text.to_string())
    } else if is_report(&process) {
        let compiled_in = archive.get(&SETTINGS).ok().flatten().unwrap_or_default();
        let received = Received {
            environment: process.environment.filter_map(pair).collect(),
            arguments: process.arguments.count() > 1,
            program: program(),
            stops: String::from_utf8_lossy(&date::format(written + LIFETIME_SECS)).into_owned(),
            findings: doctor::examine_settings(compiled_in, environment),
        };
        ("200 OK", "text/plain", report::text(&received))
    } else {
        ("200 OK", "text/html", include_str!("page.html").replace("PATH", report::PATH))
    };
    let head = format!(
        "Status: {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         X-Robots-Tag: noindex\r\n\r\n",
        body.len()
    );
    let mut out = io::stdout();
    let sent = out.write_all(head.as_bytes()).and_then(|()| out.write_all(body.as_bytes()));
    // A client that goes away is not an error.
    i32::from(sent.and_then(|()| out.flush()).is_err_and(|e| e.kind() != io::ErrorKind::BrokenPipe))
}

/// Whether the query asks for the report. The page that any other gets asks for it in turn.
fn is_report(process: &Process) -> bool {
    process.environment.clone().any(|entry| entry == b"QUERY_STRING=report")
}

fn pair(entry: &[u8]) -> Option<(String, String)> {
    let entry = String::from_utf8_lossy(entry);
    entry.split_once('=').map(|(name, value)| (name.to_string(), value.to_string()))
}

/// The program's path, and the user it runs as.
fn program() -> String {
    let path =
        env::current_exe().map_or_else(|error| error.to_string(), |p| p.display().to_string());
    // A process owns its folder in /proc.
    let owner = fs::metadata("/proc/self").map(|own| (own.uid(), own.gid()));
    let (user, group) = owner.unwrap_or((u32::MAX, u32::MAX));
    format!("{path}, as user {user}{} and group {group}", name_of(user))
}

/// The user's name in brackets, if `/etc/passwd` has it.
fn name_of(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = fields.into_iter().find(|fields| fields.get(2) == Some(&&*user.to_string()));
    found.map_or_else(String::new, |fields| format!(" ({})", fields[0]))
}
