//! Splits a template into its tags and the text between them.

use crate::template::check::ErrorKind;

/// A piece of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Piece<'a> {
    /// Written as it is.
    Text(&'a str),
    /// `{{name}}`
    Value(&'a str),
    /// `{{#name}}`
    Section(&'a str),
    /// `{{^name}}`
    Inverted(&'a str),
    /// `{{/name}}`
    End(&'a str),
}

/// The remaining pieces of a text; ends after the first error.
#[derive(Clone)]
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

const COMMENT: &str = "{{!--";
const COMMENT_END: &str = "--}}";

impl<'a> Pieces<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// How many bytes are left.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Skips the comments at the current position, except one that is never closed.
    pub(super) fn skip_comments(&mut self) {
        while let Some((_, rest)) =
            self.rest.strip_prefix(COMMENT).and_then(|rest| rest.split_once(COMMENT_END))
        {
            self.rest = rest;
        }
    }

    /// Skips the rest of the innermost open section, its end included.
    pub(super) fn skip_section(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some(Ok(Piece::Section(_) | Piece::Inverted(_))) => depth += 1,
                Some(Ok(Piece::End(_))) => depth -= 1,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }

    /// The tag that `text` begins with, and what follows it.
    fn tag(text: &'a str) -> Result<(Piece<'a>, &'a str), ErrorKind<'a>> {
        let (inside, rest) = text["{{".len()..].split_once("}}").ok_or(ErrorKind::OpenTag)?;
        let (make, name): (fn(&'a str) -> Piece<'a>, &str) = match inside.as_bytes().first() {
            Some(b'#') => (Piece::Section, &inside[1..]),
            Some(b'^') => (Piece::Inverted, &inside[1..]),
            Some(b'/') => (Piece::End, &inside[1..]),
            _ => (Piece::Value, inside),
        };
        Ok((make(name), rest))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, ErrorKind<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_comments();
        if self.rest.starts_with(COMMENT) {
            return Some(Err(ErrorKind::OpenComment));
        }
        let len = self.rest.find("{{").unwrap_or(self.rest.len());
        let (text, tag) = self.rest.split_at(len);
        if !text.is_empty() {
            self.rest = tag;
            return Some(Ok(Piece::Text(text)));
        }
        if tag.is_empty() {
            return None;
        }
        let tag = Self::tag(tag);
        if let Ok((_, rest)) = tag {
            self.rest = rest;
        }
        Some(tag.map(|(piece, _)| piece))
    }
}
