//! How the process starts.
//!
//! A static executable at a fixed address (`cfg(own_start)`, set by `build.rs`) has an
//! entry of its own, ahead of the C library's. A page needs only the kernel's stack and
//! system calls, so most requests end without ever setting the C library up:
//!
//! 1. The processor starts at `picosite_start`, which passes the stack pointer to
//!    `picosite_first`.
//! 2. That reads arguments and environment off the stack and calls the program's `start`.
//! 3. If `start` returns, the process exits. It wrote no variable and set up no thread.
//! 4. If `start` needs a heap, threads or `errno`, it calls [`with_libc`]. That makes the
//!    variables writable and starts the C library on top of the current stack.
//!
//! Until then there is no thread-local storage, no allocator and no `errno`, and writing
//! to a variable is a SIGSEGV. Everywhere else the C library starts first, its `main`
//! calls `start`, and [`with_libc`] merely calls its argument.
#![allow(unsafe_code)]

use core::ffi::c_int;

use crate::sys::Process;

/// Makes `$start(&Process) -> i32` the program; it returns the exit status.
///
/// Rust's run-time start is bypassed: it would install signal handlers, poll three
/// descriptors and register the main thread.
#[macro_export]
macro_rules! entry {
    ($start:ident) => {
        #[cfg(own_start)]
        #[unsafe(no_mangle)]
        #[allow(unsafe_code, reason = "called by picosite_start")]
        unsafe extern "C" fn picosite_first(stack: *const usize) -> ! {
            // SAFETY: picosite_start passes the stack pointer that the kernel set.
            let process = unsafe { $crate::facade::sys::Process::from_stack(stack) };
            $crate::facade::sys::start::exit($start(&process))
        }

        #[cfg(not(own_start))]
        #[unsafe(no_mangle)]
        #[allow(unsafe_code, reason = "called by the C library")]
        unsafe extern "C" fn main(
            _argc: core::ffi::c_int,
            argv: *const *const core::ffi::c_char,
            envp: *const *const core::ffi::c_char,
        ) -> core::ffi::c_int {
            // SAFETY: the C library passes two arrays that end with a null pointer and live as long as the process.
            let process = unsafe { $crate::facade::sys::Process::from_main(argv, envp) };
            $start(&process)
        }
    };
}

/// Runs `rest` with the C library set up. With an entry of our own this never returns:
/// the process exits with the status that `rest` returns, as after C's `main`. The
/// caller's stack stays alive throughout, so `rest` may borrow from it.
///
/// Within `rest`, a further call merely calls its argument.
pub fn with_libc(process: &Process, rest: impl FnOnce() -> i32) -> i32 {
    imp::with_libc(process, rest)
}

unsafe extern "C" {
    /// `_Exit(3)`, which needs no C library set up: it is one system call.
    fn _Exit(status: c_int) -> !;
}

/// Ends the process at once: no handlers of `atexit(3)`, nothing flushed.
pub fn exit(status: i32) -> ! {
    // SAFETY: `_Exit` may be called at any time (signal-safety(7)) and does not return.
    unsafe { _Exit(status) }
}

#[cfg(not(own_start))]
mod imp {
    use crate::sys::Process;

    pub(super) fn with_libc(_: &Process, rest: impl FnOnce() -> i32) -> i32 {
        rest()
    }
}

#[cfg(own_start)]
mod imp {
    use core::ffi::{c_char, c_int};
    use core::ptr;
    use core::sync::atomic::{AtomicPtr, Ordering};

    use rustix::mm::{MprotectFlags, mprotect};

    use crate::sys::Process;

    type Main = extern "C" fn(c_int, *const *const c_char, *const *const c_char) -> c_int;

    unsafe extern "C" {
        /// Where image.ld starts the variables.
        safe static picosite_data: u8;
        /// Where it ends them.
        safe static picosite_site: u8;
        /// Defined by [`entry!`](crate::entry).
        fn picosite_first(stack: *const usize) -> !;
        /// musl's start: sets the library up, calls `main`, exits with its status. The last
        /// three parameters are unused but for binary compatibility.
        fn __libc_start_main(
            main: Main,
            argc: c_int,
            argv: *const *const c_char,
            init: Option<extern "C" fn()>,
            fini: Option<extern "C" fn()>,
            ldso_fini: Option<extern "C" fn()>,
        ) -> !;
    }

    /// Exit status when the kernel refuses to make the variables writable.
    const NOT_WRITABLE: i32 = 127;

    /// The closure that [`main`] calls: a pointer to `Option<F>`.
    static REST: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());

    /// The entry point: calls `picosite_first` with the kernel's stack pointer.
    #[unsafe(no_mangle)]
    #[unsafe(naked)]
    extern "C" fn picosite_start() -> ! {
        #[cfg(target_arch = "x86_64")]
        core::arch::naked_asm!(
            "mov rdi, rsp", // 16-byte aligned by the kernel, as a call requires.
            "call {first}",
            first = sym picosite_first,
        );
        #[cfg(target_arch = "arm")]
        core::arch::naked_asm!(
            "mov r0, sp", // 8-byte aligned by the kernel, as a call requires.
            "bl {first}",
            first = sym picosite_first,
        );
        #[cfg(target_arch = "aarch64")]
        core::arch::naked_asm!(
            "mov x0, sp", // 16-byte aligned by the kernel, as a call requires.
            "bl {first}",
            first = sym picosite_first,
        );
    }

    /// Kept out of line so that a page doesn't pay for its stack.
    #[cold]
    #[inline(never)]
    pub(super) fn with_libc<F: FnOnce() -> i32>(process: &Process, rest: F) -> i32 {
        let stack = match process.stack {
            Some(stack) if REST.load(Ordering::Relaxed).is_null() => stack.as_ptr(),
            // `main` has been called.
            _ => return rest(),
        };
        let (data, end) = (&raw const picosite_data, &raw const picosite_site);
        let len = end.addr() - data.addr();
        let flags = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: image.ld puts the variables, and nothing else, on the pages between the two.
        if unsafe { mprotect(data.cast_mut().cast(), len, flags) }.is_err() {
            super::exit(NOT_WRITABLE);
        }
        let mut rest = Some(rest);
        REST.store((&raw mut rest).cast(), Ordering::Relaxed);
        // SAFETY: `from_stack` was promised that the number of arguments is there.
        let argc = unsafe { *stack };
        let argc = c_int::try_from(argc).unwrap_or(c_int::MAX);
        // SAFETY: and that the arguments follow.
        let argv = unsafe { stack.add(1) }.cast_const().cast();
        // SAFETY: the environment and the auxiliary vector lie after `argv`, as musl expects, and it has not been started.
        unsafe { __libc_start_main(main::<F>, argc, argv, None, None, None) }
    }

    /// C's `main`, once [`REST`] is set.
    extern "C" fn main<F: FnOnce() -> i32>(
        _argc: c_int,
        _argv: *const *const c_char,
        _envp: *const *const c_char,
    ) -> c_int {
        // SAFETY: `with_libc` stored a pointer to an `Option<F>` on its stack, and waits for `main`.
        let rest = unsafe { REST.load(Ordering::Relaxed).cast::<Option<F>>().as_mut() };
        rest.and_then(Option::take).map_or(NOT_WRITABLE, |rest| rest())
    }
}
