//! Packs a site's folder into the cdb that [`format`](crate::format) describes.
//!
//! Compiled twice, into the library and into `build.rs`: so it names only `std`, the
//! crates it packs with, its own children and the leaves that `build.rs` has too.
//! The bytes depend on names, contents and times alone. Files are read one after the
//! other, compressed on all cores, and written in the order of their names: body,
//! compressed forms, and right behind them the addresses that use these.

mod address;
mod compress;
mod elf;
mod error;
mod executable;
mod headers;
mod lines;
mod mime;
mod options;
mod queue;
mod record;
mod redirects;
mod settings;
mod special;
mod tree;
mod writer;

use std::env;
use std::format;
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use sha2::{Digest, Sha256};

pub use self::error::{Error, Mistake};
pub use self::executable::{Carried, attach, describe, verify};
pub use self::options::{Earlier, Forms, Options, Progress};

use self::address::{Address, addresses};
use self::headers::Headers;
use self::lines::Wrong;
use self::record::{Asset, Body};
use self::redirects::Rule;
use self::tree::File;
use self::writer::Writer;
use crate::format::{Coding, FILES, Kind, RULES, SITE, Site};
use crate::template::{self, Template};

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
    let mut writer = Writer::create(out)?;
    writer.add(SITE, &site_record(&rules.site))?;
    let mut addresses = 0;
    let mut progress = Progress { files: 0, all_files: files.len(), bytes: 0, all_bytes };
    queue::in_order(
        &files,
        |file| file.size + FILE_COST,
        |file| Packed::new(file, options.earlier),
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
        for file in files {
            for address in addresses(&file.name, files) {
                headers.fields(address.path.as_bytes()).check(&mut wrong);
            }
        }
        wrong.sort_by_key(|wrong| wrong.line);
        note(special::HEADERS, wrong, mistakes);
        note(special::HEADERS, ignored, &mut warnings);

        let mut wrong = Vec::new();
        let site = settings::site(&read(files, special::SETTINGS)?, &mut wrong);
        note(special::SETTINGS, wrong, mistakes);

        let mut wrong = Vec::new();
        let rules = redirects::parse(&read(files, special::REDIRECTS)?, &mut wrong);
        note(special::REDIRECTS, wrong, mistakes);

        let gallery = read(files, special::GALLERY)?;
        let wrong = Template::parse(&gallery, template::GALLERY).err();
        let wrong = wrong.map(|mistake| Wrong { line: mistake.line, what: mistake.to_string() });
        note(special::GALLERY, wrong.into_iter().collect(), mistakes);

        Ok(Self { headers, rules, site, warnings })
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

/// A file, ready to be written.
struct Packed {
    body: Vec<u8>,
    forms: Forms,
    tag: String,
}

impl Packed {
    fn new(file: &File, earlier: Option<&Earlier<'_>>) -> Result<Self, Error> {
        let body = contents(file)?;
        let forms = earlier
            .and_then(|earlier| earlier(&file.name, &body))
            .unwrap_or_else(|| Forms::of(&file.name, &body));
        let tag = tag(&body);
        Ok(Self { body, forms, tag })
    }

    /// Writes the forms and the addresses of `file`, and says how many these are.
    fn write(
        self,
        file: &File,
        files: &[File],
        rules: &Instructions,
        writer: &mut Writer,
    ) -> Result<usize, Error> {
        let mut bodies = Vec::new();
        let mut add = |coding, key: &str, value: &[u8]| {
            let offset = writer.add(key.as_bytes(), value)?;
            let len = u32::try_from(value.len()).expect("the writer has refused 4 GiB");
            bodies.insert(0, Body { coding, offset, len });
            Ok(())
        };
        add(Coding::Identity, &file.name, &self.body)?;
        for (coding, form) in [(Coding::Gzip, &self.forms.gzip), (Coding::Br, &self.forms.br)] {
            if let Some(form) = form {
                add(coding, &format!("//{}/{}", coding.name(), file.name), form)?;
            }
        }
        let content_type = mime::content_type(&file.name);
        let asset = Asset { bodies, tag: self.tag, modified: file.modified, content_type };
        let addresses = addresses(&file.name, files);
        for Address { path, kind } in &addresses {
            let forced = redirects::is_forced(&rules.rules, path.as_bytes());
            let value = match kind {
                Kind::Folder => record::folder(forced),
                Kind::Asset => {
                    record::asset(&asset, &rules.headers.fields(path.as_bytes()), forced)
                }
            };
            writer.add(path.as_bytes(), &value)?;
        }
        Ok(addresses.len())
    }
}

/// The first 12 bytes of the content's SHA-256 in base64url (RFC 4648, 5): of a million
/// million million files, two have the same with a chance of one in a hundred.
fn tag(body: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digest = Sha256::digest(body);
    let mut tag = String::with_capacity(16);
    for three in digest[..12].chunks_exact(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            tag.push(char::from(DIGITS[bits >> shift & 63]));
        }
    }
    tag
}

fn site_record(site: &str) -> Vec<u8> {
    let len = u32::try_from(site.len()).expect("a file of 4 GiB was refused before");
    let mut value = Site::VERSION.to_le_bytes().to_vec();
    value.extend_from_slice(&len.to_le_bytes());
    value.extend_from_slice(site.as_bytes());
    value
}

/// The value of the key [`FILES`].
fn list(files: &[File]) -> String {
    let line = |file: &File| format!("{} {}\n", file.modified, file.name);
    files.iter().map(line).collect::<Vec<_>>().concat()
}
