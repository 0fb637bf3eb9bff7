//! Every `unsafe` of the program is below here: what the operating system hands over as
//! raw pointers leaves as byte strings.

#![allow(unsafe_code)]

use core::ffi::{CStr, c_char};
use core::{ptr, slice};

use rustix::fd::AsFd;
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous};

pub mod arena;
pub mod atomic_file;
pub mod beneath;
pub mod clock;
pub mod embedded;
pub mod exe_dir;
pub mod fault;
pub mod start;
pub mod stat;

/// What the kernel gave the process: its arguments and its environment.
#[derive(Clone)]
pub struct Process {
    /// The arguments, the program's name first.
    pub arguments: Strings,
    /// The environment, `NAME=value` each.
    pub environment: Strings,
}

impl Process {
    /// The process as C's `main` sees it.
    ///
    /// # Safety
    ///
    /// Both point to arrays of C strings that end with a null pointer; arrays and
    /// strings stay as they are for as long as the process lives.
    #[must_use]
    pub const unsafe fn from_main(argv: *const *const c_char, envp: *const *const c_char) -> Self {
        Self { arguments: Strings { next: argv }, environment: Strings { next: envp } }
    }

    /// The process as the kernel starts it.
    ///
    /// # Safety
    ///
    /// `stack` is the stack pointer at the program's entry: there lie the number of
    /// arguments, the arguments, a null pointer, the environment, a null pointer.
    #[must_use]
    pub const unsafe fn from_stack(stack: *const usize) -> Self {
        // SAFETY: the kernel put the number of arguments where the stack pointer is.
        let count = unsafe { *stack };
        // SAFETY: the arguments are behind it.
        let argv = unsafe { stack.add(1) }.cast();
        // SAFETY: the environment is behind the null pointer that ends the arguments.
        let envp = unsafe { stack.add(count + 2) }.cast();
        // SAFETY: the kernel's arrays are as C's main gets them.
        unsafe { Self::from_main(argv, envp) }
    }
}

/// What the kernel says about the executable (`getauxval(3)`).
#[derive(Clone, Copy)]
pub struct Start {
    /// The name it was started by, `AT_EXECFN`.
    pub name: &'static CStr,
    /// The address of its segments' headers, `AT_PHDR`.
    pub headers: usize,
}

impl Process {
    /// What the kernel says about the executable, behind the environment.
    #[must_use]
    pub fn start(&self) -> Option<Start> {
        let mut environment = self.environment.next;
        // SAFETY: the array ends with a null pointer.
        while !unsafe { *environment }.is_null() {
            // SAFETY: this element is not the null pointer at the end, so there is one more.
            environment = unsafe { environment.add(1) };
        }
        // SAFETY: the kernel puts pairs of a kind and a value behind that null pointer.
        let mut pair = unsafe { environment.add(1) }.cast::<[usize; 2]>();
        let (mut name, mut headers) = (None, None);
        loop {
            // SAFETY: the pair of kind 0 is the last one.
            match unsafe { *pair } {
                [0, _] => return Some(Start { name: name?, headers: headers? }),
                [3, value] => headers = Some(value),
                [31, value] => {
                    let string = ptr::with_exposed_provenance(value);
                    // SAFETY: a C string that outlives the process.
                    name = Some(unsafe { CStr::from_ptr(string) });
                }
                _ => {}
            }
            // SAFETY: this is not the last pair.
            pair = unsafe { pair.add(1) };
        }
    }
}

/// An array of C strings, as an iterator of byte strings.
#[derive(Clone)]
pub struct Strings {
    /// INVARIANT: points into an array that ends with a null pointer, at or before it.
    next: *const *const c_char,
}

impl Iterator for Strings {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: `next` points into the array, by its invariant.
        let string = unsafe { *self.next };
        if string.is_null() {
            return None;
        }
        // SAFETY: this element is not the null pointer at the end, so there is one more.
        self.next = unsafe { self.next.add(1) };
        // SAFETY: all elements but the last are C strings that outlive the process.
        Some(unsafe { CStr::from_ptr(string) }.to_bytes())
    }
}

impl Strings {
    /// Those that begin with `prefix`, which has no NUL in it. The others are read up to the
    /// first byte that differs: a web server hands over a kilobyte that nobody needs.
    ///
    /// # Panics
    ///
    /// Where `prefix` has a NUL.
    #[must_use]
    pub const fn beginning_with<const N: usize>(self, prefix: &'static [u8; N]) -> Beginning {
        let mut at = 0;
        while at < N {
            assert!(prefix[at] != 0, "it would be searched for behind strings");
            at += 1;
        }
        Beginning { strings: self, prefix }
    }
}

/// See [`Strings::beginning_with`].
#[derive(Clone)]
pub struct Beginning {
    strings: Strings,
    /// INVARIANT: without a NUL.
    prefix: &'static [u8],
}

impl Beginning {
    /// Whether a string of the array begins with the prefix.
    fn begins(&self, mut string: *const u8) -> bool {
        self.prefix.iter().all(|&want| {
            // SAFETY: all bytes before are the prefix's, which has no NUL: this is one more.
            let byte = unsafe { *string };
            // SAFETY: if this byte is NUL, what is behind the string is not read.
            string = unsafe { string.add(1) };
            byte == want
        })
    }
}

impl Iterator for Beginning {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // SAFETY: `next` points into the array, by its invariant.
            let string = unsafe { *self.strings.next };
            if string.is_null() || self.begins(string.cast()) {
                return self.strings.next();
            }
            // SAFETY: this element is not the null pointer at the end, so there is one more.
            self.strings.next = unsafe { self.strings.next.add(1) };
        }
    }
}

/// The first `len` bytes of a file, read in place. A file that is cut short while it is
/// in use ends the process with SIGBUS (see [`fault`]): replace files by renaming.
///
/// # Errors
///
/// As `mmap(2)`; nothing to map is `EINVAL`.
pub fn map(file: impl AsFd, len: usize) -> rustix::io::Result<&'static [u8]> {
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::PRIVATE, file, 0) }?;
    // SAFETY: the mapping is readable, `len` bytes long and never unmapped.
    Ok(unsafe { slice::from_raw_parts(start.cast(), len) })
}

/// All of a file, copied into pages of its own that are never given back: unlike
/// [`map`], whoever edits the file meanwhile does no harm. No heap.
///
/// # Errors
///
/// `EFBIG` for more than `longest` bytes, else as `mmap(2)` and `read(2)`.
pub fn read(file: impl AsFd, longest: usize) -> rustix::io::Result<&'static [u8]> {
    // One more byte than may be there tells what is too long.
    let room = longest + 1;
    let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), room, protection, flags) }?;
    // SAFETY: the mapping is writable, filled with zeros, `room` bytes long, never unmapped, and this is the only reference to it.
    let bytes: &'static mut [u8] = unsafe { slice::from_raw_parts_mut(start.cast(), room) };
    let mut len = 0;
    loop {
        match rustix::io::read(&file, &mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    if len > longest { Err(rustix::io::Errno::FBIG) } else { Ok(&bytes[..len]) }
}

#[cfg(test)]
mod tests {
    use super::Process;
    use core::ptr;
    use std::ffi::CString;
    use std::vec::Vec;

    /// What of an environment begins with `AB_`.
    fn beginning(environment: &[&str]) -> Vec<&'static [u8]> {
        let string = |entry: &&str| CString::new(*entry).unwrap().into_raw().cast_const();
        let array: Vec<_> = environment.iter().map(string).chain([ptr::null()]).collect();
        let array = array.leak().as_ptr();
        // SAFETY: the array ends with a null pointer, and is leaked with all its strings.
        let process = unsafe { Process::from_main(array, array) };
        let found = process.environment.clone().beginning_with(b"AB_");
        let all = process.environment.filter(|entry| entry.starts_with(b"AB_"));
        assert_eq!(found.clone().collect::<Vec<_>>(), all.collect::<Vec<_>>(), "{environment:?}");
        found.collect()
    }

    #[test]
    fn finds_the_strings_that_begin_with_a_prefix() {
        for none in [&[][..], &[""], &["", "A", "AB", "AC_", "ab_", "xAB_", "B_", "_"]] {
            assert!(beginning(none).is_empty(), "{none:?}");
        }
        assert_eq!(beginning(&["AB_"]), [b"AB_"]);
        assert_eq!(beginning(&["", "AB_1=x", "AB=", "AB_", "AB_1=y", ""]).len(), 3);
    }
}
