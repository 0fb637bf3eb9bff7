//! `picosite doctor`: what is wrong with this installation, and how to fix it.

use std::format;

use crate::cli::call::{Call, CommandError};
use crate::cli::probe;
use crate::doctor;
use crate::doctor::Verdict;
use crate::site::find;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    if call.arguments.value("--probe").is_some() {
        return probe::run(call);
    }
    let findings = doctor::examine(find::find(call.site, None), call.environment.clone());
    for finding in &findings {
        writeln!(call.out, "{finding}")?;
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count() {
        0 => Ok(()),
        1 => Err(CommandError::failed("one thing is wrong")),
        many => Err(CommandError::Failed(format!("{many} things are wrong"))),
    }
}
