//! The secrets that sign addresses: those of the setting, then those of the file.

use core::fmt;

use super::value;
use crate::thumbs::address::signature::{Key, KeyError};

/// All secrets: those of the setting `secret`, separated by white space, then those of the
/// file `secret-file`, one a line. In the file, a secret may contain spaces, and a line that
/// starts with `#` is a comment.
#[derive(Clone, Copy, Default)]
pub struct Secrets<'a> {
    /// INVARIANT: every word of it and every line of `file` is a key, and no two have one ID.
    setting: &'a [u8],
    file: &'a [u8],
}

/// Why secrets cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecretsError {
    /// One of them is not a key.
    Key(KeyError),
    /// Two have this ID, so a signature would not say which one made it.
    Twice(u8),
}

impl<'a> Secrets<'a> {
    /// Parses the setting `secret`.
    ///
    /// # Errors
    ///
    /// [`SecretsError`]; the empty setting is one empty secret.
    pub fn parse(setting: &'a [u8]) -> Result<Self, SecretsError> {
        if setting.is_empty() {
            return Err(SecretsError::Key(KeyError::Empty));
        }
        Self { setting, file: b"" }.checked()
    }

    /// Adds the secrets in the text of a secret file.
    ///
    /// # Errors
    ///
    /// [`SecretsError`].
    pub fn and_file(self, file: &'a [u8]) -> Result<Self, SecretsError> {
        Self { file: value::without_byte_order_mark(file), ..self }.checked()
    }

    /// The keys. The first one signs; all of them verify.
    pub fn keys(&self) -> impl Iterator<Item = Key<'a>> + Clone + use<'a> {
        self.words().filter_map(|word| Key::parse(word).ok())
    }

    fn checked(self) -> Result<Self, SecretsError> {
        for (index, word) in self.words().enumerate() {
            let id = Key::parse(word).map_err(SecretsError::Key)?.id;
            if self.keys().take(index).any(|earlier| earlier.id == id) {
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

/// Reveals nothing.
impl fmt::Debug for Secrets<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets(..)")
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(out),
            Self::Twice(id) => {
                write!(out, "two secrets have the ID {}: give one another ID", char::from(*id))
            }
        }
    }
}
