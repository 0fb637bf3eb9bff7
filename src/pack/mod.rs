//! Packs a site's folder into the cdb that [`record`](crate::site::record) describes.
//!
//! Compiled twice, into the library and into `build.rs`, so it imports only `std`, the crates
//! it packs with, its own modules, and those that `build.rs` mirrors. The cdb's bytes depend on
//! names, contents and times alone. Files are compressed on all cores and written in the order
//! of their names, after the settings: the addresses of each, then its body and compressed
//! forms.

mod address;
mod compress;
mod elf;
mod error;
mod executable;
mod headers;
mod lines;
mod mime;
mod options;
mod packed;
mod queue;
mod record;
mod redirects;
mod settings;
mod special;
mod tree;
mod writer;

use std::path::Path;
use std::string::{String, ToString};
use std::time::UNIX_EPOCH;
use std::vec::Vec;
use std::{env, format, fs};

pub use crate::pack::compress::{Effort, Forms};
pub use crate::pack::error::{Diagnostic, PackError};
pub use crate::pack::executable::{attach, describe, verify};
pub(crate) use crate::pack::lines::percent_decode;
pub use crate::pack::options::{Earlier, Options, Progress};

use crate::encoding::decimal;
use crate::pack::address::{Address, addresses};
use crate::pack::headers::Headers;
use crate::pack::lines::LineDiagnostic;
use crate::pack::packed::Packed;
use crate::pack::redirects::Rule;
use crate::pack::tree::File;
use crate::pack::writer::Writer;
use crate::settings::keys::is_significant;
use crate::site::record::{FILES, GALLERIES, Kind, RULES, SITE, Site, THUMBNAILS};
use crate::template::{PageName, Template};

/// The outcome of a pack.
#[derive(Debug)]
pub struct Report {
    /// The number of files.
    pub files: usize,
    /// The number of addresses that answer.
    pub addresses: usize,
    /// The length of the cdb in bytes.
    pub bytes: u64,
    /// Lines of the special files that have no effect.
    pub warnings: Vec<Diagnostic>,
}

/// Packs the folder `dir` into the file `out`, which is replaced atomically. Modification
/// times are limited to `latest`, in seconds since 1970, and to now.
///
/// # Errors
///
/// [`PackError::Site`] with all errors in the site, and others as they are described there.
pub fn pack(dir: &Path, out: &Path, latest: Option<u64>) -> Result<Report, PackError> {
    pack_with(dir, out, Options { latest, ..Options::default() })
}

/// [`pack`] with more options.
pub fn pack_with(dir: &Path, out: &Path, mut options: Options<'_>) -> Result<Report, PackError> {
    let mut errors = Vec::new();
    let mut files = tree::walk(dir, &mut errors)?;
    // No reply is older than what it says of itself (RFC 9110, 8.8.2.1).
    let now = UNIX_EPOCH.elapsed().map_or(u64::MAX, |since| since.as_secs());
    let latest = options.latest.unwrap_or(now).min(now);
    for file in &mut files {
        file.modified = file.modified.min(latest);
    }
    let special = SpecialFiles::read(dir, &files, &mut errors)?;
    if !errors.is_empty() {
        return Err(PackError::Site(errors));
    }
    let all_bytes = files.iter().map(|file| file.size).sum();
    if all_bytes > u64::from(u32::MAX) {
        return Err(PackError::TooLarge(dir.to_path_buf()));
    }
    let effort = Effort::of(files.iter().map(|file| (&*file.name, file.size)));
    let earlier = options.earlier.filter(|earlier| earlier.effort == effort);
    let mut writer = Writer::create(out)?;
    writer.add(SITE, &site_record(&special, &files))?;
    // A request finds the settings at this fixed place.
    let mut order: Vec<&File> = files.iter().collect();
    order.sort_by_key(|file| file.name != special::SETTINGS);
    let mut addresses = 0;
    let mut progress = Progress { files: 0, all_files: files.len(), bytes: 0, all_bytes };
    queue::in_order(
        &order,
        |file| file.size + FILE_COST_BYTES,
        |file| Packed::new(file, effort, earlier),
        |file, packed| {
            addresses += packed?.write(file, &files, &special, &mut writer)?;
            progress.files += 1;
            progress.bytes += file.size;
            if let Some(tell) = &mut options.progress {
                tell(progress);
            }
            Ok(())
        },
    )?;
    writer.add(RULES, &redirects::encode(&special.rules))?;
    writer.add(FILES, list(&files).as_bytes())?;
    let bytes = writer.finish()?;
    Ok(Report { files: files.len(), addresses, bytes, warnings: special.warnings })
}

/// The environment's `SOURCE_DATE_EPOCH` in seconds since 1970, if it is set.
pub fn source_date_epoch() -> Result<Option<u64>, PackError> {
    let Some(value) = env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = decimal::parse(value.as_encoded_bytes());
    seconds.map(Some).ok_or_else(|| PackError::Time(value.to_string_lossy().into_owned()))
}

/// A file's cost in the queue in addition to its length, which limits how many wait.
const FILE_COST_BYTES: u64 = 16 << 10;

/// The content of the special files.
struct SpecialFiles {
    headers: Headers,
    rules: Vec<Rule>,
    /// The setting `site`.
    site: String,
    has_settings: bool,
    warnings: Vec<Diagnostic>,
}

impl SpecialFiles {
    fn read(dir: &Path, files: &[File], errors: &mut Vec<Diagnostic>) -> Result<Self, PackError> {
        let mut warnings = Vec::new();
        let note =
            |name: &str, lines: Vec<LineDiagnostic>, notes: &mut Vec<Diagnostic>| {
                notes.extend(lines.into_iter().map(|LineDiagnostic { line, message }| {
                    Diagnostic { file: error::shown(&dir.join(name)), line: Some(line), message }
                }));
            };
        let (mut wrong, mut ignored) = (Vec::new(), Vec::new());
        let headers = Headers::parse(&read(files, special::HEADERS)?, &mut wrong, &mut ignored);
        let mut wrong_rules = Vec::new();
        let rules = redirects::parse(&read(files, special::REDIRECTS)?, &mut wrong_rules);
        let mut absent = redirects::targets(&rules);
        for file in files {
            for Address { path, kind } in addresses(&file.name, files) {
                headers.fields(path.as_bytes()).check(&mut wrong);
                if kind == Kind::Asset {
                    absent.remove(path.as_bytes());
                }
            }
        }
        wrong.sort_by_key(|wrong| wrong.line);
        note(special::HEADERS, wrong, errors);
        note(special::HEADERS, ignored, &mut warnings);

        let mut wrong = Vec::new();
        let text = read(files, special::SETTINGS)?;
        let site = settings::site(&text, &mut wrong);
        // Requests don't look for settings in a file of comments, as the built-in site has.
        let has_settings = text.split(|&byte| byte == b'\n').any(is_significant);
        note(special::SETTINGS, wrong, errors);

        note(special::REDIRECTS, wrong_rules, errors);
        note(special::REDIRECTS, redirects::unserved(absent), &mut warnings);

        let gallery = read(files, special::GALLERY)?;
        let wrong = Template::<PageName>::parse(&gallery).err();
        let wrong =
            wrong.map(|error| LineDiagnostic { line: error.line, message: error.to_string() });
        note(special::GALLERY, wrong.into_iter().collect(), errors);

        Ok(Self { headers, rules, site, has_settings, warnings })
    }
}

/// The content of the special file `name`; empty if the site has none.
fn read(files: &[File], name: &str) -> Result<Vec<u8>, PackError> {
    match files.binary_search_by(|file| file.name.as_str().cmp(name)) {
        Ok(index) => contents(&files[index]),
        Err(_) => Ok(Vec::new()),
    }
}

fn contents(file: &File) -> Result<Vec<u8>, PackError> {
    fs::read(&file.path).map_err(|error| PackError::Io(file.path.clone(), error))
}

fn site_record(special: &SpecialFiles, files: &[File]) -> Vec<u8> {
    let &SpecialFiles { ref rules, ref site, has_settings, .. } = special;
    let [thumbnails, galleries] =
        [&THUMBNAILS, GALLERIES].map(|start| redirects::reach(rules, start));
    let is_below = |file: &File| file.name.as_bytes().starts_with(&THUMBNAILS[1..]);
    let thumbnails_first = !thumbnails && !files.iter().any(is_below);
    let bit = |is_set, bit| u32::from(is_set) << bit;
    let bits = bit(has_settings, 0) | bit(thumbnails || galleries, 1) | bit(thumbnails_first, 2);
    let mut value = Vec::new();
    record::push_words(&mut value, &[Site::VERSION, bits, record::word(site.len())]);
    value.extend_from_slice(site.as_bytes());
    value
}

/// The value of the key [`FILES`].
fn list(files: &[File]) -> String {
    let line = |file: &File| format!("{} {}\n", file.modified, file.name);
    files.iter().map(line).collect::<Vec<_>>().concat()
}
