//! Checks a template: everything that can be wrong is found before anything is rendered.

use core::fmt;

use crate::template::names::{Kind, Names};
use crate::template::piece::{Piece, Pieces};

/// An error in a template, displayed without its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TemplateError<'a> {
    /// The line, counted from 1.
    pub line: usize,
    kind: ErrorKind<'a>,
}

/// What is wrong with a template; the messages explain each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ErrorKind<'a> {
    Encoding,
    OpenTag,
    OpenComment,
    Unknown(&'a str),
    List(&'a str),
    OpenSection(&'a str),
    /// The innermost open section, and the one that is closed.
    Mismatch(&'a str, &'a str),
    Unopened(&'a str),
    Depth,
}

/// Nesting limit of sections: more than a page can use, and little for the stack.
const MAX_DEPTH: usize = 16;

/// The text as a string, if it is a correct template for an entry with these names.
pub(super) fn check(text: &[u8], names: Names) -> Result<&str, TemplateError<'_>> {
    let text = str::from_utf8(text).map_err(|error| {
        let line = line(&text[..error.valid_up_to()]);
        TemplateError { line, kind: ErrorKind::Encoding }
    })?;
    let mut check = Check { text, pieces: Pieces::new(text) };
    check.section(&Scope { names, outer: None }, None, 0)?;
    Ok(text)
}

/// The names known at one point of the text, innermost first.
struct Scope<'s> {
    names: Names,
    outer: Option<&'s Self>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Option<Kind> {
        let known = self.names.iter().find(|(known, _)| *known == name);
        known.map(|&(_, kind)| kind).or_else(|| self.outer?.find(name))
    }
}

struct Check<'a> {
    text: &'a str,
    pieces: Pieces<'a>,
}

impl<'a> Check<'a> {
    /// Checks everything up to the end of the section `open`, or of the text.
    fn section(
        &mut self,
        scope: &Scope<'_>,
        open: Option<&'a str>,
        depth: usize,
    ) -> Result<(), TemplateError<'a>> {
        let start = self.pieces.clone();
        loop {
            let here = self.pieces.clone();
            let piece = self.pieces.next().transpose();
            match piece.map_err(|kind| self.error(&here, kind))? {
                None => {
                    // The opening tag ends on the line on which its section begins.
                    let open = open.map(|name| self.error(&start, ErrorKind::OpenSection(name)));
                    return open.map_or(Ok(()), Err);
                }
                Some(Piece::Text(_)) => {}
                Some(Piece::Value(name)) => {
                    if let Kind::List(_) = self.find(scope, &here, name)? {
                        return Err(self.error(&here, ErrorKind::List(name)));
                    }
                }
                Some(Piece::Section(_) | Piece::Inverted(_)) if depth == MAX_DEPTH => {
                    return Err(self.error(&here, ErrorKind::Depth));
                }
                Some(Piece::Section(name)) => match self.find(scope, &here, name)? {
                    Kind::Text => self.section(scope, Some(name), depth + 1)?,
                    Kind::List(names) => {
                        let scope = Scope { names, outer: Some(scope) };
                        self.section(&scope, Some(name), depth + 1)?;
                    }
                },
                Some(Piece::Inverted(name)) => {
                    self.find(scope, &here, name)?;
                    self.section(scope, Some(name), depth + 1)?;
                }
                Some(Piece::End(name)) => {
                    return match open {
                        Some(open) if open == name => Ok(()),
                        Some(open) => Err(self.error(&here, ErrorKind::Mismatch(open, name))),
                        None => Err(self.error(&here, ErrorKind::Unopened(name))),
                    };
                }
            }
        }
    }

    fn find(
        &self,
        scope: &Scope<'_>,
        here: &Pieces<'a>,
        name: &'a str,
    ) -> Result<Kind, TemplateError<'a>> {
        scope.find(name).ok_or_else(|| self.error(here, ErrorKind::Unknown(name)))
    }

    #[cold]
    fn error(&self, here: &Pieces<'a>, kind: ErrorKind<'a>) -> TemplateError<'a> {
        // The comments before a tag belong to it.
        let mut here = here.clone();
        here.skip_comments();
        let line = line(&self.text.as_bytes()[..self.text.len() - here.left()]);
        TemplateError { line, kind }
    }
}

/// The number of the line that follows `text`, or that its end is on.
fn line(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count()
}

impl fmt::Display for TemplateError<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name may be any text between braces.
        match self.kind {
            ErrorKind::Encoding => out.write_str("not UTF-8; save the file as UTF-8"),
            ErrorKind::OpenTag => out.write_str("a `{{` without `}}`"),
            ErrorKind::OpenComment => out.write_str("a comment `{{!--` without `--}}`"),
            ErrorKind::Unknown(name) => write!(
                out,
                "`{}` is not a name known here; the comment in the built-in template lists all of them",
                Shown(name)
            ),
            ErrorKind::List(name) => {
                write!(out, "`{name}` is a list; write `{{{{#{name}}}}} … {{{{/{name}}}}}`")
            }
            ErrorKind::OpenSection(name) => {
                write!(out, "the section `{name}` is never closed; add `{{{{/{name}}}}}`")
            }
            ErrorKind::Mismatch(open, name) => {
                write!(out, "`{{{{/{}}}}}`, but the open section is `{open}`", Shown(name))
            }
            ErrorKind::Unopened(name) => {
                write!(out, "`{{{{/{}}}}}` closes a section that is not open", Shown(name))
            }
            ErrorKind::Depth => write!(out, "sections are nested more than {MAX_DEPTH} deep"),
        }
    }
}

/// Displays enough of a text to recognise it, on one line.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_CHARS: usize = 40;
        for character in self.0.chars().take(MAX_CHARS).flat_map(char::escape_debug) {
            fmt::Write::write_char(out, character)?;
        }
        if self.0.chars().nth(MAX_CHARS).is_some() { out.write_str("…") } else { Ok(()) }
    }
}
