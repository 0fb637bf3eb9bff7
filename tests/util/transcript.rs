//! Transcripts: a request's environment and the whole reply, byte for byte.
//!
//! ```text
//! # A comment.
//! --- title
//! NAME=value            variables, as a server sets them
//! argv[1]=text          arguments
//! > exit status 0
//! > P21 GET /x: …       standard error, line by line
//! Status: 404 …\r       standard output
//! ```
//!
//! In the output `\r` is a carriage return, `\\` a backslash, and `\xNN` a byte that is
//! neither text nor a line feed. A `\` at the end means that no line feed follows.
#![allow(dead_code, reason = "each test uses its share")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// How every reply begins.
pub(crate) const REPLY: &str = "> exit status";

/// One request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Block {
    pub(crate) title: String,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) arguments: Vec<String>,
}

/// The blocks of a file; what precedes the first applies to all.
pub(crate) fn parse(text: &str) -> Vec<Block> {
    let (head, blocks) = text.split_once("--- ").unwrap_or((text, ""));
    let mut common = Block::default();
    common.read(head);
    let blocks = blocks.split("\n--- ").filter(|block| !block.is_empty()).map(|block| {
        let (title, lines) = block.split_once('\n').unwrap_or((block, ""));
        let mut block = Block { title: title.to_owned(), ..common.clone() };
        block.read(lines);
        block
    });
    blocks.collect()
}

impl Block {
    /// Reads the lines of a request; the reply's follow them.
    fn read(&mut self, lines: &str) {
        let request = lines.split_once(REPLY).map_or(lines, |(request, _)| request);
        for line in request.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once('=') {
                Some((name, value)) if name.starts_with("argv[") => {
                    self.arguments.push(value.to_owned());
                }
                Some((name, value)) => self.variables.push((name.to_owned(), value.to_owned())),
                None => assert_eq!(line, "", "a line without `=` in {:?}", self.title),
            }
        }
    }

    /// Runs the executable as a web server does, with the tests' site, and shows its reply.
    #[track_caller]
    pub(crate) fn replay(&self, site: &Path) -> String {
        let mut picosite = Command::new(env!("CARGO_BIN_EXE_picosite"));
        self.run(picosite.env_clear().env("PICOSITE_SITE", site))
    }

    /// The same with an executable that has the site embedded.
    #[track_caller]
    pub(crate) fn replay_inside(&self, executable: &Path) -> String {
        self.run(Command::new(executable).env_clear())
    }

    #[track_caller]
    fn run(&self, picosite: &mut Command) -> String {
        picosite.args(&self.arguments);
        picosite.envs(self.variables.iter().map(|(name, value)| (name, value)));
        show(&picosite.stdin(Stdio::null()).output().expect("the executable was built"))
    }
}

/// The output in a transcript's notation.
fn show(output: &Output) -> String {
    let mut text = match output.status.code() {
        Some(code) => format!("> exit status {code}\n"),
        None => format!("> {}\n", output.status),
    };
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        writeln!(text, "> {line}").expect("memory takes it");
    }
    for chunk in output.stdout.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' => text.push('\n'),
                '\r' => text.push_str("\\r"),
                '\\' => text.push_str("\\\\"),
                '\0'..' ' | '\x7f' => {
                    write!(text, "\\x{:02x}", u32::from(character)).expect("memory takes it");
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("memory takes it");
        }
    }
    if output.stdout.last().is_some_and(|&last| last != b'\n') {
        text.push('\\');
    }
    text.trim_end_matches('\n').to_owned()
}
