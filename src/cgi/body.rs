//! The request's body. It is read and dropped: some servers lose the reply of a program that
//! leaves it unread (Apache's mod_cgid, nginx with fcgiwrap).

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::stdio::stdin;
use rustix::time::{ClockId, clock_gettime};

use crate::cgi::servers;
use crate::cgi::variables::Variables;
use crate::encoding::decimal;

/// The most that is read, in bytes.
const MAX_LEN: usize = 1024 * 1024;

/// How long to wait for all of it, in nanoseconds: a server may announce a body that it never
/// delivers.
const PATIENCE: i64 = 1_000_000_000;

/// How many bytes of the body to read: `CONTENT_LENGTH`, up to 1 MiB; 0 if the server won't
/// deliver any.
#[must_use]
pub fn announced(variables: &Variables<'_>) -> usize {
    match decimal::parse_saturating(variables.content_length()) {
        None | Some(0) => 0,
        Some(_) if !servers::delivers_body(variables) => 0,
        Some(len) => len.min(MAX_LEN),
    }
}

/// Reads and drops up to `left` bytes of the body, for at most one second.
///
/// Kept out of line so that a request without a body doesn't pay for the buffer.
#[inline(never)]
#[cold]
pub fn drain(mut left: usize) {
    let end = now() + PATIENCE;
    let mut buffer = [0; 4096];
    while left > 0 {
        let patience = end - now();
        if patience <= 0 || !is_ready(patience) {
            return;
        }
        let most = buffer.len().min(left);
        match read(stdin(), &mut buffer[..most]) {
            Ok(0) => return,
            Ok(len) => left -= len,
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

/// Waits up to `patience` nanoseconds for standard input to become readable.
fn is_ready(patience: i64) -> bool {
    let input = stdin();
    let mut fds = [PollFd::new(&input, PollFlags::IN)];
    let patience = Timespec { tv_sec: patience / PATIENCE, tv_nsec: patience % PATIENCE };
    matches!(poll(&mut fds, Some(&patience)), Ok(1..) | Err(Errno::INTR))
}

fn now() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}
