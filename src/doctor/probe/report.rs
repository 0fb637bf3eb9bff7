//! What a request brought, what follows from it, and which lines mend it.

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use crate::cgi::target;
use crate::cgi::variables::Variables;
use crate::doctor::{Finding, Verdict};

/// The path that the page asks for, percent-encoded.
pub(super) const PATH: &str = "/a%20b/c";

/// The same, as a program should find it.
const DECODED: &str = "/a b/c";

/// What was handed over.
pub(super) struct Given {
    pub(super) environment: BTreeMap<String, String>,
    /// The server hands the query over as arguments.
    pub(super) arguments: bool,
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
const AT_THE_ROOT: [(&str, &str); 4] = [
    ("Apache", include_str!("../../../tests/servers/conf/apache2-root.conf")),
    ("lighttpd", include_str!("../../../tests/servers/conf/lighttpd-root.conf")),
    ("nginx", include_str!("../../../tests/servers/conf/nginx-root.conf")),
    ("Caddy", include_str!("../../../tests/servers/conf/caddy-root.conf")),
];

/// The report: titles, and the lines below each.
pub(super) fn text(given: &Given) -> String {
    let settings = given.findings.iter().flat_map(lines).collect();
    let parts = [
        ("Handed over", given.handed_over()),
        ("What visitors send", given.headers()),
        ("What follows", given.follows()),
        ("What to do", given.remedies()),
        ("To have the site at / (with the paths of your machine)", given.at_the_root()),
        ("Settings, as this user finds them", settings),
    ];
    let Given { stops, program, .. } = given;
    let head = format!("picosite probe; it stops on {stops}: delete it before.\n{program}\n");
    parts.into_iter().filter(|(_, lines)| !lines.is_empty()).fold(head, |text, (title, lines)| {
        let lines = lines.join("\n  ");
        format!("{text}\n{title}\n  {lines}\n")
    })
}

impl Given {
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    fn handed_over(&self) -> Vec<String> {
        let shown = |name: &&str| self.variable(name).map(|value| row(name, value));
        let mut lines: Vec<String> = SHOWN.iter().filter_map(shown).collect();
        let names = self.environment.keys().map(|name| &**name);
        let settings: Vec<&str> = names.filter(|name| name.starts_with("PICOSITE_")).collect();
        lines.push(row("settings", &settings.join(", ")));
        let arguments = if self.arguments { "the query; picosite does not read them" } else { "" };
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

    fn follows(&self) -> Vec<String> {
        let (path, mount) = place(self);
        vec![row("path", &path), row("mount point", &mount)]
    }

    fn remedies(&self) -> Vec<String> {
        let mut remedies = Vec::new();
        if place(self).0 != DECODED {
            remedies.push(format!("The path should be {DECODED}: pages are not found."));
            if let Some(block) = self.block() {
                remedies.push("These lines hand it over, for a site at /:".into());
                remedies.extend(block.lines().map(indented));
            } else {
                let text = "Let the server set PATH_INFO, or REQUEST_URI and SCRIPT_NAME.";
                remedies.push(text.into());
            }
        }
        let lacks = |name| self.variable(name).is_none();
        if lacks("HTTP_IF_NONE_MATCH") || lacks("HTTP_IF_MODIFIED_SINCE") {
            remedies.extend(KEEP.map(String::from));
        }
        if lacks("HTTP_ACCEPT_ENCODING") {
            remedies.extend(COMPRESS.map(String::from));
        }
        let wrong = self.findings.iter().filter(|finding| finding.verdict == Verdict::Wrong);
        remedies.extend(wrong.flat_map(lines));
        if remedies.is_empty() {
            remedies.push("Nothing.".into());
        }
        remedies
    }

    /// What puts a site at the root of a host, where this one is elsewhere and works.
    fn at_the_root(&self) -> Vec<String> {
        let (path, mount) = place(self);
        let block = self.block().filter(|_| path == DECODED && !mount.is_empty());
        block.unwrap_or_default().lines().map(String::from).collect()
    }

    /// The tried lines for this server.
    fn block(&self) -> Option<&'static str> {
        let software = self.variable("SERVER_SOFTWARE").unwrap_or_default();
        let known = AT_THE_ROOT.iter().find(|(name, _)| software.starts_with(name));
        known.map(|(_, block)| *block)
    }
}

/// Where conditions do not arrive, no line of any server's configuration lets them through.
const KEEP: [&str; 4] = [
    "This server keeps conditions to itself. Visitors keep without asking what the",
    "site's _headers says they may:",
    "  /*.css",
    "    Cache-Control: public, max-age=86400",
];

/// Where codings do not arrive.
const COMPRESS: [&str; 2] = [
    "For compressed pages, put nginx, lighttpd or Apache in this server's place, or in",
    "front of it.",
];

/// Path and mount point, as a page would be looked for.
fn place(given: &Given) -> (String, String) {
    let entries: Vec<String> =
        given.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables = Variables::gather(entries.iter().map(String::as_bytes));
    let mut storage = [0; target::PATH_MAX];
    match target::locate(&variables, &mut storage) {
        Ok(place) => (
            String::from_utf8_lossy(place.path).into_owned(),
            String::from_utf8_lossy(place.mount.as_bytes()).into_owned(),
        ),
        Err(failure) => (format!("none: {}", failure.cause().1), String::new()),
    }
}

/// A name and what there is to say; a visitor's bytes do not steer a terminal.
fn row(name: &str, value: &str) -> String {
    let value = if value.is_empty() { "none" } else { value };
    format!("{name:24} {}", value.escape_debug())
}

fn lines(finding: &Finding) -> Vec<String> {
    format!("{finding}").lines().map(String::from).collect()
}

fn indented(line: &str) -> String {
    format!("  {line}")
}

#[cfg(test)]
mod tests;
