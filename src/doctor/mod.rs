//! Checks an installation for everything that would only fail at a request, and says what
//! to do. It writes nothing but one file in the cache, which it removes again, and never
//! shows a secret.

mod cache;
mod clock;
mod finding;
mod galleries;
mod paths;
pub mod probe;
mod program;
mod secrets;
mod site;
mod variables;

use std::vec::Vec;

use crate::error::RequestError;
use crate::settings::keys::{Settings, Source};
use crate::settings::load;
use crate::site::archive::Archive;
use crate::site::record::SETTINGS;
use crate::sys::arena::Arena;

pub use crate::doctor::finding::{Finding, Verdict};
pub use crate::doctor::site::intact;

/// Checks the site in force, this executable, and the settings of a request with this
/// environment (`NAME=value` strings).
pub fn examine(
    site: Result<Archive<'static>, RequestError>,
    environment: impl Iterator<Item = &'static [u8]> + Clone,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    site::examine(site, &mut findings);
    let compiled_in = site.ok().and_then(|site| site.get(&SETTINGS).ok().flatten());
    let compiled_in = compiled_in.unwrap_or_default();
    findings.extend(examine_settings(compiled_in, environment));
    program::examine(has_secret(compiled_in), &mut findings);
    findings
}

/// Checks the settings and what they refer to; `compiled_in` is the site's `_picosite`.
pub fn examine_settings(
    compiled_in: &'static [u8],
    environment: impl Iterator<Item = &'static [u8]> + Clone,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    variables::examine(environment.clone(), &mut findings);
    match load::settings(&mut Arena::default(), compiled_in, environment) {
        Err(error) => findings.push(secrets::load_error(&error)),
        Ok(settings) => {
            findings.push(Finding::fine("settings", "read without an error"));
            secrets::examine(&settings, &mut findings);
            galleries::examine(&settings, &mut findings);
            cache::examine(&settings, &mut findings);
        }
    }
    clock::examine(&mut findings);
    findings
}

/// Whether the site's own settings hold a secret.
fn has_secret(compiled_in: &[u8]) -> bool {
    let mut settings = Settings::default();
    // An error has been reported by then.
    let _ = settings.read(compiled_in, Source::CompiledIn);
    settings.secrets.keys().next().is_some()
}
