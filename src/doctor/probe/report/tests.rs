use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use crate::doctor::probe::report::{Received, text};

fn received(environment: &[(&str, &str)]) -> Received {
    let pair = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    Received {
        environment: environment.iter().map(pair).collect::<BTreeMap<_, _>>(),
        arguments: false,
        program: "/cgi-bin/probe.cgi, as user 33".into(),
        stops: "tomorrow".into(),
        findings: vec![],
    }
}

/// The lines below one title of a report.
fn part(report: &str, title: &str) -> Vec<String> {
    let lines = report.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::to_string).collect()
}

/// What Debian's apache2 passes on: see tests/environments/.
const APACHE: [(&str, &str); 10] = [
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("HTTP_ACCEPT_ENCODING", "br"),
    ("HTTP_IF_MODIFIED_SINCE", "x"),
    ("HTTP_IF_NONE_MATCH", "x"),
    ("HTTP_IF_RANGE", "x"),
    ("HTTP_RANGE", "x"),
    ("PATH_INFO", "/a b/c"),
    ("REQUEST_URI", "/cgi-bin/probe.cgi/a%20b/c?report"),
    ("SCRIPT_NAME", "/cgi-bin/probe.cgi"),
    ("SERVER_SOFTWARE", "Apache/2.4"),
];

#[test]
fn a_server_that_passes_on_everything_needs_no_fix() {
    let report = text(&received(&APACHE));
    assert_eq!(part(&report, "What to do"), ["  Nothing."]);
    let follows =
        ["  path                     /a b/c", "  mount point              /cgi-bin/probe.cgi"];
    assert_eq!(part(&report, "What picosite makes of it"), follows);
    assert!(report.contains("  ScriptAlias / /usr/lib/cgi-bin/site.cgi/\n"), "{report}");
}

#[test]
fn reports_missing_headers_and_what_helps() {
    let environment: Vec<_> =
        APACHE.into_iter().filter(|(name, _)| !name.starts_with("HTTP_")).collect();
    let report = text(&received(&environment));
    let sent = part(&report, "Request headers");
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|line| line.contains("does not arrive: ")), "{report}");
    let remedy = part(&report, "What to do");
    assert!(remedy.contains(&"      Cache-Control: public, max-age=86400".into()), "{report}");
}

#[test]
fn reports_a_lost_path_and_the_configuration_that_fixes_it() {
    let environment = [("SERVER_SOFTWARE", "nginx/1.22"), ("SCRIPT_NAME", "/probe.cgi")];
    let report = text(&received(&environment));
    let remedy = part(&report, "What to do");
    assert!(remedy[0].starts_with("  The path should be /a b/c"), "{report}");
    assert!(remedy.contains(&"    location / {".into()), "{report}");
}

#[test]
fn shows_nothing_private() {
    let private = [
        ("PICOSITE_SECRET", "hush"),
        ("HTTP_COOKIE", "hush"),
        ("HTTP_AUTHORIZATION", "hush"),
        ("DATABASE_URL", "hush"),
    ];
    let report = text(&received(&private));
    assert!(!report.contains("hush"), "{report}");
    assert!(report.contains("PICOSITE_SECRET\n"), "{report}");
}
