//! How much of a request's body the executable reads: its standard input is a file, whose
//! offset tells afterwards.

use std::fs::File;
use std::io::Seek;
use std::process::Command;

/// How many bytes are read of a body of `len` zeros, with these variables.
#[track_caller]
fn bytes_read(len: u64, variables: &[(&str, &str)]) -> u64 {
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
fn the_announced_body_is_read() {
    assert_eq!(bytes_read(100_000, &[("CONTENT_LENGTH", "100000")]), 100_000);
}

#[test]
fn nothing_is_read_beyond_content_length() {
    assert_eq!(bytes_read(50_000, &[]), 0);
    assert_eq!(bytes_read(10, &[("CONTENT_LENGTH", "0")]), 0);
    assert_eq!(bytes_read(11, &[("CONTENT_LENGTH", "")]), 0);
    assert_eq!(bytes_read(12, &[("CONTENT_LENGTH", "-1")]), 0);
    assert_eq!(bytes_read(7_000, &[("CONTENT_LENGTH", "5000")]), 5_000);
}

#[test]
fn a_short_body_does_not_block() {
    assert_eq!(bytes_read(100, &[("CONTENT_LENGTH", "200")]), 100);
}

#[test]
fn at_most_one_mebibyte_is_read() {
    assert_eq!(bytes_read(3 << 20, &[("CONTENT_LENGTH", "3145728")]), 1 << 20);
    assert_eq!(bytes_read(2 << 20, &[("CONTENT_LENGTH", "99999999999999999999")]), 1 << 20);
}

#[test]
fn under_mini_httpd_nothing_is_read_since_it_would_lose_the_reply() {
    let variables = [("CONTENT_LENGTH", "300"), ("SERVER_SOFTWARE", "mini_httpd/1.30 26Oct2018")];
    assert_eq!(bytes_read(300, &variables), 0);
}
