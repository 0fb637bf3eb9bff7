//! The request's body: nothing is done with it, but some servers lose the reply of a
//! program that leaves it unread (Apache's mod_cgid, nginx with fcgiwrap).

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::stdio::stdin;
use rustix::time::{ClockId, clock_gettime};

use super::digits;

/// What is taken in at most; a server that has more to hand over has lost interest.
const MOST: usize = 1024 * 1024;

/// How long it is waited for, in nanoseconds: mini_httpd announces a body for a GET
/// and never delivers it.
const PATIENCE: i64 = 1_000_000_000;

/// Reads the body that `CONTENT_LENGTH` announces, up to 1 MiB and one second.
pub fn take_in(content_length: &[u8]) {
    let mut left = digits::parse(content_length).unwrap_or(0).min(MOST);
    if left == 0 {
        return;
    }
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
