//! The records of a site's cdb: the packer writes them, the fast path reads them.
//!
//! | key | value |
//! | --- | --- |
//! | `a/b.css` | a file as it was on disk, `_redirects` and the like included |
//! | `//br/a/b.css`, `//gzip/a/b.css` | the same compressed, if that saves a tenth |
//! | `/a/b.css`, `/about`, `/a/`, `/a` | a [`Record`]: what the address answers |
//! | `//site` | the [`Site`] record, always the first in the file |
//! | `//rules` | the lines of `_redirects`, checked: [`Rules`] |
//! | `//files` | a line `SECONDS NAME` for every file: its time, sorted by name |
//!
//! A file name never starts with `/` and an address never contains `//`, so keys of
//! different kinds cannot collide. Packing prepares the reply: a record holds whole header
//! blocks, ready to send, and the offsets of the bodies in the cdb. Numbers are 32-bit
//! little-endian.

use crate::http::block::Block;
use crate::http::coding::Coding;

// What a finished thumbnail needs is a static rather than a constant: a static has a name,
// by which src/sys/image.ld places it near the code. `used` keeps the compiler from
// substituting equal bytes from elsewhere.

/// Key of the [`Site`] record.
pub const SITE: &[u8] = b"//site";

/// Key of the first record of a cdb that is not a site but marks a
/// [`probe`](crate::doctor::probe). Its value is when that was written: seconds since 1970,
/// 64-bit little-endian.
pub const PROBE: &[u8] = b"//probe";

/// Key of the rules.
pub const RULES: &[u8] = b"//rules";

/// Key of the list of files and their times.
pub const FILES: &[u8] = b"//files";

/// Key of the compiled-in settings. If a site has any, they are its second record, next to the
/// first in memory.
#[used]
pub static SETTINGS: [u8; 9] = *b"_picosite";

/// Prefix of the addresses of thumbnails.
#[used]
pub static THUMBNAILS: [u8; 7] = *b"/thumb/";

/// The address of the list of galleries, without the trailing slash; a prefix of all gallery
/// pages' addresses.
pub const GALLERIES: &[u8] = b"/gallery";

/// Offset of the first record of a cdb, after 256 pointers to hash tables.
pub const FIRST_RECORD: u32 = 2048;

/// The data contradicts itself or ends too early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Corrupt;

/// Reads consecutive words and byte strings; every read is checked.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn word(&mut self) -> Result<u32, Corrupt> {
        let (word, rest) = self.0.split_first_chunk::<4>().ok_or(Corrupt)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*word))
    }

    fn bytes(&mut self, len: u32) -> Result<&'a [u8], Corrupt> {
        let (bytes, rest) = self.0.split_at_checked(len as usize).ok_or(Corrupt)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// Facts about the whole site. Three words, which are the version, bits and the length of the
/// text that follows: the setting `site`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Site<'a> {
    /// The compiled-in setting `site`; empty if the site is this one.
    pub elsewhere: &'a [u8],
    /// Bit 0: there is a file `_picosite` with more than comments.
    pub settings: bool,
    /// Bit 1: a rule may take precedence over a thumbnail or a gallery page.
    pub rules: bool,
    /// Bit 2: neither an address nor a rule takes precedence over a thumbnail. Sites packed by
    /// early versions never set it.
    pub thumbnails_first: bool,
}

impl<'a> Site<'a> {
    /// Goes up with each change to the format that older executables cannot read.
    pub const VERSION: u32 = 2;

    /// Reads the value of the key [`SITE`].
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the version differs or the text is cut short.
    #[cold]
    pub fn parse(value: &'a [u8]) -> Result<Self, Corrupt> {
        let mut cursor = Cursor(value);
        if cursor.word()? != Self::VERSION {
            return Err(Corrupt);
        }
        let bits = cursor.word()?;
        let len = cursor.word()?;
        let elsewhere = cursor.bytes(len)?;
        let [settings, rules, thumbnails_first] = [1, 2, 4].map(|bit| bits & bit != 0);
        Ok(Self { elsewhere, settings, rules, thumbnails_first })
    }
}

/// What an address answers.
///
/// Words: kind, forced (0 or 1), modified (low, high), number of forms; then the words of
/// each [`Form`]; then the text that the forms refer to.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// A file or a folder.
    pub kind: Kind,
    /// A rule with `!` matches this address, so rules are tried first.
    pub forced: bool,
    /// `Last-Modified` in seconds since 1970, or [`NEVER`](crate::http::date::NEVER).
    pub modified: u64,
    forms: &'a [u8],
    text: &'a [u8],
}

/// What an address is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A file, in one or several forms.
    Asset,
    /// A folder with a page, requested without the trailing slash. It has no forms.
    Folder,
}

impl Kind {
    /// The kind's number in a record.
    #[must_use]
    pub const fn to_word(self) -> u32 {
        match self {
            Self::Asset => 0,
            Self::Folder => 1,
        }
    }
}

/// One form of an asset: its header block, and where its body is in the cdb.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Form<'a> {
    /// How the body is encoded.
    pub coding: Coding,
    /// The body's offset in the cdb.
    pub body: u32,
    /// The body's length in bytes.
    pub len: u32,
    /// The entity tag with its quotes; empty if `_headers` removed it.
    pub etag: &'a [u8],
    /// The header block.
    pub block: Block<'a>,
}

impl<'a> Record<'a> {
    /// Words before the forms.
    pub const WORDS: u32 = 5;

    /// Reads the value of an address.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if it ends too early or has an unknown number.
    pub fn parse(value: &'a [u8]) -> Result<Self, Corrupt> {
        let mut cursor = Cursor(value);
        let kind = match cursor.word()? {
            0 => Kind::Asset,
            1 => Kind::Folder,
            _ => return Err(Corrupt),
        };
        let forced = cursor.word()? != 0;
        let modified = u64::from(cursor.word()?) | u64::from(cursor.word()?) << 32;
        let count = cursor.word()?;
        if count as usize > Coding::ALL.len() || (count == 0) != (kind == Kind::Folder) {
            return Err(Corrupt);
        }
        let forms = cursor.bytes(count * 4 * Form::WORDS)?;
        Ok(Self { kind, forced, modified, forms, text: cursor.0 })
    }

    /// The codings of the forms in order, without reading the rest of each form.
    pub fn codings(&self) -> impl Iterator<Item = Result<Coding, Corrupt>> + use<'a> {
        let forms = self.forms.chunks_exact(4 * Form::WORDS as usize);
        forms.map(|words| {
            Cursor(words).word().and_then(|word| Coding::from_number(word).ok_or(Corrupt))
        })
    }

    /// The form at an index.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if there is none or it is damaged.
    pub fn form(&self, index: usize) -> Result<Form<'a>, Corrupt> {
        let len = 4 * Form::WORDS as usize;
        let words = self.forms.get(index * len..).ok_or(Corrupt)?;
        Form::parse(words, self.text)
    }

    /// The forms in order of preference, identity last.
    pub fn forms(&self) -> impl Iterator<Item = Result<Form<'a>, Corrupt>> + use<'a> {
        let text = self.text;
        self.forms.chunks_exact(4 * Form::WORDS as usize).map(move |words| Form::parse(words, text))
    }
}

impl<'a> Form<'a> {
    /// Words of one form: coding, body, len, the block's start and end in the text,
    /// `fields`, `vary`, `content`, `length` as offsets in the block, the entity tag's start
    /// and end in the text.
    pub const WORDS: u32 = 11;

    fn parse(words: &[u8], text: &'a [u8]) -> Result<Self, Corrupt> {
        let mut cursor = Cursor(words);
        let coding = Coding::from_number(cursor.word()?).ok_or(Corrupt)?;
        let (body, len) = (cursor.word()?, cursor.word()?);
        let mut offset = || cursor.word().map(|word| word as usize);
        let block = text.get(offset()?..offset()?).ok_or(Corrupt)?;
        let offsets = [offset()?, offset()?, offset()?, offset()?];
        let block = Block::new(block, offsets).ok_or(Corrupt)?;
        let etag = text.get(offset()?..offset()?).ok_or(Corrupt)?;
        Ok(Self { coding, body, len, etag, block })
    }
}

/// One line of `_redirects`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rule<'a> {
    /// The [`pattern`](crate::site::pattern), percent-decoded.
    pub from: &'a [u8],
    /// The target as written.
    pub to: &'a [u8],
    /// The status without its `!`.
    pub status: u16,
    /// The status ended in `!`: the rule takes precedence over an asset.
    pub forced: bool,
}

/// The lines of `_redirects` in order. Each is three words, the status (plus
/// [`Rules::FORCED`] if it ended in `!`) and the lengths of `from` and `to`; then both texts.
pub struct Rules<'a>(Cursor<'a>);

impl<'a> Rules<'a> {
    /// Added to the status of a rule that takes precedence over assets.
    pub const FORCED: u32 = 1 << 16;

    /// Reads the value of the key [`RULES`].
    #[must_use]
    pub const fn new(value: &'a [u8]) -> Self {
        Self(Cursor(value))
    }

    #[cold]
    fn rule(&mut self) -> Result<Rule<'a>, Corrupt> {
        let status = self.0.word()?;
        let (from, to) = (self.0.word()?, self.0.word()?);
        Ok(Rule {
            from: self.0.bytes(from)?,
            to: self.0.bytes(to)?,
            status: u16::try_from(status & !Self::FORCED).map_err(|_| Corrupt)?,
            forced: status & Self::FORCED != 0,
        })
    }
}

impl<'a> Iterator for Rules<'a> {
    type Item = Result<Rule<'a>, Corrupt>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let rule = self.rule();
        if rule.is_err() {
            self.0.0 = &[];
        }
        Some(rule)
    }
}
