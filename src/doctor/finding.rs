//! What the checks report.

use std::string::String;
use std::vec::Vec;
use std::{fmt, format};

/// The result of a check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Fine,
    /// Worth knowing, and perhaps intended.
    Note,
    Wrong,
}

/// What one check found, and what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    pub verdict: Verdict,
    pub about: &'static str,
    pub text: String,
    /// What to do: shell commands, or words.
    pub remedy: Vec<String>,
}

impl Finding {
    pub(super) fn fine(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, about, text: text.into(), remedy: Vec::new() }
    }

    pub(super) fn note(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, ..Self::fine(about, text) }
    }

    pub(super) fn wrong(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, ..Self::fine(about, text) }
    }

    /// Adds a line to the remedy.
    pub(super) fn with(mut self, remedy: impl Into<String>) -> Self {
        self.remedy.push(remedy.into());
        self
    }
}

/// One line, then the remedy's lines below it.
impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Fine => "ok",
            Verdict::Note => "note",
            Verdict::Wrong => "WRONG",
        };
        write!(out, "{verdict:5}  {:9}  {}", self.about, self.text)?;
        for line in &self.remedy {
            write!(out, "\n{:18}{line}", "")?;
        }
        Ok(())
    }
}

/// A number of bytes in the largest unit of settings that it fills, rounded down.
pub(super) fn bytes(number: u64) -> String {
    match number.checked_ilog2() {
        None | Some(..10) => format!("{number}"),
        Some(10..20) => format!("{}K", number >> 10),
        Some(20..30) => format!("{}M", number >> 20),
        Some(30..) => format!("{}G", number >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, bytes};
    use std::string::ToString;

    #[test]
    fn the_remedy_goes_below() {
        let finding = Finding::wrong("cache", "not there").with("mkdir /c").with("chmod 700 /c");
        let text = "WRONG  cache      not there\n                  mkdir /c\n                  chmod 700 /c";
        assert_eq!(finding.to_string(), text);
    }

    #[test]
    fn formats_bytes_as_settings_do() {
        for (number, want) in
            [(0, "0"), (1023, "1023"), (1024, "1K"), (5 << 20, "5M"), (3 << 30, "3G")]
        {
            assert_eq!(bytes(number), want);
        }
    }
}
