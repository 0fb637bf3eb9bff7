//! `tests/environments/` has what servers pass on. Each server runs a script that saves its
//! environment, which has to equal the file.
//!
//! `PICOSITE_RECORD=1` records the files again. A file begins with the variables that all
//! requests share. Each request that reached the program has a block: `--- title`, its other
//! variables by name, `argv[n]=` for arguments.

use std::env;
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::folder::Folder;
use super::installation::Installation;
use super::running::Running;

/// The requests: title, path below the mount point, options for curl.
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

/// The header is sent on its own: mini_httpd cuts the connection if the body comes with it.
const POST: [&str; 6] =
    ["--data", "name=value", "--header", "Expect: 100-continue", "--expect100-timeout", "0.05"];

/// No condition holds, so the reply is the whole file in the preferred encoding.
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

/// Variables of the machine, of the test (the site, and `PWD` from mini_httpd's shell
/// wrapper), and two unused ones that contain the folder and a version.
const LEFT_OUT: [&str; 7] = [
    "LD_LIBRARY_PATH",
    "PATH",
    "PATH_TRANSLATED",
    "PICOSITE_SITE",
    "PWD",
    "REDIRECT_PICOSITE_SITE",
    "SERVER_SIGNATURE",
];

/// Records what one installation passes on and compares it with its file.
pub(crate) fn check(installation: &Installation) {
    let folder = Folder::new();
    // The server may run as another user.
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
        // Without a file the server answered by itself.
        let Ok(bytes) = fs::read(&kept) else { continue };
        fs::remove_file(&kept).expect("the folder is ours");
        requests.push((title, lines(&server.as_installed(&bytes))));
    }
    compare(installation.name, &record(&requests));
}

/// The file's content: first what all requests share.
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

/// A script that saves environment and arguments as the kernel has them, before the shell
/// changes any, and answers. It reads the request's body, since Apache loses the reply otherwise.
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

/// The saved variables and arguments, one per line, sorted.
fn lines(kept: &str) -> Vec<String> {
    let (environment, arguments) = kept.split_once("\0\0").expect("the script parts them");
    let mut lines: Vec<String> = environment.split('\0').filter_map(line).collect();
    lines.sort_unstable();
    // The interpreter's and the script's name come first.
    for (n, argument) in arguments.trim_end_matches('\0').split('\0').skip(2).enumerate() {
        lines.push(format!("argv[{}]={argument}\n", n + 1));
    }
    lines
}

/// One variable as recorded, if it is; values that vary between runs are fixed.
fn line(variable: &str) -> Option<String> {
    let (name, value) = variable.split_once('=')?;
    let value = match name {
        name if LEFT_OUT.contains(&name) => return None,
        "REMOTE_PORT" => "50000",
        // Debian's updates change everything after the second number.
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
    assert_eq!(record, want, "what {name} passes on; PICOSITE_RECORD=1 records it again");
}
