use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use super::Headers;

/// Compares the fields for `address` as `Name: value` or `! Name`, and errors and ignored
/// lines as `line: message`.
#[track_caller]
fn check(file: &str, address: &str, want: &[&str], want_errors: &[&str], ignored: &[&str]) {
    let (mut errors, mut ignore) = (vec![], vec![]);
    let headers = Headers::parse(file.as_bytes(), &mut errors, &mut ignore);
    let fields = headers.fields(address.as_bytes());
    fields.check(&mut errors);
    let shown = |lines: &[super::LineDiagnostic]| -> Vec<String> {
        lines.iter().map(|line| format!("{}: {}", line.line, line.message)).collect()
    };
    assert_eq!(shown(&errors), want_errors);
    assert_eq!(shown(&ignore), ignored);
    let fields: Vec<_> = fields
        .0
        .iter()
        .map(|field| match &field.value {
            Some(value) => format!("{}: {value}", field.name),
            None => format!("! {}", field.name),
        })
        .collect();
    assert_eq!(fields, want);
}

#[test]
fn lines_apply_to_the_addresses_that_match() {
    let file = "/*\n  X-A: 1\n/b/:c\n\tX-B: 2: 3 \n/*.css\n X-C:4\n";
    check(file, "/", &["X-A: 1"], &[], &[]);
    check(file, "/b/c", &["X-A: 1", "X-B: 2: 3"], &[], &[]);
    check(file, "/b/c.css", &["X-A: 1", "X-B: 2: 3", "X-C: 4"], &[], &[]);
    check("/a%20b\n X: 1\n/c d\n Y: 2", "/a b", &["X: 1"], &[], &[]);
    check("/a%20b\n X: 1\n/c d\n Y: 2", "/c d", &["Y: 2"], &[], &[]);
}

#[test]
fn values_of_the_same_name_are_joined() {
    let file = "/*\n  Cache-Control: public\n  cache-control: no-cache\n/a\n CACHE-CONTROL: x\n";
    check(file, "/a", &["Cache-Control: public, no-cache, x"], &[], &[]);
    check(file, "/b", &["Cache-Control: public, no-cache"], &[], &[]);
}

#[test]
fn a_field_can_be_removed_and_set_again() {
    let file = "/*\n X: 1\n ! x\n ! ETag\n/a\n X: 2\n X: 3\n";
    check(file, "/", &["! X", "! ETag"], &[], &[]);
    check(file, "/a", &["X: 2, 3", "! ETag"], &[], &[]);
}

#[test]
fn fields_that_picosite_sets_itself_are_ignored() {
    check(
        "/\n status: 404\n ! Content-Length\n Content-Encoding: br\n",
        "/",
        &[],
        &[],
        &[
            "2: picosite sets `status` itself; the line is ignored",
            "3: picosite sets `Content-Length` itself; the line is ignored",
            "4: picosite sets `Content-Encoding` itself; the line is ignored",
        ],
    );
}

#[test]
fn errors_say_what_to_do() {
    let cases = [
        (" X: 1", "1: a header without a path; write the path on a line above, not indented"),
        ("/\nX: 1", "2: `X: 1` is not indented; put a space before a header"),
        (
            "https://a/b\n X: 1",
            "1: `https://a/b` does not start with `/`; write the path from the site's root",
        ),
        ("/\n X 1", "2: `X 1` has no `:`; write `Name: value`, or `! Name`"),
        ("/\n # no", "2: a comment cannot be indented; start its line with `#`"),
        ("/\n X : 1", "2: `X ` is not a header name; use letters, digits and `-`"),
        ("/\n : 1", "2: `` is not a header name; use letters, digits and `-`"),
        ("/\n !", "2: `` is not a header name; use letters, digits and `-`"),
        ("/\n ! X: 1", "2: `X: 1` is not a header name; use letters, digits and `-`"),
        ("/\n Ü: 1", "2: `Ü` is not a header name; use letters, digits and `-`"),
        ("/\n X:", "2: `X` has no value; write `! X` to remove it"),
        ("/\n location: /a", "2: `location` would break the reply; remove the line"),
        ("/\n ! TE", "2: `TE` would break the reply; remove the line"),
    ];
    for (file, want) in cases {
        check(file, "/", &[], &[want], &[]);
    }
    let tag = "is not an entity tag; write exactly one, as `\"text\"`";
    for value in ["a", "\"a", "w/\"a\"", "\"a b\"", "\"a\", \"b\"", "\""] {
        let (file, field) = (format!("/\n ETag: {value}"), format!("ETag: {value}"));
        check(&file, "/", &[&field], &[&format!("2: `{value}` {tag}")], &[]);
    }
    let date = "is not a date; write exactly one, as `Sun, 06 Nov 1994 08:49:37 GMT`";
    let file = "/\n Last-Modified: today";
    check(file, "/", &["Last-Modified: today"], &[&format!("2: `today` {date}")], &[]);
}

#[test]
fn lines_after_a_wrong_path_are_dropped() {
    let wrong = ["3: `b` does not start with `/`; write the path from the site's root"];
    check("/*\n X: 1\nb\n Y: 2\n", "/", &["X: 1"], &wrong, &[]);
}

#[test]
fn validators_of_the_site_are_accepted() {
    let file = "/\n ETag: W/\"1\"\n Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
    let want = ["ETag: W/\"1\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"];
    check(file, "/", &want, &[], &[]);
}
