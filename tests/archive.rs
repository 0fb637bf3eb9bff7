//! Our cdb reader against the crate's, and on damaged files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use picosite::facade::cgi::Variables;
use picosite::facade::site::archive::Archive;
use picosite::facade::site::{Corrupt, answer};
use picosite::facade::sys::embedded;
use proptest::collection::vec;
use proptest::prelude::*;

/// A path that no other test of this process uses.
fn new_file() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("archive-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Writes a cdb of these records with the crate `cdb`.
fn write(records: &[(Vec<u8>, Vec<u8>)]) -> PathBuf {
    let path = new_file();
    let mut cdb = cdb::CDBWriter::create(path.to_str().unwrap()).unwrap();
    for (key, value) in records {
        cdb.add(key, value).unwrap();
    }
    cdb.finish().unwrap();
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reads_what_the_crate_reads(
        records in vec((vec(any::<u8>(), 0..6), vec(any::<u8>(), 0..40)), 1..120),
        others in vec(vec(any::<u8>(), 0..6), 0..40),
    ) {
        let path = write(&records);
        let bytes = fs::read(&path).unwrap();
        let (ours, theirs) = (Archive::new(&bytes), cdb::CDB::open(&path).unwrap());
        for key in records.iter().map(|(key, _)| key).chain(&others) {
            let expected = theirs.get(key).transpose().unwrap();
            prop_assert_eq!(ours.get(key).unwrap().map(<[u8]>::to_vec), expected);
        }
        let all: Vec<_> = ours.records().map(Result::unwrap).collect();
        let given: Vec<_> = records.iter().map(|(k, v)| (&k[..], &v[..])).collect();
        prop_assert_eq!(all, given);
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_damaged_file_gives_a_reply_or_an_error(
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = embedded::site().unwrap().bytes.to_vec();
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            for path in ["PATH_INFO=/", "PATH_INFO=/style.css", "PATH_INFO=/nothing"] {
                let variables = Variables::gather([path.as_bytes()].into_iter());
                let mut path = [0; picosite::facade::cgi::target::PATH_MAX];
                let mut storage = answer::Storage::new(&mut path);
                let _ = answer::answer(&variables, &Archive::new(bytes), &mut storage);
            }
            let _ = Archive::new(bytes).records().count();
        }
    }
}

#[test]
fn the_first_of_two_records_with_the_same_key_counts() {
    let record = |value: &str| (b"key".to_vec(), value.as_bytes().to_vec());
    let bytes = fs::read(write(&[record("first"), record("second")])).unwrap();
    assert_eq!(Archive::new(&bytes).get(b"key"), Ok(Some(&b"first"[..])));
}

#[test]
fn a_truncated_file_is_corrupt() {
    let records = HashMap::from([(b"key".to_vec(), b"value".to_vec())]);
    let bytes = fs::read(write(&records.into_iter().collect::<Vec<_>>())).unwrap();
    assert_eq!(Archive::new(&bytes).get(b"key"), Ok(Some(&b"value"[..])));
    for len in 0..bytes.len() {
        // Without the hash table's second slot, which is empty, the record is still found.
        let whole = len >= bytes.len() - 8;
        let value = Archive::new(&bytes[..len]).get(b"key");
        assert!(value == Err(Corrupt) || whole && value == Ok(Some(b"value")), "{len}: {value:?}");
    }
}

#[test]
fn a_look_up_in_a_full_table_ends() {
    let mut bytes = vec![0; 2048];
    let table = u32::try_from(bytes.len()).unwrap();
    for pointer in bytes.chunks_exact_mut(8) {
        pointer[..4].copy_from_slice(&table.to_le_bytes());
        pointer[4..].copy_from_slice(&3_u32.to_le_bytes());
    }
    bytes.extend([1; 24]);
    assert_eq!(Archive::new(&bytes).get(b"key"), Ok(None));
}
