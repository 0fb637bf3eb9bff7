//! A file on its way into the cdb: its forms, and the addresses that answer with them.
//!
//! An address comes first and the bodies right behind it, so that both are read together.

use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use sha2::{Digest, Sha256};

use crate::encoding::base64url;
use crate::pack::address::{Address, addresses};
use crate::pack::compress::Effort;
use crate::pack::error::Error;
use crate::pack::options::{Earlier, Forms};
use crate::pack::record::{Asset, Body};
use crate::pack::tree::File;
use crate::pack::writer::Writer;
use crate::pack::{Instructions, contents, mime, record, redirects};
use crate::site::record::{Coding, Kind};

/// A file, ready to be written.
pub(super) struct Packed {
    body: Vec<u8>,
    forms: Forms,
    tag: String,
}

impl Packed {
    pub(super) fn new(
        file: &File,
        effort: Effort,
        earlier: Option<Earlier<'_>>,
    ) -> Result<Self, Error> {
        let body = contents(file)?;
        let forms = earlier
            .and_then(|earlier| (earlier.forms)(&file.name, &body))
            .filter(|forms| forms.are_of(&body))
            .unwrap_or_else(|| Forms::of(&file.name, &body, effort));
        let tag = tag(&body);
        Ok(Self { body, forms, tag })
    }

    /// Writes the addresses and the forms of `file`, and says how many addresses these are.
    pub(super) fn write(
        self,
        file: &File,
        files: &[File],
        rules: &Instructions,
        writer: &mut Writer,
    ) -> Result<usize, Error> {
        let mut forms = vec![(Coding::Identity, file.name.clone(), self.body)];
        for (coding, form) in [(Coding::Gzip, self.forms.gzip), (Coding::Br, self.forms.br)] {
            forms.extend(
                form.map(|form| (coding, format!("//{}/{}", coding.name(), file.name), form)),
            );
        }
        let content_type = mime::content_type(&file.name);
        let mut asset =
            Asset { bodies: vec![], tag: self.tag, modified: file.modified, content_type };
        for (coding, _, form) in &forms {
            let len = u32::try_from(form.len()).map_err(|_| writer.too_large())?;
            asset.bodies.insert(0, Body { coding: *coding, offset: 0, len });
        }
        let addresses = addresses(&file.name, files);
        let values = |asset: &Asset| -> Vec<Vec<u8>> {
            let value = |Address { path, kind }: &Address| {
                let forced = redirects::is_forced(&rules.rules, path.as_bytes());
                match kind {
                    Kind::Folder => record::folder(forced),
                    Kind::Asset => {
                        record::asset(asset, &rules.headers.fields(path.as_bytes()), forced)
                    }
                }
            };
            addresses.iter().map(value).collect()
        };
        // Where the bodies will lie does not change the length of what says so.
        let record = |key: &str, value: &[u8]| (8 + key.len() + value.len()) as u64;
        let drafts = values(&asset);
        let lens = addresses.iter().zip(&drafts).map(|(to, value)| record(&to.path, value));
        let mut at = writer.position() + lens.sum::<u64>();
        let padding = if addresses.is_empty() { 0 } else { padding(at + record(&file.name, &[])) };
        at += padding as u64;
        for ((_, key, form), body) in forms.iter().zip(asset.bodies.iter_mut().rev()) {
            let offset = at + record(key, &[]);
            body.offset = u32::try_from(offset).map_err(|_| writer.too_large())?;
            at += record(key, form);
        }
        let mut values = values(&asset);
        values.last_mut().into_iter().for_each(|last| last.resize(last.len() + padding, 0));
        for (Address { path, .. }, value) in addresses.iter().zip(&values) {
            writer.add(path.as_bytes(), value)?;
        }
        for (_, key, form) in &forms {
            writer.add(key.as_bytes(), form)?;
        }
        Ok(addresses.len())
    }
}

/// What is missing at `at` to a multiple of four: from there on the kernel of a small ARM
/// board copies a body to whoever reads it three times faster, 19 us for 4 KB. One form
/// alone can have that, and a server asks for the plain one unless a visitor takes others.
fn padding(at: u64) -> usize {
    usize::try_from(at.next_multiple_of(4) - at).expect("less than four")
}

/// The first 12 bytes of the content's SHA-256 in base64url (RFC 4648, 5): of a million
/// million million files, two have the same with a chance of one in a hundred.
fn tag(body: &[u8]) -> String {
    let mut tag = String::with_capacity(16);
    base64url::encode(&Sha256::digest(body)[..12], |character| tag.push(character.into()));
    tag
}
