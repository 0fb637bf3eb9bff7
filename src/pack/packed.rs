//! A file on its way into the cdb: its forms, and the addresses it is served at.
//!
//! The bodies directly follow the addresses, so that both are read together.

use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use sha2::{Digest, Sha256};

use crate::encoding::base64url;
use crate::http::coding::Coding;
use crate::pack::address::{Address, addresses};
use crate::pack::compress::{Effort, Forms};
use crate::pack::error::PackError;
use crate::pack::options::Earlier;
use crate::pack::record::{Asset, Body};
use crate::pack::tree::File;
use crate::pack::writer::Writer;
use crate::pack::{SpecialFiles, contents, mime, record, redirects};
use crate::site::record::Kind;

/// A compressed file, ready to be written.
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
    ) -> Result<Self, PackError> {
        let body = contents(file)?;
        let forms = earlier
            .and_then(|earlier| (earlier.forms)(&file.name, &body))
            .filter(|forms| forms.are_of(&body))
            .unwrap_or_else(|| Forms::of(&file.name, &body, effort));
        let tag = tag(&body);
        Ok(Self { body, forms, tag })
    }

    /// Writes the addresses and the forms of `file`, and returns the number of addresses.
    pub(super) fn write(
        self,
        file: &File,
        files: &[File],
        special: &SpecialFiles,
        writer: &mut Writer,
    ) -> Result<usize, PackError> {
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
                let forced = redirects::is_forced(&special.rules, path.as_bytes());
                match kind {
                    Kind::Folder => record::folder(forced),
                    Kind::Asset => {
                        record::asset(asset, &special.headers.fields(path.as_bytes()), forced)
                    }
                }
            };
            addresses.iter().map(value).collect()
        };
        // Written twice: the bodies' offsets depend on the records' lengths, but not vice versa.
        let record_len = |key: &str, value: &[u8]| (8 + key.len() + value.len()) as u64;
        let drafts = values(&asset);
        let lens = addresses.iter().zip(&drafts).map(|(to, value)| record_len(&to.path, value));
        let mut at = writer.position + lens.sum::<u64>();
        let padding =
            if addresses.is_empty() { 0 } else { padding(at + record_len(&file.name, &[])) };
        at += padding as u64;
        for ((_, key, form), body) in forms.iter().zip(asset.bodies.iter_mut().rev()) {
            let offset = at + record_len(key, &[]);
            body.offset = u32::try_from(offset).map_err(|_| writer.too_large())?;
            at += record_len(key, form);
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

/// The bytes missing from `offset` to a multiple of four: the kernel of a small ARM board copies
/// an aligned body three times faster, 4 KB in 19 us. Only one form can be aligned, so it is the
/// identity form, which is sent unless the visitor accepts another.
fn padding(offset: u64) -> usize {
    usize::try_from(offset.next_multiple_of(4) - offset).expect("less than four")
}

/// The first 12 bytes of the content's SHA-256 in base64url (RFC 4648, 5): the probability that
/// two of 10^13 files share one is below one in a thousand.
fn tag(body: &[u8]) -> String {
    let mut tag = String::with_capacity(16);
    base64url::encode(&Sha256::digest(body)[..12], |character| tag.push(character.into()));
    tag
}
