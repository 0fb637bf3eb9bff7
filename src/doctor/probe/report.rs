//! The report: what a request brought, what picosite makes of it, and how to fix it.

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use crate::cgi::target;
use crate::cgi::variables::Variables;
use crate::doctor::{Finding, Verdict};

/// The path that the page requests, percent-encoded.
pub(super) const PATH: &str = "/a%20b/c";

/// The same path as it should reach the program.
const DECODED: &str = "/a b/c";

/// What the server passed on.
pub(super) struct Received {
    pub(super) environment: BTreeMap<String, String>,
    /// Whether the server passed the query as arguments (RFC 3875, 4.4).
    pub(super) arguments: bool,
    /// The program's path and the user it runs as.
    pub(super) program: String,
    /// When the probe stops.
    pub(super) stops: String,
    /// What the checks of the settings found.
    pub(super) findings: Vec<Finding>,
}

/// The variables that lead to a page. Others may be private.
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

/// The headers that matter, and what is lost without each.
const HEADERS: [(&str, &str, &str); 5] = [
    ("If-None-Match", "HTTP_IF_NONE_MATCH", "304 depends on the date alone"),
    ("If-Modified-Since", "HTTP_IF_MODIFIED_SINCE", "304 depends on the entity tag alone"),
    ("Range", "HTTP_RANGE", "an interrupted download starts over"),
    ("If-Range", "HTTP_IF_RANGE", "an interrupted download may start over"),
    ("Accept-Encoding", "HTTP_ACCEPT_ENCODING", "pages are sent uncompressed"),
];

/// Configurations that serve a site at the root of a host, by how `SERVER_SOFTWARE` begins.
/// The tests run the servers with them.
const AT_THE_ROOT: [(&str, &str); 4] = [
    ("Apache", include_str!("../../../tests/servers/conf/apache2-root.conf")),
    ("lighttpd", include_str!("../../../tests/servers/conf/lighttpd-root.conf")),
    ("nginx", include_str!("../../../tests/servers/conf/nginx-root.conf")),
    ("Caddy", include_str!("../../../tests/servers/conf/caddy-root.conf")),
];

/// The report: titles, and lines below each.
pub(super) fn text(received: &Received) -> String {
    let settings = received.findings.iter().flat_map(lines).collect();
    let parts = [
        ("Passed on by the server", received.variables()),
        ("Request headers", received.headers()),
        ("What picosite makes of it", received.target()),
        ("What to do", received.remedies()),
        ("To serve the site at / (adapt the paths)", received.at_the_root()),
        ("Settings, as this user sees them", settings),
    ];
    let Received { stops, program, .. } = received;
    let head = format!("picosite probe; it stops on {stops}. Delete it before then.\n{program}\n");
    parts.into_iter().filter(|(_, lines)| !lines.is_empty()).fold(head, |text, (title, lines)| {
        let lines = lines.join("\n  ");
        format!("{text}\n{title}\n  {lines}\n")
    })
}

impl Received {
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    fn variables(&self) -> Vec<String> {
        let shown = |name: &&str| self.variable(name).map(|value| row(name, value));
        let mut lines: Vec<String> = SHOWN.iter().filter_map(shown).collect();
        let names = self.environment.keys().map(|name| &**name);
        let settings: Vec<&str> = names.filter(|name| name.starts_with("PICOSITE_")).collect();
        lines.push(row("settings", &settings.join(", ")));
        let arguments =
            if self.arguments { "the query string, which picosite ignores" } else { "" };
        lines.push(row("arguments", arguments));
        lines
    }

    fn headers(&self) -> Vec<String> {
        let line = |&(header, name, loss): &(&str, &str, &str)| match self.variable(name) {
            Some(_) => row(header, "arrives"),
            None => row(header, &format!("does not arrive: {loss}")),
        };
        HEADERS.iter().map(line).collect()
    }

    fn target(&self) -> Vec<String> {
        let (path, mount) = locate(self);
        vec![row("path", &path), row("mount point", &mount)]
    }

    fn remedies(&self) -> Vec<String> {
        let mut remedies = Vec::new();
        if locate(self).0 != DECODED {
            remedies.push(format!("The path should be {DECODED}: pages are not found."));
            if let Some(block) = self.block() {
                remedies.push("These lines pass it on, for a site at /:".into());
                remedies.extend(block.lines().map(|line| format!("  {line}")));
            } else {
                let text = "Let the server set PATH_INFO, or REQUEST_URI and SCRIPT_NAME.";
                remedies.push(text.into());
            }
        }
        let lacks = |name| self.variable(name).is_none();
        if lacks("HTTP_IF_NONE_MATCH") || lacks("HTTP_IF_MODIFIED_SINCE") {
            remedies.extend(NO_CONDITIONS.map(String::from));
        }
        if lacks("HTTP_ACCEPT_ENCODING") {
            remedies.extend(NO_CODINGS.map(String::from));
        }
        let wrong = self.findings.iter().filter(|finding| finding.verdict == Verdict::Wrong);
        remedies.extend(wrong.flat_map(lines));
        if remedies.is_empty() {
            remedies.push("Nothing.".into());
        }
        remedies
    }

    /// The configuration for a site at the root, if this one works but is elsewhere.
    fn at_the_root(&self) -> Vec<String> {
        let (path, mount) = locate(self);
        let block = self.block().filter(|_| path == DECODED && !mount.is_empty());
        block.unwrap_or_default().lines().map(String::from).collect()
    }

    /// The tested configuration for this server.
    fn block(&self) -> Option<&'static str> {
        let software = self.variable("SERVER_SOFTWARE").unwrap_or_default();
        let known = AT_THE_ROOT.iter().find(|(name, _)| software.starts_with(name));
        known.map(|(_, block)| *block)
    }
}

/// For servers without conditional headers: no configuration of theirs passes them on.
const NO_CONDITIONS: [&str; 4] = [
    "This server does not pass on conditional requests. Browsers then keep without asking",
    "what the site's _headers allows:",
    "  /*.css",
    "    Cache-Control: public, max-age=86400",
];

/// For servers without `Accept-Encoding`.
const NO_CODINGS: [&str; 2] = [
    "For compressed pages, use nginx, lighttpd or Apache instead of this server, or in",
    "front of it.",
];

/// The path and mount point that a request for a page would have.
fn locate(received: &Received) -> (String, String) {
    let entries: Vec<String> =
        received.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables = Variables::gather(entries.iter().map(String::as_bytes));
    let mut storage = [0; target::PATH_MAX];
    match target::locate(&variables, &mut storage) {
        Ok(found) => (
            String::from_utf8_lossy(found.path).into_owned(),
            String::from_utf8_lossy(found.mount.as_bytes()).into_owned(),
        ),
        Err(failure) => (format!("none: {}", failure.cause().1), String::new()),
    }
}

/// A name and its value, escaped so that a request cannot control a terminal.
fn row(name: &str, value: &str) -> String {
    let value = if value.is_empty() { "none" } else { value };
    format!("{name:24} {}", value.escape_debug())
}

fn lines(finding: &Finding) -> Vec<String> {
    format!("{finding}").lines().map(String::from).collect()
}

#[cfg(test)]
mod tests;
