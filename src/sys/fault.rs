//! A reply for when a mapped photo is cut short while it is read.
//!
//! The kernel then ends the process with SIGBUS (mmap(2)), so the reply has to be ready
//! before. Reading photos into memory would need no signal, but as much memory again as
//! the photo is long: 3.7 MB of the 8 MB that a request may use, at 12 megapixels.
#![allow(unsafe_code)]

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use rustix::fd::BorrowedFd;
use rustix::stdio::{stderr, stdout};

use crate::sys::start::exit;

/// What is written when SIGBUS comes.
#[derive(Debug)]
pub struct LastWords {
    /// To standard error.
    pub log: &'static [u8],
    /// To standard output.
    pub reply: &'static [u8],
}

/// The same number everywhere but on MIPS, Alpha and SPARC (signal(7)).
const SIGBUS: c_int = 7;

/// INVARIANT: null, or from a reference that lives as long as the process.
static WORDS: AtomicPtr<LastWords> = AtomicPtr::new(ptr::null_mut());

/// SIGBUS is answered until this is dropped, which has to happen before the reply begins: the
/// handler's would follow half of another.
#[must_use]
#[derive(Debug)]
pub struct Armed(());

/// From now on SIGBUS writes `words` and ends the process with status 0.
pub fn prepare(words: &'static LastWords) -> Armed {
    WORDS.store(ptr::from_ref(words).cast_mut(), Ordering::Release);
    // SAFETY: `speak` has a handler's type and calls only what is async-signal-safe.
    unsafe { signal(SIGBUS, Some(speak)) };
    Armed(())
}

impl Drop for Armed {
    fn drop(&mut self) {
        // SAFETY: no handler is SIG_DFL, which ends the process.
        unsafe { signal(SIGBUS, None) };
    }
}

extern "C" fn speak(_: c_int) {
    // SAFETY: by its invariant the pointer is null or refers to what stays.
    if let Some(words) = unsafe { WORDS.load(Ordering::Acquire).as_ref() } {
        write(stderr(), words.log);
        write(stdout(), words.reply);
    }
    exit(0)
}

fn write(to: BorrowedFd<'_>, mut bytes: &[u8]) {
    while let Ok(written @ 1..) = rustix::io::write(to, bytes) {
        bytes = bytes.get(written..).unwrap_or_default();
    }
}

unsafe extern "C" {
    fn signal(number: c_int, handler: Option<extern "C" fn(c_int)>) -> usize;
}
