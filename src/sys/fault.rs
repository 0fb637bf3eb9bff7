//! Last words. Where a mapped file has been cut short there is nothing to read any more,
//! and the kernel ends whoever tries with SIGBUS (mmap(2)): the reply to a request that was
//! reading a photo then has to be ready before.
//!
//! Reading the photo into memory would need no signal, but as much memory again as a photo
//! is long: 3.7 MB of the 8 MB that a request may use, for one of 12 megapixels.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use rustix::fd::BorrowedFd;
use rustix::stdio::{stderr, stdout};

/// What is said, and where.
#[derive(Debug)]
pub struct LastWords {
    /// On standard error.
    pub log: &'static [u8],
    /// On standard output.
    pub reply: &'static [u8],
}

/// The same number on every machine but MIPS, Alpha and SPARC (signal(7)).
const SIGBUS: c_int = 7;

/// INVARIANT: null, or from a reference that lives as long as the process.
static WORDS: AtomicPtr<LastWords> = AtomicPtr::new(ptr::null_mut());

/// From now on, reading what has been cut off a mapped file says this and ends the process
/// with status 0.
pub fn prepare(words: &'static LastWords) {
    WORDS.store(ptr::from_ref(words).cast_mut(), Ordering::Release);
    // SAFETY: `speak` has the type of a handler, and makes nothing but system calls.
    unsafe { signal(SIGBUS, speak) };
}

extern "C" fn speak(_: c_int) {
    // SAFETY: by its invariant the pointer is null or leads to what stays.
    if let Some(words) = unsafe { WORDS.load(Ordering::Acquire).as_ref() } {
        write(stderr(), words.log);
        write(stdout(), words.reply);
    }
    // SAFETY: it may be called at any time (signal-safety(7)), and does not return.
    unsafe { _exit(0) }
}

fn write(to: BorrowedFd<'_>, mut bytes: &[u8]) {
    while let Ok(written @ 1..) = rustix::io::write(to, bytes) {
        bytes = bytes.get(written..).unwrap_or_default();
    }
}

unsafe extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn _exit(status: c_int) -> !;
}
