//! `picosite verify`: whether signed addresses hold, paths and whole URLs.

use std::format;
use std::string::String;
use std::vec::Vec;

use percent_encoding::percent_decode_str;

use crate::settings::keys::{Secrets, Settings};
use crate::site::record::THUMBNAILS;
use crate::sys::clock::Now;
use crate::thumbs::resolve;
use crate::thumbs::resolve::Asked;

use crate::cli::call::{Call, CommandError};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let (settings, secrets) = call.secrets()?;
    let now = Now::from_clock();
    let mut all_hold = true;
    for &address in &call.arguments.operands {
        let verdict = verify(address, &settings, &secrets, now);
        all_hold &= verdict.is_ok();
        let verdict = verdict.unwrap_or_else(|why| why);
        writeln!(call.out, "{address}: {verdict}")?;
    }
    if all_hold { Ok(()) } else { Err(CommandError::Reported) }
}

/// Whether the address holds, in words. The mount point is unknown here, so the thumbnail's
/// path may begin at any `/thumb/` in it.
fn verify(
    address: &str,
    settings: &Settings<'_>,
    secrets: &Secrets<'_>,
    now: Now,
) -> Result<String, String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path: Vec<u8> = percent_decode_str(path).collect();
    let mut starts =
        path.windows(THUMBNAILS.len()).enumerate().filter(|(_, text)| *text == THUMBNAILS);
    let signed = starts.find_map(|(start, _)| {
        resolve::verified(&path[start..], secrets, settings.signature_bytes).ok()
    });
    let Some(signed) = signed else { return Err("not signed by any secret in force".into()) };
    let asked = Asked::parse(signed, settings.max_side_pixels);
    match asked.and_then(|asked| asked.check_expiry(Some(now)).map(|()| asked.transform.expires)) {
        Ok(expires) => Ok(match expires {
            Some(last) => format!("holds until {last}"),
            None => "holds".into(),
        }),
        Err(failure) => Err(format!("signed, but {}", failure.cause().1)),
    }
}
