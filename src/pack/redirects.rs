//! `_redirects`: reads the rules `from to [status]`, and writes them as
//! [`Rules`](crate::site::record::Rules) has them.

use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

use crate::pack::lines;
use crate::pack::lines::{BLANK, Line, Wrong};
use crate::site::pattern;
use crate::site::pattern::name_len;
use crate::site::record::Rules;

/// One rule, checked.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Rule {
    line: usize,
    from: Vec<u8>,
    to: String,
    status: u16,
    forced: bool,
}

/// The rules of the file in their order.
pub(super) fn parse(file: &[u8], wrong: &mut Vec<Wrong>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for Line { number, text } in lines::lines(file, wrong) {
        match rule(number, text) {
            Ok(rule) => rules.push(rule),
            Err(what) => wrong.push(Wrong { line: number, what }),
        }
    }
    rules
}

/// The statuses that a rule may have.
const STATUSES: [u16; 8] = [200, 301, 302, 303, 307, 308, 404, 410];

fn rule(line: usize, text: &str) -> Result<Rule, String> {
    let words: Vec<&str> = text.split(BLANK).filter(|word| !word.is_empty()).collect();
    let (from, to, status) = match words[..] {
        [from, to] => (from, to, "301"),
        [from, to, status] => (from, to, status),
        _ => {
            return Err(format!(
                "a rule is `from to [status]`, and this line has {} of these; write a blank in a \
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
            "`{status}` is no status for a rule; take 200, 301, 302, 303, 307, 308, 404 or 410, \
             with or without `!`"
        )
    })?;
    let decoded = lines::path_pattern(from)?;
    if from.find('*').is_some_and(|at| at + 1 < from.len()) {
        return Err(format!("the `*` in `{from}` is not at the end; a rule has it only there"));
    }
    check_target(to, status)?;
    check_placeholders(from, to)?;
    check_host(from, to)?;
    check_loop(from, to, status)?;
    Ok(Rule { line, from: decoded, to: to.to_string(), status, forced })
}

fn check_target(to: &str, status: u16) -> Result<(), String> {
    if to.contains('\\') {
        return Err(format!("`{to}` holds a `\\`; write `/`"));
    }
    if to.starts_with("https://") || to.starts_with("http://") {
        if !(300..400).contains(&status) {
            return Err(format!(
                "`{to}` is another site, which a rule with status {status} cannot serve; take 301 \
                 or 302, or a path"
            ));
        }
    } else if !to.starts_with('/') || to.starts_with("//") {
        return Err(format!(
            "`{to}` does not begin with one `/`; write the path from the site's top, or a whole \
             address with `https://`"
        ));
    }
    lines::percent_decode(to).map(drop)
}

/// Whatever `to` takes up, `from` has to have. A `:` elsewhere is a plain one, as in
/// front of a port.
fn check_placeholders(from: &str, to: &str) -> Result<(), String> {
    for (at, name) in names(to) {
        let known = is_known(name, from);
        if to[..at].ends_with(['/', '=']) && !name.is_empty() && !known {
            let missing = if name == "splat" { "no `*` at its end" } else { "no such segment" };
            return Err(format!(
                "`{to}` takes up `:{name}`, and `{from}` has {missing}; add it, or write the `:` \
                 as `%3A`"
            ));
        }
    }
    Ok(())
}

/// Which host it is must not be the visitor's to say: `https://example.com:splat` leads to
/// `https://example.com.evil.example`.
fn check_host(from: &str, to: &str) -> Result<(), String> {
    let Some((_, rest)) = to.split_once("://").filter(|_| !to.starts_with('/')) else {
        return Ok(());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() {
        return Err(format!("`{to}` names no host; write it behind the `//`"));
    }
    if names(host).any(|(_, name)| is_known(name, from)) {
        return Err(format!(
            "`{to}` takes up part of the visitor's address as its host; put a `/` in front of it"
        ));
    }
    Ok(())
}

/// What leads to the address that was asked for does so again and again.
fn check_loop(from: &str, to: &str, status: u16) -> Result<(), String> {
    let same = lines::percent_decode(&from.replace('*', ":splat"))? == site_path(to)?;
    if same && (300..400).contains(&status) {
        return Err(format!("`{from}` leads to itself; write another target"));
    }
    Ok(())
}

/// The path that a target names, as it is looked up.
fn site_path(to: &str) -> Result<Vec<u8>, String> {
    let mut path = lines::percent_decode(to.split(['?', '#']).next().unwrap_or_default())?;
    path.dedup_by(|next, before| (*next, *before) == (b'/', b'/'));
    Ok(path)
}

/// Where the rules that serve something find it, as far as this is the same for every
/// visitor: each path, with the lines that name it.
pub(super) fn targets(rules: &[Rule]) -> BTreeMap<Vec<u8>, Vec<usize>> {
    let mut targets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Rule { line, from, to, status, .. } in rules {
        let from = String::from_utf8_lossy(from);
        if (300..400).contains(status) || names(to).any(|(_, name)| is_known(name, &from)) {
            continue;
        }
        let path = site_path(to).expect("the target was checked");
        targets.entry(path).or_default().push(*line);
    }
    targets
}

/// What there is to say of `targets` that no file of the site answers.
pub(super) fn unserved(targets: BTreeMap<Vec<u8>, Vec<usize>>) -> Vec<Wrong> {
    let mut notes: Vec<Wrong> = Vec::new();
    for (path, lines) in targets {
        let path = path.escape_ascii();
        let what = format!("no asset or page is at `{path}`; a folder's page ends in `/`");
        notes.extend(lines.into_iter().map(|line| Wrong { line, what: what.clone() }));
    }
    notes.sort_by_key(|wrong| wrong.line);
    notes
}

/// Whatever might be a placeholder of a target: where its `:` is, and its name.
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
        for word in [status, len(from), len(to.as_bytes())] {
            value.extend_from_slice(&word.to_le_bytes());
        }
        value.extend_from_slice(from);
        value.extend_from_slice(to.as_bytes());
    }
    value
}

fn len(text: &[u8]) -> u32 {
    u32::try_from(text.len()).expect("a file of 4 GiB was refused before")
}

/// Whether the first rule that matches `address` comes before an asset there.
pub(super) fn is_forced(rules: &[Rule], address: &[u8]) -> bool {
    let first = rules.iter().find(|rule| pattern::matches(&rule.from, address).is_some());
    first.is_some_and(|rule| rule.forced)
}

/// Whether a rule may match an address that begins with `start`.
pub(super) fn reach(rules: &[Rule], start: &[u8]) -> bool {
    rules.iter().any(|rule| {
        let literal = rule.from.split(|byte| b"*:".contains(byte)).next().unwrap_or_default();
        let is_whole = literal.len() == rule.from.len();
        literal.starts_with(start) || !is_whole && start.starts_with(literal)
    })
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::{Rule, encode, is_forced, parse, reach, targets};
    use crate::site::record;
    use crate::site::record::Rules;

    #[track_caller]
    fn reads(line: &str, from: &str, to: &str, status: u16, forced: bool) {
        let mut wrong = Vec::new();
        let rules = parse(line.as_bytes(), &mut wrong);
        assert_eq!(wrong, []);
        assert_eq!(
            rules,
            [Rule { line: 1, from: from.into(), to: to.to_string(), status, forced }]
        );
    }

    #[test]
    fn a_rule_is_two_words_or_three() {
        reads("/a /b", "/a", "/b", 301, false);
        reads("  /a\t\t/b  302 ", "/a", "/b", 302, false);
        reads("/a /b 200!", "/a", "/b", 200, true);
        reads("/gone /gone.html 410", "/gone", "/gone.html", 410, false);
        reads("/a%20b /c%20d", "/a b", "/c%20d", 301, false);
        reads("/a#b /c#d", "/a#b", "/c#d", 301, false);
    }

    #[test]
    fn a_target_takes_up_what_the_pattern_has() {
        reads("/n/:y/* /m?y=:y&s=:splat", "/n/:y/*", "/m?y=:y&s=:splat", 301, false);
        reads(
            "/* https://example.org:8080/:splat 308",
            "/*",
            "https://example.org:8080/:splat",
            308,
            false,
        );
        reads("/a /b:c/x-:y", "/a", "/b:c/x-:y", 301, false);
        reads("/a /:1", "/a", "/:1", 301, false);
    }

    #[test]
    fn tells_which_rules_may_match_behind_a_start() {
        for (line, want) in [
            ("/* /a", true),
            ("/:x/b /a", true),
            ("/th* /a", true),
            ("/thumb/:x /a", true),
            ("/thumb/a /a", true),
            ("/thumb /a", false),
            ("/ /a", false),
            ("/thumbs/* /a", false),
            ("/a/* /b", false),
        ] {
            let rules = parse(line.as_bytes(), &mut Vec::new());
            assert_eq!(reach(&rules, b"/thumb/"), want, "{line}");
        }
    }

    #[track_caller]
    fn refuses(line: &str, want: &str) {
        let mut wrong = Vec::new();
        assert_eq!(parse(line.as_bytes(), &mut wrong), []);
        let wrong: Vec<_> = wrong.iter().map(|wrong| (wrong.line, wrong.what.as_str())).collect();
        assert_eq!(wrong, [(1, want)]);
    }

    #[test]
    fn a_mistake_says_what_to_do() {
        let words = |n| {
            std::format!(
                "a rule is `from to [status]`, and this line has {n} of these; write a blank in a \
                 name as `%20`"
            )
        };
        refuses("/a", &words(1));
        refuses("/a b /c 301", &words(4));
        let status = |status| {
            std::format!(
                "`{status}` is no status for a rule; take 200, 301, 302, 303, 307, 308, 404 or \
                 410, with or without `!`"
            )
        };
        for text in ["300", "0301", "301!!", "!", "+301", "Language=de"] {
            refuses(&std::format!("/a /b {text}"), &status(text));
        }
        refuses("a /b", "`a` does not begin with `/`; write the path from the site's top");
        refuses("/a//b /c", "`/a//b` has a run of `/`, which no address keeps; write one");
        for from in ["/a/../b", "/./b", "/b/%2E."] {
            let what = "has a segment `.` or `..`, which is refused; take it out";
            refuses(&std::format!("{from} /c"), &std::format!("`{from}` {what}"));
        }
        for from in ["/a%5cb", "/%00"] {
            let what = "holds a NUL or a `\\`, which is refused; take it out";
            refuses(&std::format!("{from} /c"), &std::format!("`{from}` {what}"));
        }
        refuses("/*/a /b", "the `*` in `/*/a` is not at the end; a rule has it only there");
        refuses(
            "/a https://b/ 200",
            "`https://b/` is another site, which a rule with status 200 cannot serve; take 301 or \
             302, or a path",
        );
        let path = |to| {
            std::format!(
                "`{to}` does not begin with one `/`; write the path from the site's top, or a \
                 whole address with `https://`"
            )
        };
        for to in ["b", "//b", "ftp://b/", "javascript:alert(1)", ":splat"] {
            refuses(&std::format!("/a* {to}"), &path(to));
        }
        refuses("/a /\\b", "`/\\b` holds a `\\`; write `/`");
        refuses(
            "/a /100%",
            "a `%` in `/100%` has no two hex digits behind it; write a plain `%` as `%25`",
        );
        refuses(
            "/a /b/:splat",
            "`/b/:splat` takes up `:splat`, and `/a` has no `*` at its end; add it, or write the \
             `:` as `%3A`",
        );
        refuses(
            "/a/:x /b?y=:y",
            "`/b?y=:y` takes up `:y`, and `/a/:x` has no such segment; add it, or write the `:` \
             as `%3A`",
        );
    }

    #[test]
    fn what_leads_to_itself_is_refused() {
        for (from, to) in [("/e", "/e"), ("/a%20b", "/a b?q#f"), ("/:x/*", "/:x/:splat")] {
            let line = std::format!("{from} {}", to.replace(' ', "%20"));
            refuses(&line, &std::format!("`{from}` leads to itself; write another target"));
        }
        reads("/e /e 200", "/e", "/e", 200, false);
        reads("/* /a/:splat", "/*", "/a/:splat", 301, false);
    }

    #[test]
    fn targets_that_are_the_same_for_every_visitor_are_known() {
        let file = b"/a /x%20y?q 200\n/b /x%20y 404!\n/* /:splat 200\n/c /d\n/e /f:g//h 410\n";
        let targets = targets(&parse(file, &mut Vec::new()));
        let targets: Vec<_> = targets.iter().map(|(path, lines)| (&path[..], &lines[..])).collect();
        assert_eq!(targets, [(&b"/f:g/h"[..], &[5][..]), (b"/x y", &[1, 2])]);
    }

    #[test]
    fn all_mistakes_are_found() {
        let mut wrong = Vec::new();
        let rules = parse(b"/a /b\nx y\n/c /d\n/e\n", &mut wrong);
        assert_eq!(rules.len(), 2);
        assert_eq!(wrong.iter().map(|wrong| wrong.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn the_reader_gets_back_what_was_written() {
        let rules = parse(b"/a%20b /c\n/* /:splat 404!\n", &mut Vec::new());
        let value = encode(&rules);
        let rule = |from, to, status, forced| Ok(record::Rule { from, to, status, forced });
        assert_eq!(
            Rules::new(&value).collect::<Vec<_>>(),
            [rule(b"/a b", b"/c", 301, false), rule(b"/*", b"/:splat", 404, true)]
        );
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rules = parse(b"/a /x\n/* /y 301!\n/b /z\n", &mut Vec::new());
        assert!(!is_forced(&rules, b"/a"));
        assert!(is_forced(&rules, b"/b"));
        assert!(!is_forced(&rules[..1], b"/b"));
    }
}
