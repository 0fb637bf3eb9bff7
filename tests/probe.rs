//! `picosite doctor --probe`, run as a web server runs it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, thread};

/// A probe, and one that has expired.
fn probes() -> &'static (PathBuf, PathBuf) {
    static PROBES: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PROBES.get_or_init(|| {
        // A static is never dropped, so the next run removes what this one leaves.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let (program, old) = (folder.join("probe.cgi"), folder.join("old.cgi"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mark = folder.join("mark");
        let mut cdb = cdb::CDBWriter::create(mark.to_str().unwrap()).unwrap();
        cdb.add(b"//probe", &(now - 24 * 60 * 60).to_le_bytes()).unwrap();
        cdb.finish().unwrap();
        let picosite = env!("CARGO_BIN_EXE_picosite");
        picosite::facade::pack::attach(picosite.as_ref(), &mark, &old).unwrap();
        fs::remove_file(mark).unwrap();
        let mut command = Command::new(picosite);
        command.args(["doctor", "--probe", "probe.cgi"]).current_dir(&folder).env_clear();
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "a file was left behind");
        (program, old)
    })
}

#[track_caller]
fn ask(program: &PathBuf, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(program);
    command.env_clear().env("REQUEST_METHOD", "GET").envs(environment.iter().copied());
    let output = loop {
        match command.output() {
            // A child that another test forked meanwhile still has it open for writing.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            output => break output.unwrap(),
        }
    };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stderr, b"");
    String::from_utf8(output.stdout).unwrap()
}

const REPORT: (&str, &str) = ("QUERY_STRING", "report");

#[test]
fn the_page_requests_the_report() {
    let (probe, _) = probes();
    let page = ask(probe, &[("PATH_INFO", "/")]);
    assert!(page.starts_with("Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"));
    assert!(page.contains("fetch(location.pathname.replace(/\\/$/, '') + '/a%20b/c?report', {"));
}

#[test]
fn the_report_shows_the_request_and_no_secret() {
    let (probe, _) = probes();
    let environment = [
        REPORT,
        ("PATH_INFO", "/a b/c"),
        ("REQUEST_URI", "/cgi-bin/probe.cgi/a%20b/c?report"),
        ("HTTP_COOKIE", "hush"),
        ("PICOSITE_SECRET", "a:hushhushhush"),
    ];
    let report = ask(probe, &environment);
    assert!(report.starts_with("Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert!(report.contains("\r\nCache-Control: no-store\r\n"), "{report}");
    assert!(report.contains("\n  mount point              /cgi-bin/probe.cgi\n"), "{report}");
    assert!(report.contains("can be guessed"), "{report}");
    assert!(!report.contains("hushhush") && !report.contains("HTTP_COOKIE"), "{report}");
}

#[test]
fn a_probe_ignores_the_setting_site() {
    let (probe, _) = probes();
    let report = ask(probe, &[REPORT, ("PICOSITE_SITE", "/nowhere.cdb")]);
    assert!(report.contains("\npicosite probe; "), "{report}");
}

#[test]
fn a_probe_stops_after_a_day() {
    let (_, old) = probes();
    let page = ask(old, &[REPORT]);
    assert!(page.starts_with("Status: 410 Gone\r\n"), "{page}");
    assert!(page.ends_with(
        "\r\n\r\nThis probe has stopped. Delete it, or write another: picosite doctor --probe.\n"
    ));
}
