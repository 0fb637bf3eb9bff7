//! The environments in `tests/environments/` are what the servers hand over: each runs a
//! script that keeps its environment, and that has to be what is in the file.
//!
//! `PICOSITE_RECORD=1` writes the files anew. A file begins with the variables that are
//! the same in every request; then each request that reached the program has a block:
//! `--- title`, its own variables by name, `argv[n]=` for arguments.

use std::env;
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::folder::Folder;
use super::installation::Installation;
use super::running::Running;

/// What is asked: a title, the address below the mount point, curl's options.
const REQUESTS: [(&str, &str, &[&str]); 13] = [
    ("mount point", "", &[]),
    ("home", "/", &[]),
    ("page", "/about", &[]),
    ("folder", "/docs/", &[]),
    ("folder without its slash", "/docs?x=1&y=a%20b", &[]),
    ("name with a space", "/hello%20world", &[]),
    ("name in UTF-8", "/na%C3%AFve%20%E2%98%83.txt", &[]),
    ("name with a per cent sign", "/100%25.txt", &[]),
    ("query like an option", "/about?-h+--cache%3D/x", &[]),
    ("nothing there", "/docs/missing", &[]),
    ("HEAD", "/about", &["--head"]),
    ("POST", "/about", &POST),
    ("every header that is read", "/echo.txt", &EVERY_HEADER),
];

/// The header travels alone: mini_httpd cuts the connection where the body comes with it.
const POST: [&str; 6] =
    ["--data", "name=value", "--header", "Expect: 100-continue", "--expect100-timeout", "0.05"];

/// Nothing in it holds, so that the reply is the whole file in its first coding.
const EVERY_HEADER: [&str; 10] = [
    "--header",
    "Accept-Encoding: br, gzip;q=0.5",
    "--header",
    "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT",
    "--header",
    "If-None-Match: \"another\"",
    "--header",
    "If-Range: \"another\"",
    "--header",
    "Range: bytes=0-9",
];

/// Variables of the machine, of the test (the site, and `PWD` from the shell in front of
/// mini_httpd's program), and two that nobody reads: they quote the folder and a version.
const LEFT_OUT: [&str; 7] = [
    "LD_LIBRARY_PATH",
    "PATH",
    "PATH_TRANSLATED",
    "PICOSITE_SITE",
    "PWD",
    "REDIRECT_PICOSITE_SITE",
    "SERVER_SIGNATURE",
];

/// Records what one installation hands over and compares it with its file.
pub(crate) fn check(installation: &Installation) {
    let folder = Folder::new();
    // The server may run as somebody else.
    fs::set_permissions(&*folder, Permissions::from_mode(0o777)).expect("it is ours");
    let (script, kept) = (folder.join("script"), folder.join("kept"));
    fs::write(&script, script_that_keeps(&kept)).expect("the folder is ours");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("it is ours");
    let site = folder.join("no site");
    fs::write(&site, "").expect("the folder is ours");

    let server = Running::start(installation, &script, Some(&site));
    let mut requests = Vec::new();
    for (title, address, options) in REQUESTS {
        let path = format!("{}{address}", installation.mount);
        if path.is_empty() {
            continue;
        }
        server.request(&path, options);
        // What is not there did not arrive: the server answered.
        let Ok(bytes) = fs::read(&kept) else { continue };
        fs::remove_file(&kept).expect("the folder is ours");
        requests.push((title, lines(&server.as_installed(&bytes))));
    }
    compare(installation.name, &record(&requests));
}

/// The file's text: first what every request has.
fn record(requests: &[(&str, Vec<String>)]) -> String {
    let everywhere = |line: &&String| requests.iter().all(|(_, lines)| lines.contains(line));
    let (_, first) = &requests[0];
    let mut record: String = first.iter().filter(everywhere).map(String::as_str).collect();
    for (title, lines) in requests {
        write!(record, "\n--- {title}\n").expect("memory takes it");
        record.extend(lines.iter().filter(|line| !everywhere(line)).map(String::as_str));
    }
    record
}

/// Keeps environment and arguments as the kernel has them, before a shell adds or drops
/// any, takes in the request's body, without which Apache loses the reply, and answers.
fn script_that_keeps(file: &Path) -> String {
    let kept = file.display();
    format!(
        "#!/bin/sh
{{ cat /proc/$$/environ; printf '\\0'; cat /proc/$$/cmdline; }} >{kept}
head -c ${{CONTENT_LENGTH:-0}} >/dev/null
printf 'Status: 200 OK\\r\\nContent-Length: 0\\r\\nContent-Type: text/plain\\r\\n\\r\\n'
"
    )
}

/// The variables and arguments that the script kept, one a line, sorted.
fn lines(kept: &str) -> Vec<String> {
    let (environment, arguments) = kept.split_once("\0\0").expect("the script parts them");
    let mut lines: Vec<String> = environment.split('\0').filter_map(line).collect();
    lines.sort_unstable();
    // In front are the interpreter's and the script's name.
    for (n, argument) in arguments.trim_end_matches('\0').split('\0').skip(2).enumerate() {
        lines.push(format!("argv[{}]={argument}\n", n + 1));
    }
    lines
}

/// One variable as it is recorded, where it is: what differs from run to run is fixed.
fn line(variable: &str) -> Option<String> {
    let (name, value) = variable.split_once('=')?;
    let value = match name {
        name if LEFT_OUT.contains(&name) => return None,
        "REMOTE_PORT" => "50000",
        // Debian's updates change what is behind the second number.
        "SERVER_SOFTWARE" => match value.match_indices('.').nth(1) {
            Some((end, _)) => &value[..end],
            None => value,
        },
        _ => value,
    };
    Some(format!("{name}={value}\n"))
}

#[track_caller]
fn compare(name: &str, record: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/environments");
    let file = folder.join(format!("{name}.env"));
    if env::var_os("PICOSITE_RECORD").is_some() {
        fs::write(&file, record).expect("the source tree is writable");
    }
    let want = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(record, want, "what {name} hands over; PICOSITE_RECORD=1 records it anew");
}
