//! What stops a pack, named by who is at fault: the site, the machine, or the format.

use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fmt, io};

/// Why nothing was packed.
#[derive(Debug)]
pub enum Error {
    /// The site has mistakes: all of them, file by file, line by line.
    Site(Vec<Mistake>),
    /// A file could not be read or written.
    Io(PathBuf, io::Error),
    /// The site does not fit in a cdb, whose offsets have 32 bits.
    TooLarge(PathBuf),
    /// `SOURCE_DATE_EPOCH` is set, and no time.
    Time(String),
    /// The file is no executable of picosite's.
    NoExecutable(PathBuf),
    /// The site in the executable is not the one that was packed.
    Altered(PathBuf),
    /// What was written is not what the disk gives back.
    CutShort(PathBuf),
}

/// One mistake, displayed as `assets/_redirects:12: what is wrong`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// The file, below the folder as it was given; control characters escaped.
    pub file: String,
    /// The line, from 1, where the mistake is in one.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(mistakes) => {
                for (index, mistake) in mistakes.iter().enumerate() {
                    let newline = if index == 0 { "" } else { "\n" };
                    write!(f, "{newline}{mistake}")?;
                }
                Ok(())
            }
            Self::Io(path, error) => write!(f, "{}: {error}", shown(path)),
            Self::Time(value) => write!(
                f,
                "SOURCE_DATE_EPOCH={value}: not a time; write seconds since 1970 in digits, or \
                 unset it"
            ),
            Self::TooLarge(path) => write!(
                f,
                "{}: the site with its compressed forms is larger than the 4 GiB that a cdb \
                 can hold; leave out what is largest",
                shown(path)
            ),
            Self::NoExecutable(path) => write!(
                f,
                "{}: this is no executable of picosite's, or one of another version",
                path.display()
            ),
            Self::Altered(path) => write!(
                f,
                "{}: the site in it is not the one that was packed, so the file was damaged or \
                 changed; pack it again",
                path.display()
            ),
            Self::CutShort(path) => write!(
                f,
                "{}: what was written does not read back the same; see that the disk has room, \
                 then pack again",
                shown(path)
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}

/// A path for a message: one line, whatever is in it.
pub(super) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for character in path.to_string_lossy().chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}
