//! The time of day, which a board without a clock gets wrong.

use rustix::time::{ClockId, clock_gettime};

/// The time of day in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub u64);

impl Now {
    /// When this executable was built. An earlier time of day is a clock that was never set.
    pub const BUILT: u64 = match u64::from_str_radix(env!("PICOSITE_BUILT"), 10) {
        Ok(seconds) => seconds,
        Err(_) => panic!("build.rs gives seconds"),
    };

    /// Reads the clock. Not ahead of the C library: `rustix` keeps the vDSO's function in a
    /// static, and statics cannot be written by then.
    pub fn from_clock() -> Self {
        Self(clock_gettime(ClockId::Realtime).tv_sec.try_into().unwrap_or(0))
    }

    const fn is_believable(self) -> bool {
        self.0 >= Self::BUILT
    }

    /// Whether the second `last` is over. Never, if the clock was never set.
    pub const fn is_past(self, last: u64) -> bool {
        self.is_believable() && self.0 > last
    }

    /// Seconds until `last`: none if it is over, or if the clock was never set.
    pub fn seconds_until(self, last: u64) -> u32 {
        let left = if self.is_believable() { last.saturating_sub(self.0) } else { 0 };
        left.try_into().unwrap_or(u32::MAX)
    }
}
