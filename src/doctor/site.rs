//! The site's cdb: whether every record can be read, and found by its key.

use std::collections::BTreeSet;
use std::format;
use std::vec::Vec;

use sha2::{Digest, Sha256};

use crate::doctor::finding::Finding;
use crate::error::RequestError;
use crate::site::archive::Archive;
use crate::site::record::{Corrupt, FILES, RULES, Record, Rules};
use crate::sys::embedded;

const ABOUT: &str = "site";

pub(super) fn examine(site: Result<Archive<'_>, RequestError>, findings: &mut Vec<Finding>) {
    let finding = match site {
        Err(failure) => {
            let (code, cause) = failure.cause();
            Finding::wrong(ABOUT, format!("{cause} ({code})"))
                .with(
                    "name a cdb packed by picosite in PICOSITE_SITE or the key site of _picosite,",
                )
                .with("by an absolute path or one relative to the executable's folder")
        }
        Ok(archive) => match count(&archive) {
            Ok(_) if !intact() => {
                let text = "the site in this executable is not the one that was packed";
                Finding::wrong(ABOUT, text).with("pack it again: picosite pack DIR -o FILE")
            }
            Ok((files, addresses)) => {
                Finding::fine(ABOUT, format!("{files} files, {addresses} addresses, all readable"))
            }
            Err(Corrupt) => Finding::wrong(ABOUT, "the cdb is damaged, or not one of picosite's")
                .with("pack it again: picosite pack DIR -o FILE"),
        },
    };
    findings.push(finding);
}

/// Whether the cdb in this executable matches its checksum.
#[must_use]
pub fn intact() -> bool {
    let digest = embedded::descriptor().map(|descriptor| descriptor.digest);
    embedded::site().map(|site| Sha256::digest(site.bytes).into()) == digest
}

/// Reads every record; returns how many files and addresses there are.
fn count(archive: &Archive<'_>) -> Result<(usize, usize), Corrupt> {
    archive.site()?;
    let mut addresses = 0;
    let mut keys = BTreeSet::new();
    for record in archive.records() {
        let (key, value) = record?;
        // Looking the key up tests the hash tables too.
        if !keys.insert(key) || archive.get(key)? != Some(value) {
            return Err(Corrupt);
        }
        if key.starts_with(b"/") && !key.starts_with(b"//") {
            let record = Record::parse(value)?;
            for form in record.forms() {
                archive.representation(&form?, record.modified)?;
            }
            addresses += 1;
        }
    }
    for rule in Rules::new(archive.get(RULES)?.ok_or(Corrupt)?) {
        rule?;
    }
    let list = archive.get(FILES)?.ok_or(Corrupt)?;
    let files = list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    Ok((files.count(), addresses))
}
