//! Where commands write: standard output, and complaints on standard error.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::IntoRawFd;
use std::string::ToString;

use rustix::io::{Errno, fcntl_getfd};
use rustix::stdio;

/// Standard output. If it is closed, the first write fails.
pub(super) struct StandardOutput(Option<File>);

impl StandardOutput {
    /// Opens `/dev/null` in place of closed standard descriptors. Call it before any file is
    /// opened: that would get a closed descriptor's number, and what is printed with it.
    pub(super) fn open() -> Self {
        let standard = [stdio::stdin(), stdio::stdout(), stdio::stderr()];
        let out = stdio::stdout().try_clone_to_owned().map(File::from);
        for descriptor in standard {
            if fcntl_getfd(descriptor) == Err(Errno::BADF)
                && let Ok(null) = File::options().read(true).write(true).open("/dev/null")
            {
                // open(2) takes the lowest free number.
                let _ = null.into_raw_fd();
            }
        }
        Self(out.ok())
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(out) => out.write(bytes),
            None => Err(Errno::BADF.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints a warning or an error, each of its lines after `picosite: `. A standard error that
/// takes nothing is no reason to stop.
pub(super) fn complain(text: impl Display) {
    for line in text.to_string().lines() {
        let _ = writeln!(io::stderr(), "picosite: {line}");
    }
}
