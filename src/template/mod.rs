//! Pages made from a text with placeholders; `src/gallery/template.html` uses all of them.
//!
//! ```text
//! {{name}}              the value, escaped for HTML text and quoted attributes
//! {{#name}} … {{/name}} once for each entry of a list, once for a text that is not empty
//! {{^name}} … {{/name}} once if the list or the text is empty
//! {{!-- … --}}          a comment, left out
//! ```
//!
//! A template is checked as a whole before any of it is rendered; rendering streams, so a page
//! may be larger than memory. Neither values nor names can inject markup. The packer checks a
//! site's template with the same code.

mod check;
mod names;
mod piece;

use core::fmt::{self, Write};
use core::marker::PhantomData;

pub use check::TemplateError;
pub use names::{
    CoverName, CrumbName, GalleryName, Kind, Name, Names, PageName, PagingName, PhotoName,
};

use piece::{Piece, Pieces};

/// A checked template for values with the names `N`.
#[derive(Clone, Copy)]
pub struct Template<'a, N> {
    /// INVARIANT: its tags are complete, its sections closed, its names known.
    text: &'a str,
    names: PhantomData<N>,
}

/// The values of a page, or of an entry of a list.
pub trait Values {
    type Name: Name;

    /// Writes the text `name` to `out`, or each entry of the list `name`.
    fn write(&self, name: Self::Name, out: &mut dyn Sink) -> fmt::Result;
}

/// The receiver of a value: of a text piece by piece, of a list entry by entry.
pub trait Sink: Write {
    /// Takes the next entry of a list. After an error no more entries are wanted.
    fn entry(&mut self, entry: &dyn Entry) -> fmt::Result;
}

/// [`Values`] by names as they are written in the template.
pub trait Entry {
    /// Writes a value as [`Values::write`] does; nothing if it has no such name.
    fn write_named(&self, name: &str, out: &mut dyn Sink) -> Option<fmt::Result>;
}

impl<V: Values> Entry for V {
    fn write_named(&self, name: &str, out: &mut dyn Sink) -> Option<fmt::Result> {
        V::Name::parse(name).map(|name| self.write(name, out))
    }
}

impl<'a, N: Name> Template<'a, N> {
    /// Checks a text.
    pub fn parse(text: &'a [u8]) -> Result<Self, TemplateError<'a>> {
        Ok(Self { text: check::check(text, N::NAMES)?, names: PhantomData })
    }

    /// Writes the page with these values, piece by piece.
    pub fn render(&self, values: &impl Values<Name = N>, out: &mut dyn Write) -> fmt::Result {
        section(Pieces::new(self.text), &Scope { entry: values, outer: None }, out)
    }
}

/// The entries that a name is looked up in, innermost first.
struct Scope<'s> {
    entry: &'s dyn Entry,
    outer: Option<&'s Self>,
}

impl Scope<'_> {
    fn write(&self, name: &str, out: &mut dyn Sink) -> fmt::Result {
        self.entry
            .write_named(name, out)
            .unwrap_or_else(|| self.outer.expect("the check has found every name").write(name, out))
    }

    /// Whether `name` is an empty text or list.
    fn is_empty(&self, name: &str) -> bool {
        self.write(name, &mut Nothing).is_ok()
    }
}

/// Renders everything up to the section's end.
fn section(mut rest: Pieces<'_>, scope: &Scope<'_>, out: &mut dyn Write) -> fmt::Result {
    while let Some(Ok(piece)) = rest.next() {
        match piece {
            Piece::Text(text) => out.write_str(text)?,
            Piece::Value(name) => scope.write(name, &mut Escaped(out))?,
            Piece::Section(name) => {
                let mut entries = Entries { section: rest.clone(), scope, out, is_text: false };
                scope.write(name, &mut entries)?;
                if entries.is_text {
                    section(rest.clone(), scope, out)?;
                }
                rest.skip_section();
            }
            Piece::Inverted(name) => {
                if scope.is_empty(name) {
                    section(rest.clone(), scope, out)?;
                }
                rest.skip_section();
            }
            Piece::End(_) => break,
        }
    }
    Ok(())
}

/// Renders a section for each entry of a list, or notes that there is a text.
struct Entries<'s> {
    section: Pieces<'s>,
    scope: &'s Scope<'s>,
    out: &'s mut dyn Write,
    /// The value is a text that is not empty.
    is_text: bool,
}

impl Write for Entries<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.is_text |= !text.is_empty();
        Ok(())
    }
}

impl Sink for Entries<'_> {
    fn entry(&mut self, entry: &dyn Entry) -> fmt::Result {
        section(self.section.clone(), &Scope { entry, outer: Some(self.scope) }, self.out)
    }
}

/// Fails as soon as a value turns out not to be empty.
struct Nothing;

impl Write for Nothing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.is_empty() { Ok(()) } else { Err(fmt::Error) }
    }
}

impl Sink for Nothing {
    fn entry(&mut self, _: &dyn Entry) -> fmt::Result {
        Err(fmt::Error)
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

impl Sink for Escaped<'_> {
    fn entry(&mut self, _: &dyn Entry) -> fmt::Result {
        unreachable!("the check allows a list's name for a section only")
    }
}

#[cfg(test)]
mod tests;
