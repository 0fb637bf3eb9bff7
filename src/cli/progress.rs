//! A line that says how far a command is, for a person who waits: on a terminal, after
//! the first second, and gone when the command ends. A log never sees it.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// What is done within a second needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Faster than that nobody reads.
const STEP: Duration = Duration::from_millis(100);

/// The line.
pub(super) struct Line {
    next: Instant,
    /// INVARIANT: false where standard error is no terminal.
    may_show: bool,
    shown: bool,
}

impl Line {
    /// Begins to wait.
    pub(super) fn new() -> Self {
        let next = Instant::now() + PATIENCE;
        Self { next, may_show: io::stderr().is_terminal(), shown: false }
    }

    /// Shows how far it is now, if it is time.
    pub(super) fn show(&mut self, text: fmt::Arguments<'_>) {
        let now = Instant::now();
        if !self.may_show || now < self.next {
            return;
        }
        // To the line's start, and what was there is erased (ECMA-48: CR, EL).
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
        self.next = now + STEP;
        self.shown = true;
    }
}

impl Line {
    /// Takes the line away, so that another can stand there.
    pub(super) fn clear(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
            self.shown = false;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.clear();
    }
}
