use std::string::ToString;
use std::vec::Vec;

use super::{Rule, encode, is_forced, parse, reach, targets};
use crate::site::record;
use crate::site::record::Rules;

#[track_caller]
fn reads(line: &str, from: &str, to: &str, status: u16, forced: bool) {
    let mut errors = Vec::new();
    let rules = parse(line.as_bytes(), &mut errors);
    assert_eq!(errors, []);
    assert_eq!(rules, [Rule { line: 1, from: from.into(), to: to.to_string(), status, forced }]);
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
fn a_target_uses_the_placeholders_of_its_pattern() {
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
fn rules_that_can_match_below_a_prefix_are_known() {
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
    let mut errors = Vec::new();
    assert_eq!(parse(line.as_bytes(), &mut errors), []);
    let errors: Vec<_> = errors.iter().map(|e| (e.line, e.message.as_str())).collect();
    assert_eq!(errors, [(1, want)]);
}

#[test]
fn errors_say_what_to_do() {
    let words = |n| {
        std::format!(
            "a rule is `from to [status]`, but this line has {n} of these; write a space in a \
             name as `%20`"
        )
    };
    refuses("/a", &words(1));
    refuses("/a b /c 301", &words(4));
    let status = |status| {
        std::format!(
            "`{status}` is not a status for a rule; use 200, 301, 302, 303, 307, 308, 404 or \
             410, with or without `!`"
        )
    };
    for text in ["300", "0301", "301!!", "!", "+301", "Language=de"] {
        refuses(&std::format!("/a /b {text}"), &status(text));
    }
    refuses("a /b", "`a` does not start with `/`; write the path from the site's root");
    refuses("/a//b /c", "`/a//b` has a run of `/`, which no address keeps; write one");
    for from in ["/a/../b", "/./b", "/b/%2E."] {
        let what = "has a segment `.` or `..`, which is refused; remove it";
        refuses(&std::format!("{from} /c"), &std::format!("`{from}` {what}"));
    }
    for from in ["/a%5cb", "/%00"] {
        let what = "contains a NUL or a `\\`, which is refused; remove it";
        refuses(&std::format!("{from} /c"), &std::format!("`{from}` {what}"));
    }
    refuses("/*/a /b", "the `*` in `/*/a` is not at the end; rules allow it only there");
    refuses(
        "/a https://b/ 200",
        "`https://b/` is on another site, which a rule with status 200 cannot serve; use 301 or \
         302, or a path",
    );
    let path = |to| {
        std::format!(
            "`{to}` does not start with a single `/`; write the path from the site's root, \
             or a full URL with `https://`"
        )
    };
    for to in ["b", "//b", "ftp://b/", "javascript:alert(1)", ":splat"] {
        refuses(&std::format!("/a* {to}"), &path(to));
    }
    refuses("/a /\\b", "`/\\b` contains a `\\`; write `/`");
    refuses(
        "/a /100%",
        "a `%` in `/100%` is not followed by two hex digits; write a literal `%` as `%25`",
    );
    refuses(
        "/a /b/:splat",
        "`/b/:splat` uses `:splat`, but `/a` has no `*` at its end; add it, or write the \
         `:` as `%3A`",
    );
    refuses(
        "/a/:x /b?y=:y",
        "`/b?y=:y` uses `:y`, but `/a/:x` has no such segment; add it, or write the `:` \
         as `%3A`",
    );
}

#[test]
fn a_redirect_to_itself_is_refused() {
    for (from, to) in [("/e", "/e"), ("/a%20b", "/a b?q#f"), ("/:x/*", "/:x/:splat")] {
        let line = std::format!("{from} {}", to.replace(' ', "%20"));
        refuses(&line, &std::format!("`{from}` redirects to itself; write another target"));
    }
    reads("/e /e 200", "/e", "/e", 200, false);
    reads("/* /a/:splat", "/*", "/a/:splat", 301, false);
}

#[test]
fn targets_without_placeholders_are_known() {
    let file = b"/a /x%20y?q 200\n/b /x%20y 404!\n/* /:splat 200\n/c /d\n/e /f:g//h 410\n";
    let targets = targets(&parse(file, &mut Vec::new()));
    let targets: Vec<_> = targets.iter().map(|(path, lines)| (&path[..], &lines[..])).collect();
    assert_eq!(targets, [(&b"/f:g/h"[..], &[5][..]), (b"/x y", &[1, 2])]);
}

#[test]
fn all_errors_are_found() {
    let mut errors = Vec::new();
    let rules = parse(b"/a /b\nx y\n/c /d\n/e\n", &mut errors);
    assert_eq!(rules.len(), 2);
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn the_reader_decodes_what_was_encoded() {
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
