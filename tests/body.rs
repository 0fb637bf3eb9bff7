//! How much of a request's body the executable takes in: after it has ended, the offset
//! of the file that was its standard input tells.

use std::fs::File;
use std::io::Seek;
use std::process::Command;

/// How many bytes are read of a file of `len` zeros, with these variables.
#[track_caller]
fn taken_in(len: u64, variables: &[(&str, &str)]) -> u64 {
    let name = format!("body-{len}-{}", variables.len());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    File::create(&path).unwrap().set_len(len).unwrap();
    let mut body = File::open(&path).unwrap();
    let mut picosite = Command::new(env!("CARGO_BIN_EXE_picosite"));
    picosite.env_clear().env("REQUEST_METHOD", "POST").envs(variables.iter().copied());
    let output = picosite.stdin(body.try_clone().unwrap()).output().unwrap();
    assert!(output.stdout.starts_with(b"Status: 405 "), "{output:?}");
    assert!(output.status.success(), "{output:?}");
    std::fs::remove_file(path).unwrap();
    body.stream_position().unwrap()
}

#[test]
fn the_announced_body_is_taken_in() {
    assert_eq!(taken_in(100_000, &[("CONTENT_LENGTH", "100000")]), 100_000);
}

#[test]
fn what_was_not_announced_stays() {
    assert_eq!(taken_in(50_000, &[]), 0);
    assert_eq!(taken_in(10, &[("CONTENT_LENGTH", "0")]), 0);
    assert_eq!(taken_in(11, &[("CONTENT_LENGTH", "")]), 0);
    assert_eq!(taken_in(12, &[("CONTENT_LENGTH", "-1")]), 0);
    assert_eq!(taken_in(7_000, &[("CONTENT_LENGTH", "5000")]), 5_000);
}

#[test]
fn a_body_that_ends_too_early_is_no_reason_to_wait() {
    assert_eq!(taken_in(100, &[("CONTENT_LENGTH", "200")]), 100);
}

#[test]
fn no_more_than_one_mebibyte_is_taken_in() {
    assert_eq!(taken_in(3 << 20, &[("CONTENT_LENGTH", "3145728")]), 1 << 20);
    assert_eq!(taken_in(2 << 20, &[("CONTENT_LENGTH", "99999999999999999999")]), 1 << 20);
}

#[test]
fn mini_httpds_stays_since_it_would_lose_the_reply() {
    let variables = [("CONTENT_LENGTH", "300"), ("SERVER_SOFTWARE", "mini_httpd/1.30 26Oct2018")];
    assert_eq!(taken_in(300, &variables), 0);
}
