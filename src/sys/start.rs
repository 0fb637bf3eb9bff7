//! How the process begins.
//!
//! Where the executable is static and lies at a fixed address (`cfg(own_start)`, which
//! `build.rs` sets), it has an entry of its own ahead of the C library's. What a request
//! for a page needs is no more than the stack, as the kernel left it, and system calls:
//!
//! 1. The processor begins at `picosite_start`. It hands the stack to `picosite_first`.
//! 2. That reads arguments and environment off the stack, and lets `$early` answer.
//! 3. If it did, the process ends: no byte of its data was written, no thread set up.
//! 4. Else the data is made writable, the stack is as it was, and the C library's
//!    `_start` comes as if nothing had been: it calls `main`, and that calls `$run`.
//!
//! Everywhere else the C library's start comes first, and `main` does 2 and 4. Until then
//! there is no thread-local storage, no allocator, no `errno`, and a variable that is
//! written ends the process with SIGSEGV.

use rustix::mm::{MprotectFlags, mprotect};

/// Makes `$run(Process) -> i32` the program's C `main`, and lets
/// `$early(&Process) -> Option<i32>` answer before the C library starts. Both give the
/// exit status; `None` leaves it to `$run`.
///
/// `main` goes around Rust's run-time start, which would install signal handlers, look
/// at three descriptors and build a thread.
#[macro_export]
macro_rules! entry {
    ($early:ident, $run:ident) => {
        #[unsafe(no_mangle)]
        #[allow(unsafe_code, reason = "the C library looks for this very name")]
        extern "C" fn main(
            _argc: core::ffi::c_int,
            argv: *const *const core::ffi::c_char,
            envp: *const *const core::ffi::c_char,
        ) -> core::ffi::c_int {
            // SAFETY: the C library passes main two arrays that end with a null pointer and live as long as the process.
            let process = unsafe { $crate::sys::Process::from_main(argv, envp) };
            #[cfg(not(own_start))]
            if let Some(status) = $early(&process) {
                return status;
            }
            $run(process)
        }

        #[cfg(own_start)]
        #[allow(unsafe_code, reason = "the entry is assembler, its names are image.ld's")]
        mod start {
            unsafe extern "C" {
                safe static picosite_data: u8;
                safe static picosite_site: u8;
            }

            /// The entry of the executable.
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            extern "C" fn picosite_start() {
                $crate::hand_stack_to!(picosite_first)
            }

            /// Returns where the C library is to go on.
            #[unsafe(no_mangle)]
            extern "C" fn picosite_first(stack: *const usize) {
                // SAFETY: picosite_start passes the stack pointer as it was at the entry.
                let process = unsafe { $crate::sys::Process::from_stack(stack) };
                if let Some(status) = super::$early(&process) {
                    $crate::sys::start::exit(status);
                }
                let (data, site) = (&raw const picosite_data, &raw const picosite_site);
                // SAFETY: image.ld puts nothing but the data between the two, in pages of its own.
                unsafe { $crate::sys::start::make_writable(data, site) };
            }
        }
    };
}

/// The body of the entry: calls a function with the stack pointer, then jumps to the C
/// library's start with the stack as it was.
#[cfg(target_arch = "x86_64")]
#[macro_export]
macro_rules! hand_stack_to {
    ($first:ident) => {
        core::arch::naked_asm!(
            "mov rdi, rsp",  // The kernel leaves it aligned to 16, as a call wants it.
            "call {first}",  // Pushes and pops its return address below what is there.
            "xor edx, edx",  // No function to call at exit, as the kernel says.
            "jmp {_start}",
            first = sym $first,
            _start = sym $crate::sys::start::_start,
        )
    };
}

/// As for `x86_64`.
#[cfg(target_arch = "arm")]
#[macro_export]
macro_rules! hand_stack_to {
    ($first:ident) => {
        core::arch::naked_asm!(
            "mov r0, sp",  // Aligned to 8, as a call wants it.
            "bl {first}",
            "b {_start}",
            first = sym $first,
            _start = sym $crate::sys::start::_start,
        )
    };
}

/// As for `x86_64`.
#[cfg(target_arch = "aarch64")]
#[macro_export]
macro_rules! hand_stack_to {
    ($first:ident) => {
        core::arch::naked_asm!(
            "mov x0, sp",  // Aligned to 16, as a call wants it.
            "bl {first}",
            "b {_start}",
            first = sym $first,
            _start = sym $crate::sys::start::_start,
        )
    };
}

unsafe extern "C" {
    /// Where the C library starts.
    pub fn _start() -> !;
}

/// Lets the program write to its variables, from `data` to `end`. The process ends with
/// status 127 where the kernel refuses.
///
/// # Safety
///
/// Between the two lie whole pages with nothing but variables.
#[cfg(any(target_arch = "x86_64", target_arch = "arm", target_arch = "aarch64"))]
pub unsafe fn make_writable(data: *const u8, end: *const u8) {
    let len = end.addr() - data.addr();
    // SAFETY: the caller says that these pages hold variables; nobody takes them for constant.
    let done = unsafe {
        mprotect(data.cast_mut().cast(), len, MprotectFlags::READ | MprotectFlags::WRITE)
    };
    if done.is_err() {
        exit(127);
    }
}

/// Ends the process without the C library.
#[cfg(any(target_arch = "x86_64", target_arch = "arm", target_arch = "aarch64"))]
pub fn exit(status: i32) -> ! {
    // SAFETY: `exit_group` does not return and touches no memory.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!("syscall", in("rax") 231, in("rdi") status, options(noreturn, nostack))
    }
    // SAFETY: as above.
    #[cfg(target_arch = "arm")]
    unsafe {
        core::arch::asm!("svc 0", in("r7") 248, in("r0") status, options(noreturn, nostack))
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        core::arch::asm!("svc 0", in("x8") 94, in("x0") status, options(noreturn, nostack))
    }
}
