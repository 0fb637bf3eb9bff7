//! Transcripts: a request's environment, and the whole reply to it, byte for byte.
//!
//! ```text
//! # A remark.
//! --- title
//! NAME=value            variables, as a server sets them
//! argv[1]=text          arguments
//! > exit status 0
//! > P21 GET /x: …       standard error, a line each
//! Status: 404 …\r       standard output
//! ```
//!
//! In the output `\r` is a carriage return, `\\` a backslash, `\xNN` a byte that is
//! neither text nor a line's end; a `\` at the end of a line says that none ends there.
#![allow(dead_code, reason = "each test uses its share")]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What every reply begins with.
pub(crate) const REPLY: &str = "> exit status";

/// One request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Block {
    pub(crate) title: String,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) arguments: Vec<String>,
}

/// The blocks of a text; what stands in front of the first belongs to each.
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
    /// Takes the lines of a request; those behind it are the reply's.
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

    /// Runs the executable as a gateway does, with the tests' site, and shows its reply.
    #[track_caller]
    pub(crate) fn replay(&self, site: &Path) -> String {
        let mut picosite = Command::new(env!("CARGO_BIN_EXE_picosite"));
        self.run(picosite.env_clear().env("PICOSITE_SITE", site))
    }

    /// The same of an executable that has the site inside.
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

/// What came out, as a transcript has it.
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
