//! `picosite doctor [--probe FILE]`: what is wrong with this site on this machine, and what to do.

use std::format;

use crate::doctor;
use crate::doctor::Verdict;
use crate::site::find;

use crate::cli::{Call, Problem};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    match *call.words {
        [] => {}
        #[cfg(feature = "tools")]
        ["--probe", file] => return crate::cli::probe::write(call, file),
        _ => return Err(Problem::Usage("usage: picosite doctor [--probe FILE]".into())),
    }
    let findings = doctor::examine(find::find(call.site, None), call.environment.clone());
    for finding in &findings {
        writeln!(call.out, "{finding}")?;
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count() {
        0 => Ok(()),
        1 => Err(Problem::Other("one thing is wrong".into())),
        many => Err(Problem::Other(format!("{many} things are wrong"))),
    }
}
