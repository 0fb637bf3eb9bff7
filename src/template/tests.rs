use core::fmt::{self, Write};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use crate::template::names::names;
use crate::template::{Kind, Name, Names, PageName, Sink, Template, Values};

names! {
    /// Names of the tests' page.
    TestName {
        Title = "title", None = "none", Empty = "empty" of EmptyName, List = "list" of EntryName,
    }
    /// Names of an entry of `empty`, which has none.
    EmptyName { Title = "title", }
    /// Names of an entry of `list`.
    EntryName { Item = "item", Inner = "inner" of InnerName, }
    /// Names of an entry of `inner`.
    InnerName { Item = "item", }
}

/// `title` is a text, `list` has three entries, `inner` of each has two.
struct Page<'a>(&'a str);
struct Entry;
struct Inner;

impl Values for Page<'_> {
    type Name = TestName;

    fn write(&self, name: TestName, out: &mut dyn Sink) -> fmt::Result {
        match name {
            TestName::Title => out.write_str(self.0),
            TestName::None | TestName::Empty => Ok(()),
            TestName::List => (0..3).try_for_each(|_| out.entry(&Entry)),
        }
    }
}

impl Values for Entry {
    type Name = EntryName;

    fn write(&self, name: EntryName, out: &mut dyn Sink) -> fmt::Result {
        match name {
            EntryName::Item => out.write_str("a"),
            EntryName::Inner => (0..2).try_for_each(|_| out.entry(&Inner)),
        }
    }
}

impl Values for Inner {
    type Name = InnerName;

    fn write(&self, InnerName::Item: InnerName, out: &mut dyn Sink) -> fmt::Result {
        out.write_str("i")
    }
}

fn parse(text: &[u8]) -> Result<Template<'_, TestName>, String> {
    Template::parse(text).map_err(|error| format!("{}: {error}", error.line))
}

fn render(text: &str, title: &str) -> String {
    let mut out = String::new();
    parse(text.as_bytes()).unwrap().render(&Page(title), &mut out).unwrap();
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
    assert_eq!(parse(text).map(|_| ()).unwrap_err(), want, "{}", text.escape_ascii());
}

#[test]
fn says_what_is_wrong_and_in_which_line() {
    let unknown =
        "is not a name known here; the comment in the built-in template lists all of them";
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
    refused(b"\n{{#list}}\n\n", "2: the section `list` is never closed; add `{{/list}}`");
    refused(
        b"\n{{#list}}{{#inner}}\n{{/inner}}",
        "2: the section `list` is never closed; add `{{/list}}`",
    );
    refused(b"\n{{^title}}\n", "2: the section `title` is never closed; add `{{/title}}`");
    refused(
        b"{{#list}}\n{{#inner}}\n{{/list}}{{/inner}}",
        "3: `{{/list}}`, but the open section is `inner`",
    );
    refused(b"\n{{/title}}", "2: `{{/title}}` closes a section that is not open");
    refused(b"{{title}}\n a {{title", "2: a `{{` without `}}`");
    refused(b"\n{{!-- {{title}}\n", "2: a comment `{{!--` without `--}}`");
    refused(b"a\n\xff", "2: not UTF-8; save the file as UTF-8");
}

#[test]
fn sections_nest_sixteen_deep() {
    let deep =
        |depth| ["{{#title}}".repeat(depth), "x".into(), "{{/title}}".repeat(depth)].concat();
    check(&deep(16), "x");
    refused(deep(17).as_bytes(), "1: sections are nested more than 16 deep");
    refused("{{#title}}".repeat(100_000).as_bytes(), "1: sections are nested more than 16 deep");
}

#[test]
fn the_built_in_template_is_correct() {
    Template::<PageName>::parse(include_bytes!("../gallery/template.html")).unwrap();
}

#[test]
fn the_built_in_template_documents_every_name() {
    fn all(names: Names, found: &mut Vec<&str>) {
        for (name, kind) in names {
            found.push(name);
            if let Kind::List(names) = kind {
                all(names, found);
            }
        }
    }
    let text = include_str!("../gallery/template.html");
    let (_, list) = text.split_once("mount ").unwrap();
    let (list, _) = list.split_once("--}}").unwrap();
    let mut names = Vec::new();
    all(PageName::NAMES, &mut names);
    for name in names {
        let words = list.split(|c: char| !c.is_alphanumeric());
        assert!(words.clone().any(|word| word == name) || name == "mount", "{name}");
    }
}

#[test]
fn an_error_of_the_output_ends_the_page() {
    struct Full;
    impl Write for Full {
        fn write_str(&mut self, _: &str) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    for text in ["x", "{{title}}", "{{#list}}{{item}}{{/list}}"] {
        let template = parse(text.as_bytes()).unwrap();
        assert!(template.render(&Page("T"), &mut Full).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_renders_or_fails_on_one_of_its_lines(
        pieces in proptest::collection::vec(proptest::sample::select(&[
            "{{", "}}", "{{#", "{{/", "{{^", "{{!--", "--}}", "title", "list", "inner", "item",
            "{{#list}}", "{{/list}}", "{{^title}}", "{{/title}}", "\n", "é", "{", "x",
        ][..]), 0..24),
    ) {
        let text = pieces.concat();
        match Template::<TestName>::parse(text.as_bytes()) {
            Ok(template) => {
                let mut out = String::new();
                prop_assert!(template.render(&Page("T"), &mut out).is_ok());
            }
            Err(error) => {
                prop_assert!((1..=text.split('\n').count()).contains(&error.line));
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }

    #[test]
    fn no_value_ends_a_text_or_an_attribute(value: String) {
        let out = render("{{title}}", &value);
        prop_assert!(!out.contains(['<', '>', '"', '\'']));
        let back = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        prop_assert_eq!(back.replace("&#39;", "'").replace("&amp;", "&"), value);
    }
}
