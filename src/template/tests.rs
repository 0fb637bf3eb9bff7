use core::fmt::{self, Write};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::template::{GALLERY, Names, Stands, Template, Values, Visit};

const NAMES: Names = &[
    ("title", Stands::ForText),
    ("none", Stands::ForText),
    ("empty", Stands::ForList(&[("title", Stands::ForText)])),
    (
        "list",
        Stands::ForList(&[
            ("item", Stands::ForText),
            ("inner", Stands::ForList(&[("item", Stands::ForText)])),
        ]),
    ),
];

/// `title` is a text, `list` has three entries, `inner` of each has two.
struct Page(&'static str);
struct Entry;
struct Inner;

impl Values for Page {
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result {
        out.write_str(if name == "title" { self.0 } else { "" })
    }

    fn each(&self, name: &str, visit: Visit<'_>) -> fmt::Result {
        (0..if name == "list" { 3 } else { 0 }).try_for_each(|_| visit(&Entry))
    }
}

impl Values for Entry {
    fn write(&self, _: &str, out: &mut dyn Write) -> fmt::Result {
        out.write_str("a")
    }

    fn each(&self, _: &str, visit: Visit<'_>) -> fmt::Result {
        (0..2).try_for_each(|_| visit(&Inner))
    }
}

impl Values for Inner {
    fn write(&self, _: &str, out: &mut dyn Write) -> fmt::Result {
        out.write_str("i")
    }

    fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
        Ok(())
    }
}

fn render(text: &str, title: &'static str) -> String {
    let mut out = String::new();
    Template::parse(text.as_bytes(), NAMES).unwrap().render(&Page(title), &mut out).unwrap();
    out
}

#[track_caller]
fn check(text: &str, want: &str) {
    assert_eq!(render(text, "T"), want, "{text}");
}

#[test]
fn writes_values_sections_and_text() {
    check("", "");
    check("plain } }} { text", "plain } }} { text");
    check("{{title}}", "T");
    check("{{title}}{{title}}", "TT");
    check("a{{!-- {{no}} {{#such}} -- }} --}}b", "ab");
    check("{{!----}}{{!-- {{!-- --}}{{title}}", "T");
    check("({{#list}}{{item}}{{/list}})", "(aaa)");
    check("({{^list}}x{{/list}}{{^empty}}y{{/empty}})", "(y)");
    check("({{#empty}}{{title}}{{/empty}})", "()");
    check("{{#title}}[{{title}}]{{/title}}{{^title}}none{{/title}}", "[T]");
    check("{{#none}}x{{/none}}{{^none}}y{{/none}}", "y");
    check(
        "{{#list}}{{title}}{{#inner}}{{item}}{{title}}{{/inner}}{{item}};{{/list}}",
        "TiTiTa;TiTiTa;TiTiTa;",
    );
    check("{{^none}}{{#list}}{{^inner}}x{{/inner}}{{^empty}}-{{/empty}}{{/list}}{{/none}}", "---");
    check("{{#empty}}{{#list}}{{^none}}x{{/none}}{{/list}}{{/empty}}.", ".");
    // A list inside itself is the same list.
    check("{{#list}}{{#list}}{{item}}{{/list}} {{/list}}", "aaa aaa aaa ");
}

#[test]
fn escapes_every_value() {
    assert_eq!(
        render("<{{title}}>", "<b a='1' c=\"2\">&amp;é"),
        "<&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;é>"
    );
}

#[track_caller]
fn refused(text: &[u8], want: &str) {
    let mistake = Template::parse(text, NAMES).map(|_| ()).unwrap_err();
    assert_eq!(format!("{}: {mistake}", mistake.line), want, "{}", text.escape_ascii());
}

#[test]
fn says_what_is_wrong_and_in_which_line() {
    let unknown = "has no meaning here; the comment in picosite's own template lists all names";
    refused(b"a\n{{titel}}", &format!("2: `titel` {unknown}"));
    refused(b"\n\n{{}}", &format!("3: `` {unknown}"));
    refused(b"{{{title}}}", &format!("1: `{{title` {unknown}"));
    refused(b"{{& title}}", &format!("1: `& title` {unknown}"));
    refused(b"{{ title }}", &format!("1: ` title ` {unknown}"));
    refused(b"{{#list}}\n{{/list}}{{item}}", &format!("2: `item` {unknown}"));
    refused(b"{{^list}}{{item}}{{/list}}", &format!("1: `item` {unknown}"));
    refused(b"{{a\nb}}", &format!("1: `a\\nb` {unknown}"));
    refused(b"{{!-- \n --}}{{!-- --}}\n{{x}}", &format!("3: `x` {unknown}"));
    refused(b"{{!-- \n --}}{{!-- --}}{{x}}", &format!("2: `x` {unknown}"));
    refused(b"\n{{list}}", "2: `list` is a list; write `{{#list}} … {{/list}}`");
    refused(b"\n{{#list}}\n\n", "2: the section `list` has no end `{{/list}}`");
    refused(b"\n{{#list}}{{#inner}}\n{{/inner}}", "2: the section `list` has no end `{{/list}}`");
    refused(b"\n{{^title}}\n", "2: the section `title` has no end `{{/title}}`");
    refused(
        b"{{#list}}\n{{#inner}}\n{{/list}}{{/inner}}",
        "3: `{{/list}}` where the section `inner` is to be closed",
    );
    refused(b"\n{{/title}}", "2: `{{/title}}` closes a section that has not begun");
    refused(b"{{title}}\n a {{title", "2: a `{{` has no `}}`");
    refused(b"\n{{!-- {{title}}\n", "2: a comment `{{!--` has no `--}}`");
    refused(b"a\n\xff", "2: not UTF-8; save the file as UTF-8");
}

#[test]
fn sections_go_sixteen_deep_and_no_deeper() {
    let deep =
        |depth| ["{{#title}}".repeat(depth), "x".into(), "{{/title}}".repeat(depth)].concat();
    check(&deep(16), "x");
    refused(deep(17).as_bytes(), "1: more than 16 sections in each other");
    refused("{{#title}}".repeat(100_000).as_bytes(), "1: more than 16 sections in each other");
}

#[test]
fn the_built_in_template_has_no_mistake() {
    Template::parse(include_bytes!("../gallery/template.html"), GALLERY).unwrap();
}

/// Every name that has a meaning stands in the comment that lists them.
#[test]
fn the_built_in_template_names_every_name() {
    fn all(names: Names, found: &mut Vec<&str>) {
        for (name, stands) in names {
            found.push(name);
            if let Stands::ForList(names) = stands {
                all(names, found);
            }
        }
    }
    let text = include_str!("../gallery/template.html");
    let (_, list) = text.split_once("mount ").unwrap();
    let (list, _) = list.split_once("--}}").unwrap();
    let mut names = Vec::new();
    all(GALLERY, &mut names);
    for name in names {
        let words = list.split(|c: char| !c.is_alphanumeric());
        assert!(words.clone().any(|word| word == name) || name == "mount", "{name}");
    }
}

/// An error of the output ends the page.
#[test]
fn stops_where_the_output_does() {
    struct Full;
    impl Write for Full {
        fn write_str(&mut self, _: &str) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    for text in ["x", "{{title}}", "{{#list}}{{item}}{{/list}}"] {
        let template = Template::parse(text.as_bytes(), NAMES).unwrap();
        assert!(template.render(&Page("T"), &mut Full).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fail_but_with_a_line_of_that_text(
        pieces in proptest::collection::vec(proptest::sample::select(&[
            "{{", "}}", "{{#", "{{/", "{{^", "{{!--", "--}}", "title", "list", "inner", "item",
            "{{#list}}", "{{/list}}", "{{^title}}", "{{/title}}", "\n", "é", "{", "x",
        ][..]), 0..24),
    ) {
        let text = pieces.concat();
        match Template::parse(text.as_bytes(), NAMES) {
            Ok(template) => {
                let mut out = String::new();
                prop_assert!(template.render(&Page("T"), &mut out).is_ok());
            }
            Err(mistake) => {
                prop_assert!((1..=text.split('\n').count()).contains(&mistake.line));
                prop_assert!(!mistake.to_string().contains('\n'));
            }
        }
    }

    #[test]
    fn what_a_value_holds_never_ends_text_or_attribute(value: String) {
        struct One(String);
        impl Values for One {
            fn write(&self, _: &str, out: &mut dyn Write) -> fmt::Result {
                out.write_str(&self.0)
            }
            fn each(&self, _: &str, _: Visit<'_>) -> fmt::Result {
                Ok(())
            }
        }
        let mut out = String::new();
        let value = One(value);
        Template::parse(b"{{title}}", NAMES).unwrap().render(&value, &mut out).unwrap();
        prop_assert!(!out.contains(['<', '>', '"', '\'']));
        let back = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        prop_assert_eq!(back.replace("&#39;", "'").replace("&amp;", "&"), value.0);
    }
}
