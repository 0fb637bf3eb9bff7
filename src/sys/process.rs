//! What the kernel hands a process: arguments, environment, auxiliary vector.
#![allow(unsafe_code)]

use core::ffi::{CStr, c_char};
use core::ptr;
use core::ptr::NonNull;

/// The process as it was started.
#[derive(Clone)]
pub struct Process {
    /// The arguments, the program's name first.
    pub arguments: Strings,
    /// The environment, `NAME=value` each.
    pub environment: Strings,
    /// The kernel's stack: the number of arguments, the arguments, a null pointer, the
    /// environment, a null pointer, the auxiliary vector. `None` when C's `main` was
    /// called: its contract promises no auxiliary vector.
    pub(super) stack: Option<NonNull<usize>>,
}

impl Process {
    /// The process as C's `main` sees it.
    ///
    /// # Safety
    ///
    /// Both point to arrays of C strings that end with a null pointer. Arrays and strings
    /// stay unchanged as long as the process lives.
    #[must_use]
    pub const unsafe fn from_main(argv: *const *const c_char, envp: *const *const c_char) -> Self {
        Self { arguments: Strings { next: argv }, environment: Strings { next: envp }, stack: None }
    }

    /// The process as the kernel starts it.
    ///
    /// # Safety
    ///
    /// `stack` is the stack pointer at the program's entry, and nothing has changed what lies
    /// there.
    #[must_use]
    pub const unsafe fn from_stack(stack: *const usize) -> Self {
        // SAFETY: the stack pointer points to the number of arguments.
        let count = unsafe { *stack };
        // SAFETY: the arguments follow.
        let argv = unsafe { stack.add(1) }.cast();
        // SAFETY: the environment follows the null pointer that ends the arguments.
        let envp = unsafe { stack.add(count + 2) }.cast();
        // SAFETY: these are the arrays that C's main gets.
        let process = unsafe { Self::from_main(argv, envp) };
        Self { stack: NonNull::new(stack.cast_mut()), ..process }
    }

    /// What the kernel says about the executable, if the process has its auxiliary vector.
    #[must_use]
    pub fn executable(&self) -> Option<Executable> {
        self.stack?;
        let mut environment = self.environment.next;
        // SAFETY: the array ends with a null pointer.
        while !unsafe { *environment }.is_null() {
            // SAFETY: this element is not the null pointer at the end, so one more follows.
            environment = unsafe { environment.add(1) };
        }
        // SAFETY: on the kernel's stack, pairs of a type and a value follow that null pointer.
        let mut pair = unsafe { environment.add(1) }.cast::<[usize; 2]>();
        let (mut name, mut headers) = (None, None);
        loop {
            // SAFETY: the pair of type AT_NULL is the last one.
            match unsafe { *pair } {
                [AT_NULL, _] => return Some(Executable { name: name?, headers: headers? }),
                [AT_PHDR, value] => headers = Some(value),
                [AT_EXECFN, value] => {
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

// Types of the auxiliary vector's pairs (getauxval(3)).
const AT_NULL: usize = 0;
const AT_PHDR: usize = 3;
const AT_EXECFN: usize = 31;

/// What the auxiliary vector says about the executable (getauxval(3)).
#[derive(Clone, Copy)]
pub struct Executable {
    /// The path it was started by, `AT_EXECFN`.
    pub name: &'static CStr,
    /// The address of its program headers, `AT_PHDR`.
    pub headers: usize,
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
        // SAFETY: this element is not the null pointer at the end, so one more follows.
        self.next = unsafe { self.next.add(1) };
        // SAFETY: every element but the last is a C string that outlives the process.
        Some(unsafe { CStr::from_ptr(string) }.to_bytes())
    }
}

impl Strings {
    /// The strings that start with `prefix`. Of the others no more is read than up to the
    /// first byte that differs: a web server passes a kilobyte that nothing here uses.
    ///
    /// # Panics
    ///
    /// If `prefix` contains a NUL.
    #[must_use]
    pub const fn beginning_with<const N: usize>(self, prefix: &'static [u8; N]) -> Beginning {
        let mut at = 0;
        while at < N {
            assert!(prefix[at] != 0, "a NUL would match past the end of a string");
            at += 1;
        }
        Beginning { strings: self, prefix }
    }
}

/// See [`Strings::beginning_with`].
#[derive(Clone)]
pub struct Beginning {
    strings: Strings,
    /// INVARIANT: contains no NUL.
    prefix: &'static [u8],
}

impl Beginning {
    /// Whether a string of the array starts with the prefix.
    fn begins(&self, mut string: *const u8) -> bool {
        self.prefix.iter().all(|&want| {
            // SAFETY: the bytes before equal the prefix's, which has no NUL, so the string goes on.
            let byte = unsafe { *string };
            // SAFETY: at most one past the NUL; a NUL differs from `want`, so that is never read.
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
            // SAFETY: this element is not the null pointer at the end, so one more follows.
            self.strings.next = unsafe { self.strings.next.add(1) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Process;
    use core::ptr;
    use std::ffi::CString;
    use std::vec::Vec;

    /// The strings of an environment that start with `AB_`.
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
    fn finds_the_strings_that_start_with_a_prefix() {
        for none in [&[][..], &[""], &["", "A", "AB", "AC_", "ab_", "xAB_", "B_", "_"]] {
            assert!(beginning(none).is_empty(), "{none:?}");
        }
        assert_eq!(beginning(&["AB_"]), [b"AB_"]);
        assert_eq!(beginning(&["", "AB_1=x", "AB=", "AB_", "AB_1=y", ""]).len(), 3);
    }
}
