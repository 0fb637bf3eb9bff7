//! `_redirects`: parses the rules `from to [status]`, and encodes them as
//! [`Rules`](crate::site::record::Rules) decodes them.

use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

use crate::pack::lines;
use crate::pack::lines::{BLANK, Line, LineDiagnostic};
use crate::pack::record::{push_words, word};
use crate::site::pattern;
use crate::site::pattern::name_len;
use crate::site::record::Rules;

/// A checked rule.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Rule {
    line: usize,
    from: Vec<u8>,
    to: String,
    status: u16,
    forced: bool,
}

/// The rules of the file in order.
pub(super) fn parse(file: &[u8], errors: &mut Vec<LineDiagnostic>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for Line { number, text } in lines::lines(file, errors) {
        match rule(number, text) {
            Ok(rule) => rules.push(rule),
            Err(message) => errors.push(LineDiagnostic { line: number, message }),
        }
    }
    rules
}

/// The statuses that a rule can have.
const STATUSES: [u16; 8] = [200, 301, 302, 303, 307, 308, 404, 410];

fn rule(line: usize, text: &str) -> Result<Rule, String> {
    let words: Vec<&str> = text.split(BLANK).filter(|word| !word.is_empty()).collect();
    let (from, to, status) = match words[..] {
        [from, to] => (from, to, "301"),
        [from, to, status] => (from, to, status),
        _ => {
            return Err(format!(
                "a rule is `from to [status]`, but this line has {} of these; write a space in a \
                 name as `%20`",
                words.len()
            ));
        }
    };
    let (number, forced) = match status.strip_suffix('!') {
        Some(number) => (number, true),
        None => (status, false),
    };
    let status = STATUSES.into_iter().find(|known| known.to_string() == number).ok_or_else(|| {
        format!(
            "`{status}` is not a status for a rule; use 200, 301, 302, 303, 307, 308, 404 or 410, \
             with or without `!`"
        )
    })?;
    let decoded = lines::path_pattern(from)?;
    if from.find('*').is_some_and(|at| at + 1 < from.len()) {
        return Err(format!("the `*` in `{from}` is not at the end; rules allow it only there"));
    }
    check_target(to, status)?;
    check_placeholders(from, to)?;
    check_host(from, to)?;
    check_loop(from, to, status)?;
    Ok(Rule { line, from: decoded, to: to.to_string(), status, forced })
}

fn check_target(to: &str, status: u16) -> Result<(), String> {
    if to.contains('\\') {
        return Err(format!("`{to}` contains a `\\`; write `/`"));
    }
    if to.starts_with("https://") || to.starts_with("http://") {
        if !(300..400).contains(&status) {
            return Err(format!(
                "`{to}` is on another site, which a rule with status {status} cannot serve; use \
                 301 or 302, or a path"
            ));
        }
    } else if !to.starts_with('/') || to.starts_with("//") {
        return Err(format!(
            "`{to}` does not start with a single `/`; write the path from the site's root, or a \
             full URL with `https://`"
        ));
    }
    lines::percent_decode(to).map(drop)
}

/// Checks that `from` defines every placeholder of `to`. A `:` anywhere but at the start of a
/// segment or a query's value is literal, such as that before a port.
fn check_placeholders(from: &str, to: &str) -> Result<(), String> {
    for (at, name) in names(to) {
        let known = is_known(name, from);
        if to[..at].ends_with(['/', '=']) && !name.is_empty() && !known {
            let missing = if name == "splat" { "no `*` at its end" } else { "no such segment" };
            return Err(format!(
                "`{to}` uses `:{name}`, but `{from}` has {missing}; add it, or write the `:` \
                 as `%3A`"
            ));
        }
    }
    Ok(())
}

/// Checks that visitors cannot choose the host: `https://example.com:splat` could lead to
/// `https://example.com.evil.example`.
fn check_host(from: &str, to: &str) -> Result<(), String> {
    let Some((_, rest)) = to.split_once("://").filter(|_| !to.starts_with('/')) else {
        return Ok(());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() {
        return Err(format!("`{to}` names no host; write it after the `//`"));
    }
    if names(host).any(|(_, name)| is_known(name, from)) {
        return Err(format!(
            "`{to}` uses part of the requested path as its host; put a `/` before it"
        ));
    }
    Ok(())
}

/// Checks that the rule does not redirect to the requested address, over and over.
fn check_loop(from: &str, to: &str, status: u16) -> Result<(), String> {
    let same = lines::percent_decode(&from.replace('*', ":splat"))? == site_path(to)?;
    if same && (300..400).contains(&status) {
        return Err(format!("`{from}` redirects to itself; write another target"));
    }
    Ok(())
}

/// The path of a target, normalised for the look-up.
fn site_path(to: &str) -> Result<Vec<u8>, String> {
    let mut path = lines::percent_decode(to.split(['?', '#']).next().unwrap_or_default())?;
    path.dedup_by(|next, before| (*next, *before) == (b'/', b'/'));
    Ok(path)
}

/// The paths that rules serve to every visitor alike, each with the lines that name it.
pub(super) fn targets(rules: &[Rule]) -> BTreeMap<Vec<u8>, Vec<usize>> {
    let mut targets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Rule { line, from, to, status, .. } in rules {
        let from = String::from_utf8_lossy(from);
        if (300..400).contains(status) || names(to).any(|(_, name)| is_known(name, &from)) {
            continue;
        }
        let path = site_path(to).expect("check_target has decoded it");
        targets.entry(path).or_default().push(*line);
    }
    targets
}

/// The warnings about `targets` that no file of the site serves.
pub(super) fn unserved(targets: BTreeMap<Vec<u8>, Vec<usize>>) -> Vec<LineDiagnostic> {
    let warn = |(path, lines): (Vec<u8>, Vec<usize>)| {
        let path = path.escape_ascii();
        let message = format!("nothing is served at `{path}`; a folder's page ends in `/`");
        lines.into_iter().map(move |line| LineDiagnostic { line, message: message.clone() })
    };
    let mut warnings: Vec<_> = targets.into_iter().flat_map(warn).collect();
    warnings.sort_by_key(|warning| warning.line);
    warnings
}

/// What might be placeholders in a target: the index of the `:`, and the name.
fn names(to: &str) -> impl Iterator<Item = (usize, &str)> {
    to.match_indices(':').map(|(at, _)| {
        let name = &to[at + 1..];
        (at, &name[..name_len(name.as_bytes())])
    })
}

fn is_known(name: &str, from: &str) -> bool {
    lines::placeholders(from).any(|(known, _)| known == name)
        || name == "splat" && from.ends_with('*')
}

/// The value of the key [`RULES`](crate::site::record::RULES).
pub(super) fn encode(rules: &[Rule]) -> Vec<u8> {
    let mut value = vec![];
    for Rule { from, to, status, forced, .. } in rules {
        let status = u32::from(*status) | if *forced { Rules::FORCED } else { 0 };
        push_words(&mut value, &[status, word(from.len()), word(to.len())]);
        value.extend_from_slice(from);
        value.extend_from_slice(to.as_bytes());
    }
    value
}

/// Whether the first rule that matches `address` takes precedence over an asset there.
pub(super) fn is_forced(rules: &[Rule], address: &[u8]) -> bool {
    let first = rules.iter().find(|rule| pattern::matches(&rule.from, address).is_some());
    first.is_some_and(|rule| rule.forced)
}

/// Whether a rule can match an address that starts with `start`.
pub(super) fn reach(rules: &[Rule], start: &[u8]) -> bool {
    rules.iter().any(|rule| {
        let literal = rule.from.split(|byte| b"*:".contains(byte)).next().unwrap_or_default();
        let is_whole = literal.len() == rule.from.len();
        literal.starts_with(start) || !is_whole && start.starts_with(literal)
    })
}

#[cfg(test)]
mod tests;
