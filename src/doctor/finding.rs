//! What was found, and what to do.

use std::string::String;
use std::vec::Vec;
use std::{fmt, format};

/// How it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Worth knowing; it may be wanted as it is.
    Note,
    /// To be mended.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// How it is.
    pub verdict: Verdict,
    /// What was looked at.
    pub about: &'static str,
    /// What was found.
    pub text: String,
    /// What to do: lines for a shell, or in words.
    pub remedy: Vec<String>,
}

impl Finding {
    /// Nothing to do.
    pub(super) fn fine(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, about, text: text.into(), remedy: Vec::new() }
    }

    /// Something worth knowing.
    pub(super) fn note(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, ..Self::fine(about, text) }
    }

    /// Something to mend.
    pub(super) fn wrong(about: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, ..Self::fine(about, text) }
    }

    /// With one more line of what to do.
    #[must_use]
    pub(super) fn with(mut self, remedy: impl Into<String>) -> Self {
        self.remedy.push(remedy.into());
        self
    }
}

/// One line, and those of the remedy below it.
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

/// A number of bytes, in the largest unit that settings have and it fills.
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
    fn what_to_do_stands_below() {
        let finding = Finding::wrong("cache", "not there").with("mkdir /c").with("chmod 700 /c");
        let text = "WRONG  cache      not there\n                  mkdir /c\n                  chmod 700 /c";
        assert_eq!(finding.to_string(), text);
    }

    #[test]
    fn bytes_are_shown_as_settings_have_them() {
        for (number, want) in
            [(0, "0"), (1023, "1023"), (1024, "1K"), (5 << 20, "5M"), (3 << 30, "3G")]
        {
            assert_eq!(bytes(number), want);
        }
    }
}
