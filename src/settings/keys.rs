//! The settings: `key = value` lines of a text, or variables `PICOSITE_KEY=value`.
//!
//! White space around keys and values is ignored, as are blank lines and lines that start
//! with `#`; the last line of a key wins. Everything parsed borrows from its text; nothing
//! here opens a file or takes heap. The packer checks a site's `_picosite` with this code.
//!
//! To add a setting: a field of [`Settings`], its default, a row of the table of keys.

use core::fmt;

pub use super::pages::Pages;
pub use super::secrets::{Secrets, SecretsError};
pub use super::value::Range;

use super::value;

/// The value of every setting. A path is empty if there is none, and relative to the
/// executable's directory unless it starts with `/`.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// `secret`; [`Secrets::and_file`] adds the content of `secret-file`.
    pub secrets: Secrets<'a>,
    /// `secret-file`: a path.
    pub secret_file: &'a [u8],
    /// `config`: the path of the settings file.
    pub config: &'a [u8],
    /// `signature-bytes`: 6 to 32.
    pub signature_bytes: usize,
    /// `galleries`: a path.
    pub galleries: &'a [u8],
    /// `cache`: a path.
    pub cache: &'a [u8],
    /// `cache-max`.
    pub cache_max_bytes: u64,
    /// `memory`: what one request may use.
    pub memory_bytes: u64,
    /// `workers`: thumbnails made at the same time.
    pub workers: u32,
    /// `gallery-pages`.
    pub gallery_pages: Pages<'a>,
    /// `max-size`: the longest side of a thumbnail.
    pub max_side_pixels: u32,
    /// `max-age` of thumbnails in caches.
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

/// Takes the table of keys: name, field, parser.
macro_rules! keys {
    ($($name:literal => $field:ident = $parse:expr;)*) => {
        /// The names of all settings.
        pub const KEYS: &[&[u8]] = &[$($name),*];

        impl<'a> Settings<'a> {
            fn assign(&mut self, key: &[u8], value: &'a [u8]) -> Result<(), ValueError> {
                match key {
                    $($name => self.$field = $parse(value)?,)*
                    _ => return Err(ValueError::Unknown),
                }
                Ok(())
            }
        }
    };
}

keys! {
    b"secret" => secrets = Secrets::parse;
    b"secret-file" => secret_file = path;
    b"config" => config = path;
    b"signature-bytes" => signature_bytes = number(6, 32);
    b"galleries" => galleries = path;
    b"cache" => cache = path;
    b"cache-max" => cache_max_bytes = number(0, u64::MAX);
    b"memory" => memory_bytes = number(1, u64::MAX);
    // More than any machine that runs CGI programs can use.
    b"workers" => workers = number(1, 1024);
    b"gallery-pages" => gallery_pages = pages;
    // A JPEG cannot be larger (ITU T.81, B.2.2).
    b"max-size" => max_side_pixels = number(1, 65_535);
    // The largest that every cache accepts (RFC 9111, 1.2.2).
    b"max-age" => max_age_secs = number(0, 1 << 31);
    b"site" => site = path;
}

#[expect(clippy::unnecessary_wraps, reason = "a parser like the others")]
const fn path(value: &[u8]) -> Result<&[u8], ValueError> {
    Ok(value)
}

fn pages(value: &[u8]) -> Result<Pages<'_>, ValueError> {
    Pages::parse(value).ok_or(ValueError::Pages)
}

fn number<T: TryFrom<u64>>(min: u64, max: u64) -> impl Fn(&[u8]) -> Result<T, ValueError> {
    let range = Range { min, max };
    move |value| range.parse(value).ok_or(ValueError::Number(range))
}

/// Where a setting comes from; not every setting may come from everywhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// The site's `_picosite`.
    CompiledIn,
    /// The settings file.
    File,
    /// The environment.
    Environment,
}

/// Why a line or a variable cannot be used; the messages explain each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValueError {
    NoValue,
    Unknown,
    ConfigInFile,
    SiteInFile,
    Number(Range),
    Pages,
    Secrets(SecretsError),
}

/// An error in a text of settings. Displayed without its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SettingsError<'a> {
    /// The line, counted from 1.
    pub line: usize,
    /// What the line has before its `=`.
    pub key: &'a [u8],
    /// What is wrong.
    pub error: ValueError,
}

impl<'a> Settings<'a> {
    /// Overrides settings with those in a text: `_picosite` or a settings file.
    ///
    /// # Errors
    ///
    /// The first [`SettingsError`]; the lines before it have been applied.
    pub fn read(&mut self, text: &'a [u8], source: Source) -> Result<(), SettingsError<'a>> {
        let text = value::without_byte_order_mark(text);
        let mut lines = (1..).zip(text.split(|&byte| byte == b'\n'));
        lines.try_for_each(|(number, line)| self.read_line(number, line, source))
    }

    /// Overrides a setting with line `number` of a text.
    pub(crate) fn read_line(
        &mut self,
        number: usize,
        line: &'a [u8],
        source: Source,
    ) -> Result<(), SettingsError<'a>> {
        if !is_significant(line) {
            return Ok(());
        }
        let equals = line.iter().position(|&byte| byte == b'=');
        let (key, value) = line.split_at(equals.unwrap_or(line.len()));
        let key = key.trim_ascii();
        let set = match value {
            [b'=', value @ ..] => self.set(key, value.trim_ascii(), source),
            _ => Err(ValueError::NoValue),
        };
        set.map_err(|error| SettingsError { line: number, key, error })
    }

    /// Overrides a setting with the environment's variable `name`. One that is no setting is
    /// ignored.
    pub(crate) fn read_variable(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), ValueError> {
        let Some(name) = name.strip_prefix(&VARIABLE) else { return Ok(()) };
        let mut key = [0; LONGEST_KEY];
        let Some(key) = key.get_mut(..name.len()) else { return Ok(()) };
        for (to, &from) in key.iter_mut().zip(name) {
            *to = match from {
                b'_' => b'-',
                // Variables are in upper case: this makes a key that does not exist.
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
            // `PICOSITE_CONFIG` was looked up before the file was read.
            (b"config", Source::File) => Err(ValueError::ConfigInFile),
            (b"site", Source::File) => Err(ValueError::SiteInFile),
            _ => self.assign(key, value),
        }
    }
}

/// Whether a line is neither blank nor a comment.
pub fn is_significant(line: &[u8]) -> bool {
    !line.starts_with(b"#") && !line.trim_ascii().is_empty()
}

/// The prefix of every variable that is a setting.
// A static for the reason given in `site::record`.
#[used]
pub static VARIABLE: [u8; 9] = *b"PICOSITE_";

const LONGEST_KEY: usize = {
    let (mut longest, mut at) = (0, 0);
    while at < KEYS.len() {
        if KEYS[at].len() > longest {
            longest = KEYS[at].len();
        }
        at += 1;
    }
    longest
};

impl From<SecretsError> for ValueError {
    fn from(error: SecretsError) -> Self {
        Self::Secrets(error)
    }
}

impl fmt::Display for SettingsError<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.key.escape_ascii(), self.error)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue => out.write_str("a setting is a line `key = value`"),
            Self::Unknown => out.write_str("there is no such setting"),
            Self::ConfigInFile => {
                out.write_str("only _picosite or PICOSITE_CONFIG can name the settings file")
            }
            Self::SiteInFile => {
                out.write_str("only _picosite or PICOSITE_SITE can name another site")
            }
            Self::Number(range) => range.fmt(out),
            Self::Pages => out.write_str("must be `on`, `off` or the galleries that have pages"),
            Self::Secrets(error) => error.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests;
