//! The clock, which decides when addresses expire.

use std::format;
use std::vec::Vec;

use crate::doctor::finding::Finding;
use crate::http::date;
use crate::sys::clock::Now;

const ABOUT: &str = "clock";

pub(super) fn examine(findings: &mut Vec<Finding>) {
    findings.push(judge(Now::from_clock().0, Now::BUILT));
}

fn judge(now: u64, built: u64) -> Finding {
    let shown = |seconds| {
        let date = date::format(seconds);
        format!("{}", date.escape_ascii())
    };
    if now >= built {
        return Finding::fine(ABOUT, shown(now));
    }
    let text = format!(
        "{}, earlier than this executable ({}): signed addresses do not expire",
        shown(now),
        shown(built)
    );
    Finding::wrong(ABOUT, text)
        .with("date -u -s 'YYYY-MM-DD hh:mm:ss'")
        .with("and run an NTP client at boot")
}

#[cfg(test)]
mod tests {
    use super::{Finding, judge};
    use crate::doctor::Verdict;

    #[test]
    fn reports_a_clock_that_was_never_set() {
        assert_eq!(judge(784_111_777, 1), Finding::fine("clock", "Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(judge(5, 784_111_777).verdict, Verdict::Wrong);
    }
}
