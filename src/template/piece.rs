//! A template cut into its tags and the text between them.

use crate::template::Problem;

/// A piece of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Piece<'a> {
    /// To be written as it is.
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

/// The pieces of a text from some place on; ends after the first problem.
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

    /// Bytes that are still to come.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Moves behind the comments that stand here; one without an end stays.
    pub(super) fn skip_comments(&mut self) {
        while let Some((_, rest)) =
            self.rest.strip_prefix(COMMENT).and_then(|rest| rest.split_once(COMMENT_END))
        {
            self.rest = rest;
        }
    }

    /// Moves behind the end of the section that has begun.
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

    /// The tag at the start of `tag`, and what stands behind it.
    fn tag(tag: &'a str) -> Result<(Piece<'a>, &'a str), Problem<'a>> {
        let (inside, rest) = tag["{{".len()..].split_once("}}").ok_or(Problem::OpenTag)?;
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
    type Item = Result<Piece<'a>, Problem<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_comments();
        if self.rest.starts_with(COMMENT) {
            return Some(Err(Problem::OpenComment));
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
