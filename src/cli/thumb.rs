//! `picosite thumb`: one thumbnail, by the code that answers requests.

use std::io::{self, Write};
use std::path::Path;
use std::vec::Vec;
use std::{format, fs};

use crate::full::render;
use crate::sys::atomic_file::{AtomicFile, check_replaceable};
use crate::thumbs::address::transform::{Format, Transform};

use crate::cli::call::{Call, CommandError};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let [transform, from, to] = call.arguments.exactly();
    let wrong = |what: &str| CommandError::Usage(format!("{transform}: {what}"));
    let parsed = Transform::parse(transform.as_bytes()).map_err(|bad| wrong(bad.as_str()))?;
    let format = format_of(Path::new(to)).ok_or_else(|| {
        CommandError::Usage(format!("{to}: the name must end in .jpg, .jpeg or .png"))
    })?;
    if parsed.format.is_some_and(|asked| asked != format) {
        return Err(wrong(&format!("{to} ends as another format does")));
    }
    let settings = call.settings()?;
    let photo = fs::read(from).map_err(|error| CommandError::file(from, error))?;
    let mut picture = Vec::new();
    render(&photo, &Transform { format: Some(format), ..parsed }, &settings, &mut picture)
        .map_err(|error| CommandError::file(from, error))?;
    write(Path::new(to), &picture).map_err(|error| CommandError::file(to, error))
}

/// Replaces a file by the whole picture or not at all; writes into a pipe or device.
fn write(path: &Path, picture: &[u8]) -> io::Result<()> {
    if check_replaceable(path).is_err() {
        return fs::write(path, picture);
    }
    let mut file = AtomicFile::replacing(path)?;
    file.file.write_all(picture)?;
    file.commit()
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_ascii_lowercase().to_str()? {
        "jpg" | "jpeg" => Some(Format::Jpeg),
        "png" => Some(Format::Png),
        _ => None,
    }
}
