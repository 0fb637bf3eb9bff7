//! A progress line for a person who waits: on a terminal, after the first second, erased
//! when the command ends. A log never sees it.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// What takes less than this needs no progress line.
const DELAY: Duration = Duration::from_secs(1);

/// Nobody reads faster updates.
const INTERVAL: Duration = Duration::from_millis(100);

pub(super) struct Line {
    next: Instant,
    /// INVARIANT: false if standard error is no terminal.
    may_show: bool,
    shown: bool,
}

impl Line {
    pub(super) fn new() -> Self {
        let next = Instant::now() + DELAY;
        Self { next, may_show: io::stderr().is_terminal(), shown: false }
    }

    /// Shows the text, unless the line has just changed.
    pub(super) fn show(&mut self, text: fmt::Arguments<'_>) {
        let now = Instant::now();
        if !self.may_show || now < self.next {
            return;
        }
        // Carriage return, then EL: erase to the end of the line (ECMA-48, 8.3.41).
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
        self.next = now + INTERVAL;
        self.shown = true;
    }

    /// Erases the line, so that another can be printed in its place.
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
