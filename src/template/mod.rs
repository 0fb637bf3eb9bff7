//! Pages made from a text with placeholders; `src/gallery/template.html` shows all of it.
//!
//! ```text
//! {{name}}              the value, escaped for HTML text and quoted attributes
//! {{#name}} … {{/name}} once for each entry of a list, once for a text that is not empty
//! {{^name}} … {{/name}} once where the list or the text is empty
//! {{!-- … --}}          a comment, left out
//! ```
//!
//! Checked as a whole before anything is made of it, then written straight out: nothing is
//! kept, so a page may be longer than memory. Neither a value nor a name can bring code
//! or markup in. The packer checks a site's template with this same code.

mod check;
mod names;
mod piece;

use core::fmt::{self, Write};

pub use check::{Mistake, Problem};
pub use names::{GALLERY, Names, Stands};

use piece::{Piece, Pieces};

/// A text that has been checked.
#[derive(Clone, Copy)]
pub struct Template<'a> {
    /// INVARIANT: its tags are whole, its sections closed, its names among `names`.
    text: &'a str,
    names: Names,
}

/// What the names of a page, or of an entry of a list, stand for.
pub trait Values {
    /// Writes the text `name`.
    ///
    /// # Errors
    ///
    /// Those of `out` only.
    fn write(&self, name: &str, out: &mut dyn Write) -> fmt::Result;

    /// Calls `visit` with each entry of the list `name`.
    ///
    /// # Errors
    ///
    /// The first one of `visit`, which ends it.
    fn each(&self, name: &str, visit: Visit<'_>) -> fmt::Result;
}

/// What is done with each entry of a list.
pub type Visit<'v> = &'v mut dyn FnMut(&dyn Values) -> fmt::Result;

impl<'a> Template<'a> {
    /// Checks a text in which `names` have a meaning.
    ///
    /// # Errors
    ///
    /// The first [`Mistake`].
    pub fn parse(text: &'a [u8], names: Names) -> Result<Self, Mistake<'a>> {
        let text = check::check(text, names)?;
        Ok(Self { text, names })
    }

    /// Writes the page with these values, piece by piece.
    ///
    /// # Errors
    ///
    /// The first error of `out`.
    pub fn render(&self, values: &dyn Values, out: &mut dyn Write) -> fmt::Result {
        let scope = Scope { names: self.names, values, outer: None };
        section(Pieces::new(self.text), &scope, out)
    }
}

/// What names stand for in one place: what the entry has, else what stands around it.
struct Scope<'s> {
    names: Names,
    values: &'s dyn Values,
    outer: Option<&'s Self>,
}

impl Scope<'_> {
    fn find(&self, name: &str) -> Option<(&dyn Values, Stands)> {
        match names::find(self.names, name) {
            Some(stands) => Some((self.values, stands)),
            None => self.outer?.find(name),
        }
    }
}

/// Writes what stands up to the section's end.
fn section(mut rest: Pieces<'_>, scope: &Scope<'_>, out: &mut dyn Write) -> fmt::Result {
    while let Some(Ok(piece)) = rest.next() {
        let (name, found) = match piece {
            Piece::Text(text) => {
                out.write_str(text)?;
                continue;
            }
            Piece::End(_) => break,
            Piece::Value(name) | Piece::Section(name) | Piece::Inverted(name) => {
                (name, scope.find(name).expect("the check has found every name"))
            }
        };
        match (piece, found) {
            (Piece::Section(_), (values, Stands::ForList(names))) => {
                values.each(name, &mut |values| {
                    let scope = Scope { names, values, outer: Some(scope) };
                    section(rest.clone(), &scope, out)
                })?;
                rest.skip_section();
            }
            (Piece::Section(_), found) => {
                if !is_empty(name, found) {
                    section(rest.clone(), scope, out)?;
                }
                rest.skip_section();
            }
            (Piece::Inverted(_), found) => {
                if is_empty(name, found) {
                    section(rest.clone(), scope, out)?;
                }
                rest.skip_section();
            }
            (_, (values, _)) => values.write(name, &mut Escaped(out))?,
        }
    }
    Ok(())
}

/// Whether the text is empty, or the list without an entry.
fn is_empty(name: &str, (values, stands): (&dyn Values, Stands)) -> bool {
    /// Takes no text but the empty one.
    struct Nothing;
    impl Write for Nothing {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            if text.is_empty() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    match stands {
        Stands::ForText => values.write(name, &mut Nothing).is_ok(),
        Stands::ForList(_) => values.each(name, &mut |_| Err(fmt::Error)).is_ok(),
    }
}

/// Escapes what has a meaning in HTML text or in an attribute with quotes of either kind.
struct Escaped<'o>(&'o mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while let Some(at) = text.find(['&', '<', '>', '"', '\'']) {
            let (plain, rest) = text.split_at(at);
            self.0.write_str(plain)?;
            self.0.write_str(match rest.as_bytes()[0] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            text = &rest[1..];
        }
        self.0.write_str(text)
    }
}

#[cfg(test)]
mod tests;
