//! What a request brought, what follows from it, and which lines mend it.

use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::doctor::{Finding, Verdict};
use crate::serve::place;
use crate::serve::request::Variables;

/// The path that the page asks for, percent-encoded.
pub(super) const PATH: &str = "/a%20b/c";

/// The same, as a program should find it.
const DECODED: &str = "/a b/c";

/// What was handed over.
pub(super) struct Given {
    pub(super) environment: BTreeMap<String, String>,
    pub(super) arguments: Vec<String>,
    /// Where it lies and as whom it runs.
    pub(super) program: String,
    /// When the probe stops.
    pub(super) stops: String,
    /// What the settings lead to.
    pub(super) findings: Vec<Finding>,
}

/// The variables that a site is found by. Others may hold what is nobody's business.
const SHOWN: [&str; 15] = [
    "GATEWAY_INTERFACE",
    "SERVER_SOFTWARE",
    "SERVER_PROTOCOL",
    "REQUEST_METHOD",
    "REQUEST_URI",
    "PATH_INFO",
    "QUERY_STRING",
    "SCRIPT_NAME",
    "SCRIPT_FILENAME",
    "REDIRECT_STATUS",
    "REDIRECT_URL",
    "REDIRECT_QUERY_STRING",
    "REDIRECT_REQUEST_METHOD",
    "DOCUMENT_ROOT",
    "CONTENT_LENGTH",
];

/// The headers that matter, and what is lost without them.
const HEADERS: [(&str, &str, &str); 5] = [
    ("If-None-Match", "HTTP_IF_NONE_MATCH", "304 is by date, if at all"),
    ("If-Modified-Since", "HTTP_IF_MODIFIED_SINCE", "304 is by entity tag, if at all"),
    ("Range", "HTTP_RANGE", "a download that broke off begins anew"),
    ("If-Range", "HTTP_IF_RANGE", "a download that broke off may begin anew"),
    ("Accept-Encoding", "HTTP_ACCEPT_ENCODING", "pages go out uncompressed"),
];

/// Where the lines for a server are, by what `SERVER_SOFTWARE` begins with: those that put
/// a site at the root of a host. They are the ones that the tests put behind the server.
const AT_THE_ROOT: [(&str, &str); 5] = [
    ("Apache", include_str!("../../tests/servers/conf/apache2-root.conf")),
    ("lighttpd", include_str!("../../tests/servers/conf/lighttpd-root.conf")),
    ("nginx", include_str!("../../tests/servers/conf/nginx-root.conf")),
    ("Caddy", include_str!("../../tests/servers/conf/caddy-root.conf")),
    ("mini_httpd", include_str!("../../tests/servers/conf/mini-httpd-root.conf")),
];

/// The report.
pub(super) fn text(given: &Given) -> String {
    let mut text = format!(
        "picosite probe; it stops on {}: delete it before.\n{}\n\nHanded over\n",
        given.stops, given.program
    );
    let variable = |name: &str| given.environment.get(name).map(String::as_str);
    for name in SHOWN {
        if let Some(value) = variable(name) {
            text += &format!("  {name:24} {}\n", value.escape_debug());
        }
    }
    let settings: Vec<&str> = given
        .environment
        .keys()
        .map(|name| &**name)
        .filter(|n| n.starts_with("PICOSITE_"))
        .collect();
    let settings = if settings.is_empty() { "none".into() } else { settings.join(", ") };
    text += &format!("  {:24} {settings}\n", "settings");
    let count = given.arguments.len();
    let arguments = if count == 0 { "none" } else { "the query; picosite does not read them" };
    text += &format!("  {:24} {arguments}\n", "arguments");

    text += "\nWhat visitors send\n";
    let mut missing = Vec::new();
    for (header, name, loss) in HEADERS {
        let arrives = variable(name).is_some();
        let verdict = if arrives { "arrives".into() } else { format!("does not arrive: {loss}") };
        text += &format!("  {header:24} {verdict}\n");
        if !arrives {
            missing.push(header);
        }
    }

    text += "\nWhat follows\n";
    let (path, mount) = place(given);
    text += &format!("  {:24} {}\n", "path", path.escape_debug());
    text += &format!("  {:24} {}\n", "mount point", mount.escape_debug());

    text += "\nWhat to do\n";
    let before = text.len();
    let software = variable("SERVER_SOFTWARE").unwrap_or_default();
    let lines = AT_THE_ROOT.iter().find(|(name, _)| software.starts_with(name));
    if path != DECODED {
        text += &format!("  The path should be {DECODED}: no page but the home page is found.\n");
        text += match lines {
            Some(_) => "  These lines hand it over, for a site at /:\n",
            None => "  Let the server set PATH_INFO, or REQUEST_URI and SCRIPT_NAME.\n",
        };
        text += &indented(lines.map_or("", |(_, lines)| lines));
    }
    if missing.iter().any(|header| header.starts_with("If-")) {
        text += "  No line of the server's configuration lets the conditions through. Visitors\n  \
                 keep without asking what the site's _headers says they may:\n";
        text += &indented("/*.css\n  Cache-Control: public, max-age=86400\n");
    }
    if missing.contains(&"Accept-Encoding") {
        text += "  For compressed pages, put nginx, lighttpd or Apache in this server's place,\n  \
                 or in front of it.\n";
    }
    for finding in given.findings.iter().filter(|found| found.verdict == Verdict::Wrong) {
        text += &indented(&format!("{finding}\n"));
    }
    if text.len() == before {
        text += "  Nothing.\n";
    }
    if let Some((_, lines)) = lines.filter(|_| path == DECODED && !mount.is_empty()) {
        text += "\nTo have the site at / (with the paths of your machine)\n";
        text += &indented(lines);
    }
    text += "\nSettings, as this user finds them\n";
    given.findings.iter().for_each(|finding| text += &indented(&format!("{finding}\n")));
    text
}

/// Path and mount point, as a page would be looked for.
fn place(given: &Given) -> (String, String) {
    let entries: Vec<String> =
        given.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables = Variables::gather(entries.iter().map(String::as_bytes));
    let mut storage = None;
    match place::locate(&variables, &mut storage) {
        Ok(place) => (
            String::from_utf8_lossy(place.path).into_owned(),
            String::from_utf8_lossy(place.mount.as_bytes()).into_owned(),
        ),
        Err(failure) => (format!("none: {}", failure.cause().1), String::new()),
    }
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests;
