//! Packs a site's folder into the cdb that [`format`](crate::site::record) describes.
//!
//! Compiled twice, into the library and into `build.rs`: so it names only `std`, the
//! crates it packs with, its own children and the leaves that `build.rs` has too.
//! The bytes depend on names, contents and times alone. Files are read one after the
//! other, compressed on all cores, and written in the order of their names, the settings in
//! front: addresses, and right behind them the body and the compressed forms that these use.

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
use std::vec::Vec;
use std::{env, format, fs};

pub use crate::pack::compress::Effort;
pub use crate::pack::error::{Error, Mistake};
pub use crate::pack::executable::{Carried, attach, describe, verify};
pub use crate::pack::options::{Earlier, Forms, Options, Progress};

use crate::pack::address::{Address, addresses};
use crate::pack::headers::Headers;
use crate::pack::lines::Wrong;
use crate::pack::packed::Packed;
use crate::pack::redirects::Rule;
use crate::pack::tree::File;
use crate::pack::writer::Writer;
use crate::settings::keys::is_significant;
use crate::site::record::{FILES, GALLERIES, Kind, RULES, SITE, Site, THUMBNAILS};
use crate::template::{PageName, Template};

/// What was packed.
#[derive(Debug)]
pub struct Report {
    /// How many files.
    pub files: usize,
    /// How many addresses answer.
    pub addresses: usize,
    /// The cdb's length in bytes.
    pub bytes: u64,
    /// Lines of the site's files that have no effect.
    pub warnings: Vec<Mistake>,
}

/// Packs the folder `dir` into the file `out`, which is replaced at the end or not at
/// all. Files changed after `latest` seconds since 1970 count as changed then.
///
/// # Errors
///
/// [`Error::Site`] with all mistakes in the folder, and see there.
pub fn pack(dir: &Path, out: &Path, latest: Option<u64>) -> Result<Report, Error> {
    pack_with(dir, out, Options { latest, ..Options::default() })
}

/// As [`pack`], with more options.
///
/// # Errors
///
/// As [`pack`].
pub fn pack_with(dir: &Path, out: &Path, mut options: Options<'_>) -> Result<Report, Error> {
    let mut mistakes = Vec::new();
    let mut files = tree::walk(dir, &mut mistakes)?;
    for file in &mut files {
        file.modified = file.modified.min(options.latest.unwrap_or(u64::MAX));
    }
    let rules = Instructions::read(dir, &files, &mut mistakes)?;
    if !mistakes.is_empty() {
        return Err(Error::Site(mistakes));
    }
    let all_bytes = files.iter().map(|file| file.size).sum();
    if all_bytes > u64::from(u32::MAX) {
        return Err(Error::TooLarge(dir.to_path_buf()));
    }
    let effort = Effort::of(files.iter().map(|file| (&*file.name, file.size)));
    let earlier = options.earlier.filter(|earlier| earlier.effort == effort);
    let mut writer = Writer::create(out)?;
    writer.add(SITE, &site_record(&rules, &files))?;
    // In the order of their names, but for the settings: a request finds them there.
    let mut order: Vec<&File> = files.iter().collect();
    order.sort_by_key(|file| file.name != special::SETTINGS);
    let mut addresses = 0;
    let mut progress = Progress { files: 0, all_files: files.len(), bytes: 0, all_bytes };
    queue::in_order(
        &order,
        |file| file.size + FILE_COST,
        |file| Packed::new(file, effort, earlier),
        |file, packed| {
            addresses += packed?.write(file, &files, &rules, &mut writer)?;
            progress.files += 1;
            progress.bytes += file.size;
            if let Some(tell) = &mut options.progress {
                tell(progress);
            }
            Ok(())
        },
    )?;
    writer.add(RULES, &redirects::encode(&rules.rules))?;
    writer.add(FILES, list(&files).as_bytes())?;
    let bytes = writer.finish()?;
    Ok(Report { files: files.len(), addresses, bytes, warnings: rules.warnings })
}

/// The time that the environment's `SOURCE_DATE_EPOCH` gives, where it is set.
///
/// # Errors
///
/// [`Error::Time`] where it is not a number of seconds.
pub fn source_date_epoch() -> Result<Option<u64>, Error> {
    let Some(value) = env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = value.to_str().and_then(|value| value.parse().ok());
    seconds.map(Some).ok_or_else(|| Error::Time(value.to_string_lossy().into_owned()))
}

/// What a file costs in the queue besides its bytes: it bounds how many wait.
const FILE_COST: u64 = 16 << 10;

/// What the special files say.
struct Instructions {
    headers: Headers,
    rules: Vec<Rule>,
    site: String,
    /// There are settings.
    settings: bool,
    warnings: Vec<Mistake>,
}

impl Instructions {
    fn read(dir: &Path, files: &[File], mistakes: &mut Vec<Mistake>) -> Result<Self, Error> {
        let mut warnings = Vec::new();
        let note = |name: &str, wrong: Vec<Wrong>, notes: &mut Vec<Mistake>| {
            notes.extend(wrong.into_iter().map(|Wrong { line, what }| Mistake {
                file: error::shown(&dir.join(name)),
                line: Some(line),
                what,
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
        note(special::HEADERS, wrong, mistakes);
        note(special::HEADERS, ignored, &mut warnings);

        let mut wrong = Vec::new();
        let text = read(files, special::SETTINGS)?;
        let site = settings::site(&text, &mut wrong);
        // One without, as in the site to begin with, costs no request anything.
        let settings = text.split(|&byte| byte == b'\n').any(is_significant);
        note(special::SETTINGS, wrong, mistakes);

        note(special::REDIRECTS, wrong_rules, mistakes);
        note(special::REDIRECTS, redirects::unserved(absent), &mut warnings);

        let gallery = read(files, special::GALLERY)?;
        let wrong = Template::<PageName>::parse(&gallery).err();
        let wrong = wrong.map(|error| Wrong { line: error.line, what: error.to_string() });
        note(special::GALLERY, wrong.into_iter().collect(), mistakes);

        Ok(Self { headers, rules, site, settings, warnings })
    }
}

/// The special file `name`, empty where the site has none.
fn read(files: &[File], name: &str) -> Result<Vec<u8>, Error> {
    match files.binary_search_by(|file| file.name.as_str().cmp(name)) {
        Ok(index) => contents(&files[index]),
        Err(_) => Ok(Vec::new()),
    }
}

fn contents(file: &File) -> Result<Vec<u8>, Error> {
    fs::read(&file.path).map_err(|error| Error::Io(file.path.clone(), error))
}

fn site_record(instructions: &Instructions, files: &[File]) -> Vec<u8> {
    let &Instructions { ref rules, ref site, settings, .. } = instructions;
    let len = u32::try_from(site.len()).expect("a file of 4 GiB was refused before");
    let [thumbnails, galleries] =
        [&THUMBNAILS, GALLERIES].map(|start| redirects::reach(rules, start));
    let is_below = |file: &File| file.name.as_bytes().starts_with(&THUMBNAILS[1..]);
    let thumbnails_first = !thumbnails && !files.iter().any(is_below);
    let bit = |is_set, bit| u32::from(is_set) << bit;
    let bits = bit(settings, 0) | bit(thumbnails || galleries, 1) | bit(thumbnails_first, 2);
    let mut value = Vec::new();
    for word in [Site::VERSION, bits, len] {
        value.extend_from_slice(&word.to_le_bytes());
    }
    value.extend_from_slice(site.as_bytes());
    value
}

/// The value of the key [`FILES`].
fn list(files: &[File]) -> String {
    let line = |file: &File| format!("{} {}\n", file.modified, file.name);
    files.iter().map(line).collect::<Vec<_>>().concat()
}
