//! A cdb read in place (<https://cr.yp.to/cdb/cdb.txt>): looking up a key gives a slice of
//! the file.
//!
//! Nothing is copied, and nothing in the file is trusted: every position is checked against
//! the file's end, so a truncated or forged file gives [`Corrupt`], never a panic.

use crate::http::conditional::Validators;
use crate::http::representation::{Body, Representation};
use crate::site::cdb::{hash, words};
use crate::site::descriptor::Traits;
use crate::site::exe_file::{ExeFile, Found, RecordBuffer};
use crate::site::record;
use crate::site::record::{Corrupt, FIRST_RECORD, Form, Record, Site};
use crate::sys::arena::Arena;

/// A site's cdb in memory.
#[derive(Clone, Copy)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    /// Facts that save look-ups.
    traits: Traits,
    /// Addresses are looked up there first.
    file: Option<ExeFile<'a>>,
}

impl<'a> Archive<'a> {
    /// An archive of the bytes of a cdb file. They are checked as they are read.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, traits: Traits::UNKNOWN, file: None }
    }

    /// An archive with known traits, whose addresses are looked up in its file, if that is open.
    #[must_use]
    pub const fn known(bytes: &'a [u8], traits: Traits, file: Option<ExeFile<'a>>) -> Self {
        Self { bytes, traits, file }
    }

    /// Whether rules may take precedence over thumbnails and gallery pages.
    #[must_use]
    pub const fn has_rules(&self) -> bool {
        self.traits.rules
    }

    /// Whether neither an address nor a rule takes precedence over a thumbnail.
    #[must_use]
    pub const fn has_thumbnails_first(&self) -> bool {
        self.traits.thumbnails_first
    }

    /// Whether settings are compiled in.
    #[must_use]
    pub const fn has_settings(&self) -> bool {
        self.traits.settings
    }

    /// The compiled-in settings; empty if there are none.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[cold]
    pub fn settings(&self) -> Result<&'a [u8], Corrupt> {
        if !self.traits.settings {
            return Ok(&[]);
        }
        // The packer makes them the second record, so no hash table, on another page, is needed.
        match self.records().nth(1) {
            Some(Ok((key, value))) if key == record::SETTINGS => Ok(value),
            _ => Ok(self.get(&record::SETTINGS)?.unwrap_or_default()),
        }
    }

    /// Like [`settings`](Self::settings), but reads them from the file into `arena`, if there is
    /// a file.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[cold]
    pub fn settings_in<'r>(&self, arena: &mut Arena<'r>) -> Result<&'r [u8], Corrupt>
    where
        'a: 'r,
    {
        let file = self.file.filter(|_| self.traits.settings);
        match file.and_then(|file| file.settings(arena)) {
            Some(settings) => Ok(settings),
            None => self.settings(),
        }
    }

    /// The value of the first record with this key.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if a position is outside the file.
    pub fn get(&self, key: &[u8]) -> Result<Option<&'a [u8]>, Corrupt> {
        let hash = hash(key);
        let (table, slots) = self.pair((hash & 0xff) * 8)?;
        // Even an empty table follows the records, so a file of zeros is not a cdb.
        if table < FIRST_RECORD {
            return Err(Corrupt);
        }
        if slots == 0 {
            return Ok(None);
        }
        let start = (hash >> 8) % slots;
        for slot in (start..slots).chain(0..start) {
            let offset = slot.checked_mul(8).and_then(|at| at.checked_add(table)).ok_or(Corrupt)?;
            let (slot_hash, position) = self.pair(offset)?;
            if position == 0 {
                return Ok(None);
            }
            if slot_hash == hash {
                let (found, value) = self.record(position)?;
                if found == key {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }

    /// What an address answers.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the file or the record is damaged.
    pub fn address(&self, path: &[u8]) -> Result<Option<Record<'a>>, Corrupt> {
        self.get(path)?.map(Record::parse).transpose()
    }

    /// What an address answers, and the archive to take its body from: the file for a record
    /// that was read into `buffer`, memory for one that was found in memory.
    ///
    /// # Errors
    ///
    /// As [`address`](Self::address).
    pub fn locate<'r>(
        &self,
        path: &[u8],
        buffer: &'r mut RecordBuffer,
    ) -> Result<Option<(Record<'r>, Self)>, Corrupt>
    where
        'a: 'r,
    {
        match self.file.map_or(Found::Unknown, |file| file.get(path, buffer)) {
            Found::Value(value) => Record::parse(value).map(|record| Some((record, *self))),
            Found::Nothing => Ok(None),
            Found::Unknown => Ok(self.address(path)?.map(|record| (record, self.in_memory()))),
        }
    }

    /// The same site, its bodies in memory.
    #[must_use]
    pub const fn in_memory(&self) -> Self {
        Self { file: None, ..*self }
    }

    /// One form of an asset, as a reply sends it.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the body is outside the file.
    pub fn representation<'r>(
        &self,
        form: &Form<'r>,
        modified: u64,
    ) -> Result<Representation<'r>, Corrupt>
    where
        'a: 'r,
    {
        let bytes = self.bytes(form.body, form.len)?;
        let body = self.file.map_or(Body::Bytes(bytes), |file| file.body(form));
        let validators = Validators { etag: form.etag, modified };
        Ok(Representation { block: form.block, validators, body, len: bytes.len() })
    }

    /// Facts about the whole site.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the first record is not the [`Site`] record: picosite has not packed this.
    #[cold]
    pub fn site(&self) -> Result<Site<'a>, Corrupt> {
        let (key, value) = self.record(FIRST_RECORD)?;
        if key == record::SITE { Site::parse(value) } else { Err(Corrupt) }
    }

    /// Whether the cdb is not a site but marks a probe.
    #[must_use]
    #[cold]
    pub fn is_probe(&self) -> bool {
        self.record(FIRST_RECORD).is_ok_and(|(key, _)| key == record::PROBE)
    }

    /// All records, in the order of the file.
    #[must_use]
    pub const fn records(self) -> Records<'a> {
        Records { archive: self, next: FIRST_RECORD }
    }

    fn record(&self, position: u32) -> Result<(&'a [u8], &'a [u8]), Corrupt> {
        let (key_len, value_len) = self.pair(position)?;
        let key = position.checked_add(8).ok_or(Corrupt)?;
        let value = key.checked_add(key_len).ok_or(Corrupt)?;
        Ok((self.bytes(key, key_len)?, self.bytes(value, value_len)?))
    }

    fn pair(&self, offset: u32) -> Result<(u32, u32), Corrupt> {
        let bytes = self.bytes(offset, 8)?;
        bytes.first_chunk().copied().map(words).ok_or(Corrupt)
    }

    fn bytes(&self, offset: u32, len: u32) -> Result<&'a [u8], Corrupt> {
        let (start, len) = (offset as usize, len as usize);
        start.checked_add(len).and_then(|end| self.bytes.get(start..end)).ok_or(Corrupt)
    }
}

/// The records of an archive, each a key and a value, up to the first damaged one.
pub struct Records<'a> {
    archive: Archive<'a>,
    next: u32,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), Corrupt>;

    fn next(&mut self) -> Option<Self::Item> {
        // The records end where the first hash table starts.
        let end = self.archive.pair(0).map_or(0, |(table, _)| table);
        if self.next >= end {
            return None;
        }
        let record = self.archive.record(self.next);
        self.next = match record {
            Ok((key, value)) => {
                let len = u32::try_from(key.len() + value.len()).unwrap_or(u32::MAX);
                self.next.saturating_add(8).saturating_add(len)
            }
            Err(Corrupt) => u32::MAX,
        };
        Some(record)
    }
}
