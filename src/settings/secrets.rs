//! The secrets that addresses are signed with, as one list out of two places.

use core::fmt;

use crate::settings::keys::without_byte_order_mark;
use crate::thumbs::address::signature::{Key, KeyError};

/// All secrets: those of the setting `secret`, separated by white space, then those of
/// the file `secret-file`, one a line, which may hold spaces; a line that begins with `#`
/// is a comment.
#[derive(Clone, Copy, Default)]
pub struct Secrets<'a> {
    /// INVARIANT: every word of it and every line of `file` is a key, no two of one ID.
    setting: &'a [u8],
    file: &'a [u8],
}

/// Why secrets cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecretsError {
    /// One of them is no key.
    Key(KeyError),
    /// Two have this ID, so a signature does not tell which is meant.
    Twice(u8),
}

impl<'a> Secrets<'a> {
    /// Reads the setting `secret`.
    ///
    /// # Errors
    ///
    /// [`SecretsError`]. An empty setting is one secret without a text.
    pub fn parse(setting: &'a [u8]) -> Result<Self, SecretsError> {
        if setting.is_empty() {
            return Err(SecretsError::Key(KeyError::Empty));
        }
        Self { setting, file: b"" }.checked()
    }

    /// Puts what a secret file holds behind the secrets that are there.
    ///
    /// # Errors
    ///
    /// [`SecretsError`].
    pub fn and_file(self, file: &'a [u8]) -> Result<Self, SecretsError> {
        Self { file: without_byte_order_mark(file), ..self }.checked()
    }

    /// The keys; the first one signs.
    pub fn keys(&self) -> impl Iterator<Item = Key<'a>> + Clone + use<'a> {
        self.words().filter_map(|word| Key::parse(word).ok())
    }

    fn checked(self) -> Result<Self, SecretsError> {
        for (index, word) in self.words().enumerate() {
            let id = Key::parse(word).map_err(SecretsError::Key)?.id();
            if self.keys().take(index).any(|before| before.id() == id) {
                return Err(SecretsError::Twice(id));
            }
        }
        Ok(self)
    }

    fn words(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let lines = self.file.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"#"));
        let words = self.setting.split(u8::is_ascii_whitespace);
        words.chain(lines.map(<[u8]>::trim_ascii)).filter(|word| !word.is_empty())
    }
}

/// Shows nothing of them.
impl fmt::Debug for Secrets<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets(..)")
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(bad) => bad.fmt(out),
            Self::Twice(id) => {
                write!(out, "two secrets have the ID {}: begin one with another", char::from(*id))
            }
        }
    }
}
