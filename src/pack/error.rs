//! Why a pack fails, named by who is at fault: the site, the machine, or the format.

use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{fmt, io};

/// Why nothing was packed.
#[derive(Debug)]
pub enum PackError {
    /// The site has errors: all of them, file by file, line by line.
    Site(Vec<Diagnostic>),
    /// A file could not be read or written.
    Io(PathBuf, io::Error),
    /// The site does not fit in a cdb, whose offsets have 32 bits.
    TooLarge(PathBuf),
    /// `SOURCE_DATE_EPOCH` is not a time.
    Time(String),
    /// The file is not a picosite executable.
    NotPicosite(PathBuf),
    /// The site in the executable does not match its checksum.
    Checksum(PathBuf),
    /// The file does not read back as it was written.
    ReadBack(PathBuf),
}

/// An error or a warning about the site, displayed as `assets/_redirects:12: message`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Diagnostic {
    /// The file, below the folder as the caller named it; control characters are escaped.
    pub file: String,
    /// The line, counted from 1, if it is about one.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, message) = match self {
            Self::Site(errors) => {
                let errors: Vec<_> = errors.iter().map(Diagnostic::to_string).collect();
                return f.write_str(&errors.join("\n"));
            }
            Self::Io(path, error) => return write!(f, "{}: {error}", shown(path)),
            Self::Time(value) => {
                let advice = "not a time; write seconds since 1970 in digits, or unset it";
                return write!(f, "SOURCE_DATE_EPOCH={value}: {advice}");
            }
            Self::TooLarge(path) => (
                path,
                "the site with its compressed forms exceeds the 4 GiB that a cdb can hold; leave \
                 out the largest files",
            ),
            Self::NotPicosite(path) => {
                (path, "not a picosite executable, or one of another version")
            }
            Self::Checksum(path) => (
                path,
                "the site in it is not the one that was packed: the file was damaged or changed; \
                 pack it again",
            ),
            Self::ReadBack(path) => (
                path,
                "does not read back as it was written; make sure that the disk has room, then \
                 pack again",
            ),
        };
        write!(f, "{}: {message}", shown(path))
    }
}

/// A path for a message: on one line, whatever its characters.
pub(super) fn shown(path: &Path) -> String {
    let escape =
        |c: char| if c.is_control() { c.escape_default().collect() } else { c.to_string() };
    path.to_string_lossy().chars().map(escape).collect::<String>()
}
