//! Who may import whom, held against the source of every module.
#![allow(missing_docs, reason = "a test")]

mod image;
mod imports;
mod map;
mod rules;
mod tokens;

use std::fs;
use std::path::Path;

use imports::{Modules, exported_macros};
use rules::{unused, violations};

#[test]
fn modules_import_what_the_map_allows() {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "");
    let is_known = |violation: &String| map::KNOWN.iter().any(|known| violation.contains(known));
    let mut violations = [violations(map::MAP, &files), unused(map::MAP, &files)].concat();
    violations.retain(|violation| !is_known(violation));
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// A module's name and its source.
type File = (String, String);

/// The modules below a folder, but for those that hold tests alone.
fn files(folder: &Path, module: &str) -> Vec<File> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let name = if module.is_empty() { stem.to_owned() } else { format!("{module}::{stem}") };
        if path.is_dir() {
            found.extend(files(&path, &name));
        } else if path.extension().is_some_and(|end| end == "rs") {
            match stem {
                "lib" | "main" | "facade" if module.is_empty() => {}
                "tests" => {}
                "mod" => found.push((module.to_owned(), fs::read_to_string(path).unwrap())),
                _ => found.push((name, fs::read_to_string(path).unwrap())),
            }
        }
    }
    found
}

/// The modules and exported macros of these files.
fn modules(files: &[File]) -> Modules {
    let mut modules = Modules::default();
    for (name, text) in files {
        modules.names.insert(name.clone());
        modules.macros.extend(exported_macros(text).into_iter().map(|it| (it, name.clone())));
    }
    // Paths resolve only once all modules are known.
    let aliases = files.iter().map(|(name, text)| (name.clone(), modules.aliases(name, text)));
    modules.aliases = aliases.collect();
    modules
}

/// The test tested: small crates, and what has to be said of each.
mod self_test {
    use super::map::{Entry, Heap, entry};
    use super::violations;

    const MAP: &[Entry] = &[
        entry("cli", Heap::Std, "site thumbs thumbs::cache http"),
        entry("thumbs", Heap::Std, "thumbs::cache http"),
        entry("site", Heap::None, "http"),
        entry("thumbs::cache", Heap::None, "http"),
        entry("http", Heap::None, ""),
    ];

    /// What is said of a crate in which `module` has this source.
    fn said(module: &str, source: &str) -> Vec<String> {
        let mut files: Vec<_> = [
            "cli",
            "cli::list",
            "http",
            "http::date",
            "http::reply",
            "http::status",
            "site",
            "thumbs",
            "thumbs::cache",
            "thumbs::cache::entry",
            "thumbs::queue",
        ]
        .map(|name| (name.to_owned(), String::new()))
        .into();
        files.retain(|(name, _)| name != module);
        files.push((module.to_owned(), source.to_owned()));
        violations(MAP, &files)
    }

    #[track_caller]
    fn forbids(module: &str, source: &str, import: &str) {
        let said = said(module, source);
        let wanted = format!("{module} may not import {import}");
        assert!(said.len() == 1 && said[0].ends_with(&wanted), "{source}: {said:?}");
    }

    #[track_caller]
    fn allows(module: &str, source: &str) {
        assert_eq!(said(module, source), [""; 0], "{source}");
    }

    #[test]
    fn allowed_imports_pass_in_every_form() {
        allows("cli::list", "use crate::thumbs;\nfn f() { thumbs::cache::find() }");
        allows("cli::list", "use super::super::{http::{self, date::*}, thumbs as t};");
        allows("site", "use crate::http::reply::{Reply, Range as R};\nuse core::fmt;");
        allows("thumbs::cache", "use super::super::http; mod a { use super::super::cache::X; }");
        allows("http::reply", "use super::status; fn f() -> impl Sized + use<'_> { status::f }");
    }

    #[test]
    fn upward_imports_fail_in_every_form() {
        for source in [
            "use crate::cli;",
            "use crate::cli::run;",
            "use crate::{http, cli};",
            "use crate::{http::{date, reply}, cli::{self, run::{A}}};",
            "use super::cli;",
            "use self::super::cli as c;",
            "pub(crate) use crate::{cli::*};",
            "fn f() { crate::cli::run() }",
            "fn f() { super::cli::run() }",
            "fn f(a: Vec<crate::cli::A>) {}",
            "type A = <crate::cli::B as Iterator>::Item;",
            "macro_rules! m { () => { $crate::facade::x(); $crate::cli::run() } }",
            "mod a { mod b { use super::super::super::cli; } }",
            "fn f() { x('\"'); crate::cli::run() }",
            "fn f<'a>() { x(\"\\\"\", r#\"\"\"#, b'\\''); crate::cli::run() }",
            "#[cfg(test)] mod tests { } use crate::cli;",
            "#[cfg(test)] mod tests;\nuse crate::cli;",
        ] {
            forbids("site", source, "cli");
        }
    }

    #[test]
    fn the_map_distinguishes_files_of_one_room() {
        forbids("thumbs::cache::entry", "use super::super::queue;", "thumbs::queue");
        forbids("thumbs::cache::entry", "use crate::{thumbs::{queue::Q}};", "thumbs::queue");
        forbids("site", "use crate::thumbs::cache::entry;", "thumbs::cache::entry");
        forbids("site", "use crate::http; fn f() { crate::thumbs::X }", "thumbs");
    }

    #[test]
    fn only_macros_name_the_facade() {
        allows("site", "macro_rules! m { () => { $crate::facade::cli::run() } }");
        forbids("site", "use crate::facade::cli;", "the root");
    }

    #[test]
    fn an_alias_is_followed_to_what_it_names() {
        forbids("cli::list", "use crate as all; fn f() { all::nothing() }", "the root");
        allows("cli::list", "use crate as all; fn f() { all::thumbs::queue::f() }");
        forbids("site", "use crate as all; fn f() { all::cli::f() }", "cli");
    }

    #[test]
    fn std_is_forbidden_where_the_map_says_so() {
        for source in [
            "use std::vec;",
            "use ::std::vec;",
            "use {core::fmt, std::fs};",
            "fn f() { std::process::exit(1) }",
            "fn f() -> ::std::string::String {}",
        ] {
            forbids("http::date", source, "std");
        }
        forbids("http::date", "use alloc::vec::Vec;", "alloc");
        allows("cli", "use std::fs;");
    }

    #[test]
    fn comments_literals_and_tests_import_nothing() {
        for source in [
            "//! See `crate::cli::run`.",
            "/* crate::cli /* nested */ crate::cli::run */",
            "const A: &str = \"crate::cli::run\\\\\";",
            "const A: &str = r#\"\"crate::cli::run\"#;",
            "#[cfg(test)]\nmod tests { use crate::cli; fn f() { { } } }",
            "#[cfg(test)] use crate::cli::{run, list};",
        ] {
            allows("site", source);
        }
    }

    #[test]
    fn a_name_that_is_re_exported_is_imported_from_where_it_is_defined() {
        let files = [
            ("http", "pub use date::Date; pub(crate) use crate::site::S as T;"),
            ("http::date", ""),
            ("http::reply", "use crate::http::Date;"),
            ("http::status", "use super::T;"),
            ("site", ""),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let said = violations(MAP, &files);
        assert_eq!(
            said,
            ["line 1: http may not import site", "line 1: http::status may not import site"]
        );
    }

    #[test]
    fn files_that_need_each_other_fail() {
        let files = [
            ("http", ""),
            ("http::date", "use super::status::S;"),
            ("http::status", "use crate::http::reply;"),
            ("http::reply", "fn f() { super::date::f() }"),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let said = violations(MAP, &files);
        assert_eq!(said, ["http::date -> http::status -> http::reply -> http::date"]);
    }

    #[test]
    fn a_module_that_the_map_lacks_fails() {
        let said = violations(MAP, &[("new".to_owned(), String::new())]);
        assert_eq!(said, ["new is not on the map"]);
    }

    #[test]
    fn a_map_with_an_arrow_that_runs_back_up_fails() {
        let map = [entry("http", Heap::None, "site"), entry("site", Heap::None, "http")];
        assert_eq!(violations(&map, &[]), ["the map: site -> http runs back up"]);
        let map = [entry("site", Heap::None, "sys"), entry("sys", Heap::Std, "")];
        assert_eq!(violations(&map, &[]), ["the map: site does without a heap, sys does not"]);
    }
}
