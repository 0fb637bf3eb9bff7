//! The settings: `key = value` lines, or the environment's `PICOSITE_KEY=value`.
//!
//! Space around key and value is not part of them; an empty line and one that begins with
//! `#` mean nothing; of two lines with one key the later counts. Everything read is
//! borrowed, and nothing but the text is touched: no file, no heap. The packer checks a
//! site's `_picosite` with the same code that requests read it with.

use core::fmt;

pub use super::pages::Pages;
pub use super::secrets::{Secrets, SecretsError};
pub use super::value::Range;

/// What every setting says. A path is empty where there is none, and relative to the
/// executable's folder where it does not begin with `/`.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// `secret`, and from [`Secrets::and_file`] on what `secret-file` holds.
    pub secrets: Secrets<'a>,
    /// `secret-file`: a path.
    pub secret_file: &'a [u8],
    /// `config`: the path of the settings file.
    pub config: &'a [u8],
    /// `signature-bytes`.
    pub signature_bytes: usize,
    /// `galleries`: a path.
    pub galleries: &'a [u8],
    /// `cache`: a path.
    pub cache: &'a [u8],
    /// `cache-max`, in bytes.
    pub cache_max_bytes: u64,
    /// `memory`, in bytes.
    pub memory_bytes: u64,
    /// `workers`.
    pub workers: u32,
    /// `gallery-pages`.
    pub gallery_pages: Pages<'a>,
    /// `max-size`, in pixels.
    pub max_side_pixels: u32,
    /// `max-age`, in seconds.
    pub max_age_secs: u32,
    /// `site`: the path of a cdb.
    pub site: &'a [u8],
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Self {
            secrets: Secrets::default(),
            secret_file: b"",
            config: b"",
            signature_bytes: 16,
            galleries: b"",
            cache: b"",
            cache_max_bytes: 64 << 20,
            memory_bytes: 8 << 20,
            workers: 1,
            gallery_pages: Pages::Off,
            max_side_pixels: 2048,
            max_age_secs: 31_536_000,
            site: b"",
        }
    }
}

/// Where a setting stands; two of them cannot stand everywhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// The site's `_picosite`.
    CompiledIn,
    /// The settings file.
    File,
    /// The environment.
    Environment,
}

/// What is wrong with a setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValueError {
    /// A line without `=`.
    NoValue,
    /// No setting has this name.
    Unknown,
    /// A setting that counts only where it is compiled in.
    CompiledInOnly,
    /// A setting that counts only where it is compiled in or in the environment.
    NotInFile,
    /// Not a whole number in this range.
    Number(Range),
    /// Neither `on` nor `off` nor names.
    Pages,
    /// No secrets.
    Secret(SecretsError),
}

/// A mistake in a text of settings, displayed without its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SettingsError<'a> {
    /// The line, counted from 1.
    pub line: usize,
    /// What stands in front of its `=`.
    pub key: &'a [u8],
    /// What is wrong.
    pub problem: ValueError,
}

/// Editors of some systems write one in front of a text.
pub(super) const fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    if let [0xef, 0xbb, 0xbf, text @ ..] = text { text } else { text }
}

impl<'a> Settings<'a> {
    /// Reads `_picosite` or a settings file over what is there so far.
    ///
    /// # Errors
    ///
    /// The first [`SettingsError`]; what stands in front of it has been read.
    pub fn read(&mut self, text: &'a [u8], source: Source) -> Result<(), SettingsError<'a>> {
        let text = without_byte_order_mark(text);
        let mut lines = (1..).zip(text.split(|&byte| byte == b'\n'));
        lines.try_for_each(|(number, line)| self.read_line(number, line, source))
    }

    /// Reads one line, the `number`th of its file.
    ///
    /// # Errors
    ///
    /// The [`SettingsError`] in it.
    pub fn read_line(
        &mut self,
        number: usize,
        line: &'a [u8],
        source: Source,
    ) -> Result<(), SettingsError<'a>> {
        if !says_something(line) {
            return Ok(());
        }
        let equals = line.iter().position(|&byte| byte == b'=');
        let (key, value) = line.split_at(equals.unwrap_or(line.len()));
        let key = key.trim_ascii();
        let set = match value {
            [b'=', value @ ..] => self.set(key, value.trim_ascii(), source),
            _ => Err(ValueError::NoValue),
        };
        set.map_err(|problem| SettingsError { line: number, key, problem })
    }

    /// Reads the environment's variable `name` if it is a setting; one that is none, or
    /// begins otherwise than `PICOSITE_`, is left alone.
    ///
    /// # Errors
    ///
    /// The [`ValueError`] with its value.
    pub fn read_variable(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), ValueError> {
        let Some(name) = name.strip_prefix(&VARIABLE) else { return Ok(()) };
        let mut key = [0; LONGEST_KEY];
        let Some(key) = key.get_mut(..name.len()) else { return Ok(()) };
        for (to, &from) in key.iter_mut().zip(name) {
            *to = match from {
                b'_' => b'-',
                // A variable is in upper case, so this becomes no key.
                b'a'..=b'z' | b'-' => b'_',
                _ => from.to_ascii_lowercase(),
            };
        }
        match self.set(key, value.trim_ascii(), Source::Environment) {
            Err(ValueError::Unknown) => Ok(()),
            outcome => outcome,
        }
    }

    fn set(&mut self, key: &[u8], value: &'a [u8], source: Source) -> Result<(), ValueError> {
        match (key, source) {
            // The environment's `PICOSITE_CONFIG` has been seen to before its turn.
            (b"config", Source::File) => return Err(ValueError::CompiledInOnly),
            (b"site", Source::File) => return Err(ValueError::NotInFile),
            (b"secret", _) => self.secrets = Secrets::parse(value).map_err(ValueError::Secret)?,
            (b"secret-file", _) => self.secret_file = value,
            (b"config", _) => self.config = value,
            (b"signature-bytes", _) => self.signature_bytes = Range(6, 32).parse(value)?,
            (b"galleries", _) => self.galleries = value,
            (b"cache", _) => self.cache = value,
            (b"cache-max", _) => self.cache_max_bytes = Range(0, u64::MAX).parse(value)?,
            (b"memory", _) => self.memory_bytes = Range(1, u64::MAX).parse(value)?,
            // More than any machine that a web server starts CGI programs on has use for.
            (b"workers", _) => self.workers = Range(1, 1024).parse(value)?,
            (b"gallery-pages", _) => self.gallery_pages = Pages::parse(value)?,
            // A JPEG has no longer side.
            (b"max-size", _) => self.max_side_pixels = Range(1, 65_535).parse(value)?,
            // The largest that every cache takes (RFC 9111, 1.2.2).
            (b"max-age", _) => self.max_age_secs = Range(0, 1 << 31).parse(value)?,
            (b"site", _) => self.site = value,
            _ => return Err(ValueError::Unknown),
        }
        Ok(())
    }
}

/// Whether a line is more than a comment.
#[must_use]
pub fn says_something(line: &[u8]) -> bool {
    !line.starts_with(b"#") && !line.trim_ascii().is_empty()
}

/// In front of every variable of the environment that is a setting.
// A static, as those in `format` are.
#[used]
pub static VARIABLE: [u8; 9] = *b"PICOSITE_";

const LONGEST_KEY: usize = b"signature-bytes".len();

impl fmt::Display for SettingsError<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.key.escape_ascii(), self.problem)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue => out.write_str("a setting is a line `key = value`"),
            Self::Unknown => out.write_str("there is no such setting"),
            Self::CompiledInOnly => {
                out.write_str("the settings file is named by _picosite or PICOSITE_CONFIG")
            }
            Self::NotInFile => out.write_str("another site is named by _picosite or PICOSITE_SITE"),
            Self::Number(range) => range.fmt(out),
            Self::Pages => out.write_str("`on`, `off`, or the galleries that have pages"),
            Self::Secret(bad) => bad.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests;
