//! What lies in the site's cdb: the packer writes it, the fast path reads it.
//!
//! | key | value |
//! | --- | --- |
//! | `a/b.css` | a file as it was on disk; `_redirects` and its like included |
//! | `//br/a/b.css`, `//gzip/a/b.css` | the same compressed, where that saves a tenth |
//! | `/a/b.css`, `/about`, `/a/`, `/a` | an address that answers: a [`Record`] |
//! | `//site` | the [`Site`] record, always the first in the file |
//! | `//rules` | the lines of `_redirects`, checked: see [`Rules`] |
//! | `//files` | a line `SECONDS NAME` for every file, by name: its time |
//!
//! A file's name never begins with `/` and an address never holds `//`, so no two
//! kinds of key can meet. What a reply needs is worked out when packing: a record
//! holds whole header blocks, ready to send, and says where in the cdb the bodies are.
//! Numbers are 32-bit little-endian.

// Those that a finished thumbnail needs are statics, not constants: as such they have
// names, by which src/sys/image.ld puts them beside the code. `used` keeps the compiler from
// taking the same bytes from somewhere else.

/// Key of the [`Site`] record.
pub const SITE: &[u8] = b"//site";

/// Key of the first record where the cdb is no site, but marks a
/// [`probe`](crate::doctor::probe): when that was written, 64-bit little-endian seconds since 1970.
pub const PROBE: &[u8] = b"//probe";

/// Key of the rules.
pub const RULES: &[u8] = b"//rules";

/// Key of the list of files and their times.
pub const FILES: &[u8] = b"//files";

/// Key of the settings that are compiled in. They are the second record, where there are
/// any: on the page of the first.
#[used]
pub static SETTINGS: [u8; 9] = *b"_picosite";

/// How the addresses of thumbnails begin.
#[used]
pub static THUMBNAILS: [u8; 7] = *b"/thumb/";

/// The address of the list of galleries, without its last slash; those of all gallery
/// pages begin with it.
pub const GALLERIES: &[u8] = b"/gallery";

/// Where the first record of a cdb begins: behind 256 pointers to hash tables.
pub const FIRST_RECORD: u32 = 2048;

/// The data contradicts itself or ends too early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Corrupt;

/// A content coding (RFC 9110, 8.4.1), the preferred one first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coding {
    /// Brotli, RFC 7932.
    Br,
    /// Gzip, RFC 1952.
    Gzip,
    /// As it was on disk.
    Identity,
}

impl Coding {
    /// All codings, in the order in which a record has its forms.
    pub const ALL: [Self; 3] = [Self::Br, Self::Gzip, Self::Identity];

    /// The name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    const fn from_word(word: u32) -> Result<Self, Corrupt> {
        match word {
            0 => Ok(Self::Br),
            1 => Ok(Self::Gzip),
            2 => Ok(Self::Identity),
            _ => Err(Corrupt),
        }
    }

    /// The coding's number in a record.
    #[must_use]
    pub const fn to_word(self) -> u32 {
        match self {
            Self::Br => 0,
            Self::Gzip => 1,
            Self::Identity => 2,
        }
    }
}

/// Reads words and byte strings one after the other; every read is checked.
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

/// What holds for the whole site: three words, the version, bits and the length of what
/// follows, the setting `site` (empty: the site is this one).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Site<'a> {
    /// The compiled-in setting `site`, or nothing.
    pub elsewhere: &'a [u8],
    /// Bit 0: there is a file `_picosite` that says more than comments.
    pub settings: bool,
    /// Bit 1: a rule may come before a thumbnail or a gallery page.
    pub rules: bool,
    /// Bit 2: neither an address nor a rule comes before a thumbnail. Sites have not always
    /// said so.
    pub thumbnails_first: bool,
}

impl<'a> Site<'a> {
    /// Changes with every change to this file that an older executable cannot read.
    pub const VERSION: u32 = 2;

    /// Reads the value of the key [`SITE`].
    ///
    /// # Errors
    ///
    /// [`Corrupt`] where the version is another or the text is cut short.
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
/// Words: [`kind`](Self), forced (0 or 1), modified (low, high), number of forms; then
/// for each [`Form`] its words; then the text that the forms point into.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// What the address is.
    pub kind: Kind,
    /// A rule with `!` stands in front of this address: rules come first.
    pub forced: bool,
    /// `Last-Modified` in seconds since 1970, or [`NEVER`](Self::NEVER).
    pub modified: u64,
    forms: &'a [u8],
    text: &'a [u8],
}

/// What an address is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A file, in one form or several.
    Asset,
    /// A folder with a page, asked for without its last slash. It has no forms.
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

/// One form of an asset: where its body lies in the cdb, and its header block.
///
/// The block is laid out so that every reply takes one run of it:
///
/// ```text
/// Status: 200 OK⏎            0 .. fields
/// ETag, Last-Modified, …⏎    fields .. vary        304: fields .. content
/// Vary⏎                      vary .. content       an error page: vary ..
/// Content-Type, …-Encoding⏎  content .. length     206: fields .. length
/// Content-Length⏎⏎           length ..             200: all
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Form<'a> {
    /// How the body is encoded.
    pub coding: Coding,
    /// The body's offset in the cdb.
    pub body: u32,
    /// The body's length in bytes.
    pub len: u32,
    /// The entity tag with its quotes; empty where `_headers` removed it.
    pub etag: &'a [u8],
    /// The header block.
    pub block: &'a [u8],
    /// Where the fields that a 304 repeats begin.
    pub fields: usize,
    /// Where `Vary` begins.
    pub vary: usize,
    /// Where the fields that describe the body begin.
    pub content: usize,
    /// Where `Content-Length` begins.
    pub length: usize,
}

impl<'a> Record<'a> {
    /// The value of [`modified`](Self::modified) where `_headers` removed the date.
    pub const NEVER: u64 = u64::MAX;

    /// Words in front of the forms.
    pub const WORDS: u32 = 5;

    /// Reads the value of an address.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] where it ends too early, or a number means nothing.
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

    /// The codings of the forms, in their order: no more than that is read.
    pub fn codings(&self) -> impl Iterator<Item = Result<Coding, Corrupt>> + use<'a> {
        let forms = self.forms.chunks_exact(4 * Form::WORDS as usize);
        forms.map(|words| Cursor(words).word().and_then(Coding::from_word))
    }

    /// The form of this number.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] where there is none, or a damaged one.
    pub fn form(&self, index: usize) -> Result<Form<'a>, Corrupt> {
        let len = 4 * Form::WORDS as usize;
        let words = self.forms.get(index * len..).ok_or(Corrupt)?;
        Form::parse(words, self.text)
    }

    /// The forms, the preferred one first, identity last.
    pub fn forms(&self) -> impl Iterator<Item = Result<Form<'a>, Corrupt>> + use<'a> {
        let text = self.text;
        self.forms.chunks_exact(4 * Form::WORDS as usize).map(move |words| Form::parse(words, text))
    }
}

impl<'a> Form<'a> {
    /// Words of one form: coding, body, len, then where in the text the block begins
    /// and ends, `fields`, `vary`, `content`, `length` as offsets in the block, and
    /// where in the text the entity tag begins and ends.
    pub const WORDS: u32 = 11;

    fn parse(words: &[u8], text: &'a [u8]) -> Result<Self, Corrupt> {
        let mut cursor = Cursor(words);
        let coding = Coding::from_word(cursor.word()?)?;
        let (body, len) = (cursor.word()?, cursor.word()?);
        let block = cursor.word()? as usize..cursor.word()? as usize;
        let block = text.get(block).ok_or(Corrupt)?;
        let mut offset = || cursor.word().map(|word| word as usize);
        let (fields, vary, content, length) = (offset()?, offset()?, offset()?, offset()?);
        if !(fields <= vary && vary <= content && content <= length && length <= block.len()) {
            return Err(Corrupt);
        }
        let etag = offset()?..offset()?;
        let etag = text.get(etag).ok_or(Corrupt)?;
        Ok(Self { coding, body, len, etag, block, fields, vary, content, length })
    }
}

/// One line of `_redirects`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rule<'a> {
    /// The pattern, percent-decoded: see [`crate::site::pattern`].
    pub from: &'a [u8],
    /// The target as it was written.
    pub to: &'a [u8],
    /// The status without its `!`.
    pub status: u16,
    /// The status ended in `!`: comes before an asset.
    pub forced: bool,
}

/// The lines of `_redirects` in their order, each: three words, the status (with
/// [`Rules::FORCED`] added where it ended in `!`) and the lengths of `from` and `to`;
/// then both texts.
pub struct Rules<'a>(Cursor<'a>);

impl<'a> Rules<'a> {
    /// Added to the status of a rule that comes before assets.
    pub const FORCED: u32 = 1 << 16;

    /// Reads the value of the key [`RULES`].
    #[must_use]
    pub const fn new(value: &'a [u8]) -> Self {
        Self(Cursor(value))
    }

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
