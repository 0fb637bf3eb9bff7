//! The request's body: nothing is done with it, but some servers lose the reply of a
//! program that leaves it unread (Apache's mod_cgid, nginx with fcgiwrap).

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::stdio::stdin;
use rustix::time::{ClockId, clock_gettime};

use crate::cgi::variables::Variables;
use crate::encoding::decimal;

/// What is taken in at most; a server that has more to hand over has lost interest.
const MOST: usize = 1024 * 1024;

/// How long it is waited for, in nanoseconds: a server may announce a body that it
/// never delivers.
const PATIENCE: i64 = 1_000_000_000;

/// How much of a body is to be read: what `CONTENT_LENGTH` announces, up to 1 MiB.
///
/// Nothing under mini_httpd, which never delivers the body of a GET, and which closes the
/// connection for writing as soon as all of a POST's body is read: a program that reads
/// 100 KB first loses 24 of 30 replies, one that does not read loses none.
#[must_use]
pub fn announced(variables: &Variables<'_>) -> usize {
    match decimal::parse_saturating(variables.content_length) {
        None | Some(0) => 0,
        Some(_) if variables.server_software.starts_with(b"mini_httpd") => 0,
        Some(len) => len.min(MOST),
    }
}

/// Reads so many bytes of the body, for up to one second.
///
/// Out of line: a request without a body does not pay for the buffer.
#[inline(never)]
#[cold]
pub fn take_in(mut left: usize) {
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

/// Waits until standard input has something to read, at most so many nanoseconds.
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
