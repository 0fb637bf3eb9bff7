//! What can be wrong with a template: everything is found before anything is written.

use core::fmt;

use crate::template::names;
use crate::template::names::{Names, Stands};
use crate::template::piece::{Piece, Pieces};

/// A mistake in a template, displayed without its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mistake<'a> {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem<'a>,
}

/// What is wrong with a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Problem<'a> {
    /// Not UTF-8.
    Encoding,
    /// `{{` without `}}`.
    OpenTag,
    /// `{{!--` without `--}}`.
    OpenComment,
    /// This name means nothing here.
    Unknown(&'a str),
    /// This name stands for a list, which has no text.
    List(&'a str),
    /// The section with this name has no end.
    OpenSection(&'a str),
    /// The end of a section (the second name) that is not the one to be closed (the first).
    WrongEnd(&'a str, &'a str),
    /// The end of a section with this name, which has not begun.
    LoneEnd(&'a str),
    /// More than [`DEPTH`] sections in each other.
    Depth,
}

/// Sections in sections, at most: more than a page has use for, and the stack holds it.
const DEPTH: usize = 16;

/// The text, in which `names` have a meaning, if nothing is wrong with it.
pub(super) fn check(text: &[u8], names: Names) -> Result<&str, Mistake<'_>> {
    let text = str::from_utf8(text).map_err(|error| {
        let line = line(&text[..error.valid_up_to()]);
        Mistake { line, problem: Problem::Encoding }
    })?;
    let mut check = Check { text, pieces: Pieces::new(text) };
    check.section(&Known { names, outer: None }, None, 0)?;
    Ok(text)
}

/// The names that have a meaning in one place.
struct Known<'k> {
    names: Names,
    outer: Option<&'k Self>,
}

impl Known<'_> {
    fn find(&self, name: &str) -> Option<Stands> {
        names::find(self.names, name).or_else(|| self.outer?.find(name))
    }
}

struct Check<'a> {
    text: &'a str,
    pieces: Pieces<'a>,
}

impl<'a> Check<'a> {
    /// Checks all up to the end of the section `open`, or of the text.
    fn section(
        &mut self,
        known: &Known<'_>,
        open: Option<&'a str>,
        depth: usize,
    ) -> Result<(), Mistake<'a>> {
        let start = self.pieces.clone();
        loop {
            let here = self.pieces.clone();
            let piece = self.pieces.next().transpose();
            match piece.map_err(|problem| self.mistake(&here, problem))? {
                None => {
                    // The opening tag ends in the line in which its section begins.
                    let open = open.map(|name| self.mistake(&start, Problem::OpenSection(name)));
                    return open.map_or(Ok(()), Err);
                }
                Some(Piece::Text(_)) => {}
                Some(Piece::Value(name)) => {
                    if let Stands::ForList(_) = self.find(known, &here, name)? {
                        return Err(self.mistake(&here, Problem::List(name)));
                    }
                }
                Some(Piece::Section(_) | Piece::Inverted(_)) if depth == DEPTH => {
                    return Err(self.mistake(&here, Problem::Depth));
                }
                Some(Piece::Section(name)) => match self.find(known, &here, name)? {
                    Stands::ForText => self.section(known, Some(name), depth + 1)?,
                    Stands::ForList(names) => {
                        let known = Known { names, outer: Some(known) };
                        self.section(&known, Some(name), depth + 1)?;
                    }
                },
                Some(Piece::Inverted(name)) => {
                    self.find(known, &here, name)?;
                    self.section(known, Some(name), depth + 1)?;
                }
                Some(Piece::End(name)) => {
                    return match open {
                        Some(open) if open == name => Ok(()),
                        Some(open) => Err(self.mistake(&here, Problem::WrongEnd(open, name))),
                        None => Err(self.mistake(&here, Problem::LoneEnd(name))),
                    };
                }
            }
        }
    }

    fn find(
        &self,
        known: &Known<'_>,
        here: &Pieces<'a>,
        name: &'a str,
    ) -> Result<Stands, Mistake<'a>> {
        known.find(name).ok_or_else(|| self.mistake(here, Problem::Unknown(name)))
    }

    #[cold]
    fn mistake(&self, here: &Pieces<'a>, problem: Problem<'a>) -> Mistake<'a> {
        // Comments in front of a tag are taken in with it.
        let mut here = here.clone();
        here.skip_comments();
        let line = line(&self.text.as_bytes()[..self.text.len() - here.left()]);
        Mistake { line, problem }
    }
}

/// The line that begins or goes on behind `text`.
fn line(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count()
}

impl fmt::Display for Mistake<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(out)
    }
}

impl fmt::Display for Problem<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What stands between braces may be anything.
        match *self {
            Self::Encoding => out.write_str("not UTF-8; save the file as UTF-8"),
            Self::OpenTag => out.write_str("a `{{` has no `}}`"),
            Self::OpenComment => out.write_str("a comment `{{!--` has no `--}}`"),
            Self::Unknown(name) => write!(
                out,
                "`{}` has no meaning here; the comment in picosite's own template lists all names",
                Shown(name)
            ),
            Self::List(name) => {
                write!(out, "`{name}` is a list; write `{{{{#{name}}}}} … {{{{/{name}}}}}`")
            }
            Self::OpenSection(name) => {
                write!(out, "the section `{name}` has no end `{{{{/{name}}}}}`")
            }
            Self::WrongEnd(open, name) => {
                write!(out, "`{{{{/{}}}}}` where the section `{open}` is to be closed", Shown(name))
            }
            Self::LoneEnd(name) => {
                write!(out, "`{{{{/{}}}}}` closes a section that has not begun", Shown(name))
            }
            Self::Depth => write!(out, "more than {DEPTH} sections in each other"),
        }
    }
}

/// Enough of a text to recognise it, on one line.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 40;
        for character in self.0.chars().take(MOST).flat_map(char::escape_debug) {
            fmt::Write::write_char(out, character)?;
        }
        if self.0.chars().nth(MOST).is_some() { out.write_str("…") } else { Ok(()) }
    }
}
