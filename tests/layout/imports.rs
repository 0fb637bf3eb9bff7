//! What a source file imports: its `use` trees and the paths in its code, resolved to module
//! paths from the crate's root. A file's own tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, is_word, tokens, without_tests};

/// The modules of a crate by their paths without `crate::`, such as `http::date`, and the
/// module that defines each `#[macro_export]` macro.
#[derive(Default)]
pub(crate) struct Modules {
    pub(crate) names: BTreeSet<String>,
    pub(crate) macros: BTreeMap<String, String>,
    /// What each module's `use` declarations bring into its scope: names and absolute paths.
    pub(crate) aliases: BTreeMap<String, Aliases>,
}

pub(crate) type Aliases = BTreeMap<String, Vec<String>>;

/// A module that a file names: one of this crate, or `std` or `alloc`. The empty name is the
/// crate's root.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Import {
    pub(crate) line: usize,
    pub(crate) module: String,
}

impl Modules {
    /// What the `use` declarations of the file of module `name` bring into its scope.
    pub(crate) fn aliases(&self, name: &str, text: &str) -> Aliases {
        let scope = name.split("::").map(str::to_owned).collect();
        let mut file = File { modules: self, scope, aliases: BTreeMap::new(), paths: Vec::new() };
        file.walk(&without_tests(&tokens(text)), Pass::Uses);
        file.aliases
    }

    /// The modules other than itself that the file of module `name` imports.
    pub(crate) fn imports(&self, name: &str, text: &str) -> Vec<Import> {
        let tokens = without_tests(&tokens(text));
        let scope = name.split("::").map(str::to_owned).collect();
        let mut file = File { modules: self, scope, aliases: BTreeMap::new(), paths: Vec::new() };
        // A `use` may follow the code that relies on it.
        file.walk(&tokens, Pass::Uses);
        file.walk(&tokens, Pass::Code);
        let imports = file.paths.iter().map(|(line, path)| {
            let module = self.module_of(path, 0);
            Import { line: *line, module }
        });
        let imports: BTreeSet<_> = imports.filter(|import| import.module != name).collect();
        imports.into_iter().collect()
    }

    /// The module that an absolute path leads into: its longest prefix that is a module, or
    /// where that module re-exports the next name from.
    fn module_of(&self, path: &[String], depth: usize) -> String {
        if is_library(&path[0]) {
            return path[0].clone();
        }
        let is_module = |len: &usize| self.names.contains(&path[..*len].join("::"));
        let Some(len) = (1..=path.len()).rev().find(is_module) else {
            return self.macros.get(&path[0]).cloned().unwrap_or_default();
        };
        let module = path[..len].join("::");
        let origin = path.get(len).and_then(|name| self.aliases.get(&module)?.get(name));
        match origin {
            // A name may be imported as a type and as a module at once.
            Some(origin) if depth < 8 && !origin.is_empty() => self.module_of(origin, depth + 1),
            _ => module,
        }
    }
}

/// The names of the macros that a file exports at the crate's root.
pub(crate) fn exported_macros(text: &str) -> Vec<String> {
    let words: Vec<&str> = tokens(text).iter().map(|token| token.text).collect();
    let exports = words.iter().enumerate().filter(|(_, word)| **word == "macro_export");
    let name = |(at, _): (usize, _)| {
        let rest = &words[at..];
        rest[rest.iter().position(|word| *word == "macro_rules").unwrap() + 2].to_owned()
    };
    exports.map(name).collect()
}

fn is_library(name: &str) -> bool {
    matches!(name, "std" | "alloc")
}

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    Uses,
    Code,
}

struct File<'a> {
    modules: &'a Modules,
    /// The module of the code at hand: the file's or an inline one's.
    scope: Vec<String>,
    /// What `use` declarations bring into scope, wherever in the file.
    aliases: Aliases,
    /// The absolute paths found, and their lines.
    paths: Vec<(usize, Vec<String>)>,
}

impl File<'_> {
    fn walk(&mut self, mut tokens: &[Token<'_>], pass: Pass) {
        // How deep in braces each inline module begins.
        let (mut depth, mut inline) = (0_usize, Vec::new());
        while let Some(token) = tokens.first() {
            let next = tokens.get(1).map(|next| next.text);
            let after = tokens.get(2).map(|after| after.text);
            let mut taken = 1;
            match token.text {
                // What a macro expands to in another crate names the facade.
                "$" if next == Some("crate") && facade(&tokens[1..]) => {
                    taken = 2 * path(&tokens[1..]).len();
                }
                // Not the precise capturing of `impl Trait + use<'a>`.
                "use" if next != Some("<") => {
                    taken = tokens.iter().position(|token| token.text == ";").unwrap();
                    if pass == Pass::Uses {
                        self.tree(&tokens[1..taken], &[]);
                    }
                }
                "mod" if after == Some("{") => {
                    self.scope.push(tokens[1].text.to_owned());
                    inline.push(depth);
                    taken = 2;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.scope.pop();
                    }
                }
                text if pass == Pass::Code && is_word(text) => {
                    let path = path(tokens);
                    taken = 2 * path.len() - 1;
                    if path.len() > 1 {
                        self.note(token.line, &path);
                    }
                }
                _ => {}
            }
            tokens = &tokens[taken..];
        }
    }

    /// Takes what follows `prefix` in a `use`: `a::b`, `a as b`, `a::*`, `{a, b::{self, c}}`.
    fn tree(&mut self, tokens: &[Token<'_>], prefix: &[String]) {
        let Some(first) = tokens.first() else { return };
        if first.text == "{" {
            for branch in branches(&tokens[1..tokens.len() - 1]) {
                self.tree(branch, prefix);
            }
            return;
        }
        let path = path(tokens);
        let rest = &tokens[(2 * path.len()).saturating_sub(1)..];
        // `a::{self}` is `a`.
        let is_prefix = !prefix.is_empty() && path == ["self"];
        let whole = if is_prefix { prefix.to_vec() } else { [prefix, &path].concat() };
        match rest.first().map(|token| token.text) {
            Some("::") => self.tree(&rest[1..], &whole),
            Some("*") => _ = self.note(first.line, &whole),
            alias => {
                let last = whole.last().unwrap();
                let name = if alias == Some("as") { rest[1].text } else { last };
                let name = name.to_owned();
                if let Some(path) = self.note(first.line, &whole) {
                    self.aliases.insert(name, path);
                }
            }
        }
    }

    /// Keeps a path that leads out of the file, and gives it as seen from the root.
    fn note(&mut self, line: usize, path: &[String]) -> Option<Vec<String>> {
        let path = self.absolute(path)?;
        if !path.is_empty() {
            self.paths.push((line, path.clone()));
        }
        Some(path)
    }

    /// The path as seen from the crate's root; none if it leads into a library other than
    /// `std` and `alloc`, or to an item of this file.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" | "super" => {
                let rest = if first == "self" { rest } else { path };
                let supers = rest.iter().take_while(|word| *word == "super").count();
                let outer = self.scope.len().checked_sub(supers).expect("`super` of the root");
                Some([&self.scope[..outer], &rest[supers..]].concat())
            }
            library if is_library(library) => Some(path.to_vec()),
            _ => {
                let child = [&self.scope[..], &path[..1]].concat();
                if self.modules.names.contains(&child.join("::")) {
                    return Some([&child, rest].concat());
                }
                self.aliases.get(first).map(|base| [base, rest].concat())
            }
        }
    }
}

fn facade(tokens: &[Token<'_>]) -> bool {
    path(tokens).get(1).is_some_and(|word| word == "facade")
}

/// The words at the beginning that `::` joins.
fn path(tokens: &[Token<'_>]) -> Vec<String> {
    let words = tokens.chunks(2).take_while(|pair| is_word(pair[0].text));
    let mut path = Vec::new();
    for pair in words {
        path.push(pair[0].text.to_owned());
        if pair.get(1).is_none_or(|next| next.text != "::") {
            break;
        }
    }
    path
}

/// The parts of a `use` group between its own commas.
fn branches<'a, 'b>(group: &'a [Token<'b>]) -> impl Iterator<Item = &'a [Token<'b>]> {
    let mut depth = 0;
    group.split(move |token| {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth == 0 && token.text == ","
    })
}
