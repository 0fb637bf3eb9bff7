//! The clock, by which addresses expire.

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
        "{}, which is earlier than this executable ({}): no signed address expires",
        shown(now),
        shown(built)
    );
    Finding::wrong(ABOUT, text)
        .with("date -u -s 'YYYY-MM-DD hh:mm:ss'")
        .with("and start an NTP client with the machine")
}

#[cfg(test)]
mod tests {
    use super::{Finding, judge};
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_that_was_never_set_is_told() {
        assert_eq!(judge(784_111_777, 1), Finding::fine("clock", "Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(judge(5, 784_111_777).verdict, Verdict::Wrong);
    }
}
