//! An uncooperative machine: standard output on a full disk, a site that is not a file.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use crate::util::folder::Folder;

#[track_caller]
fn request(site: &str, out: Stdio) -> Output {
    let mut picosite = Command::new(env!("CARGO_BIN_EXE_picosite"));
    picosite.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", "/");
    if !site.is_empty() {
        picosite.env("PICOSITE_SITE", site);
    }
    picosite.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped());
    picosite.spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reply_that_cannot_be_written_is_logged() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = request("", full.into());
    let told = "P56 GET /: the reply could not be written\n";
    assert_eq!((output.status.code(), &*output.stderr), (Some(1), told.as_bytes()));
}

#[test]
fn a_client_that_disconnects_is_no_error() {
    // SIGPIPE ends the process as quietly as exit status 0 and takes no system call to set up.
    const SIGPIPE: i32 = 13;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = request("", writer.into());
    let quiet = output.status.success() || output.status.signal() == Some(SIGPIPE);
    assert!(quiet && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_site_that_is_not_a_regular_file_is_an_error_at_once() {
    let folder = Folder::new();
    let fifo = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for site in [fifo.to_str().unwrap(), folder.to_str().unwrap(), "/dev/null", "/dev/zero", "/no"]
    {
        let output = request(site, Stdio::piped());
        assert!(output.stdout.starts_with(b"Status: 500 "), "{site}: {output:?}");
        assert!(output.stderr.starts_with(b"P52 "), "{site}: {output:?}");
    }
}
