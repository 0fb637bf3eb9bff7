//! `picosite warm`: thumbnails into the cache, ahead of visitors.
//!
//! Skips what is cached, so it can be interrupted and run again at any time.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;
use std::{format, vec};

use crate::full::render;
use crate::imaging;
use crate::settings::keys::Settings;
use crate::sys::exe_dir;
use crate::sys::exe_dir::PATH_MAX;
use crate::thumbs::address::transform::Transform;
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::Name;
use crate::thumbs::make::Product;
use crate::thumbs::photo::PhotoError;
use crate::thumbs::{make, photo};

use crate::cli::call::{Call, CommandError};
use crate::cli::output::complain;
use crate::cli::progress::Line;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let read = |word: &&str| Transform::parse(word.as_bytes()).ok();
    let words = &call.arguments.operands;
    let transforms: Vec<Transform> = words.iter().map_while(read).collect();
    let galleries = &words[transforms.len()..];
    if transforms.is_empty() {
        return Err(call.arguments.usage());
    }
    let settings = call.settings()?;
    for (path, name) in [(settings.galleries, "galleries"), (settings.cache, "cache")] {
        if path.is_empty() {
            return Err(CommandError::Failed(format!("the setting {name} names no folder")));
        }
    }
    let root = folder(settings.galleries)?;
    let mut photos = Vec::new();
    for gallery in if galleries.is_empty() { &[""] } else { galleries } {
        let gallery = gallery.trim_matches('/');
        if gallery.split('/').any(|name| name.starts_with('.')) {
            return Err(CommandError::file(gallery, "a gallery's name does not begin with ."));
        }
        find(&root, Path::new(gallery), &mut photos)
            .map_err(|error| CommandError::file(root.join(gallery), error))?;
    }
    let work = photos.iter().flat_map(|photo| transforms.iter().map(move |by| (photo, by)));
    let all = photos.len() * transforms.len();
    let (mut line, started) = (Line::new(), Instant::now());
    let (mut made, mut absent) = (0, 0);
    let (mut names, mut reported) = (Vec::new(), None);
    for (done, (photo, transform)) in work.enumerate() {
        let left = left(started.elapsed(), made, all - done);
        line.show(format_args!("{done} of {all} thumbnails{left}"));
        match make(photo.as_os_str().as_bytes(), transform, &settings) {
            Ok(Some((name, is_new))) => {
                names.push(name);
                made += usize::from(is_new);
            }
            Ok(None) => absent += 1,
            Err(why) => {
                // One line for a photo, not one for each of its thumbnails.
                if reported.as_ref() != Some(&(photo, why.clone())) {
                    line.clear();
                    complain(format_args!("{}: {why}", photo.display()));
                    reported = Some((photo, why));
                }
            }
        }
    }
    drop(line);
    let (there, photos) = (names.len(), photos.len() - absent / transforms.len());
    writeln!(call.out, "{there} thumbnails of {photos} photos; {made} made now")?;
    let kept = names.iter().filter(|name| entry::find(settings.cache, name).is_some()).count();
    if kept < there {
        let text = format!("the cache holds only {kept} of them: raise the setting cache-max");
        return Err(CommandError::Failed(text));
    }
    if reported.is_none() { Ok(()) } else { Err(CommandError::Reported) }
}

/// The time left, by the average so far.
fn left(elapsed: Duration, made: usize, left: usize) -> String {
    let Some(each) = elapsed.as_millis().checked_div(made as u128) else { return String::new() };
    match each * left as u128 / 1000 {
        seconds @ ..90 => format!(", {seconds} s left"),
        seconds => format!(", {} min left", seconds / 60),
    }
}

/// Makes one thumbnail; returns its name, and whether it is new. Nothing for a path that
/// visitors cannot see either: one that leaves the galleries, or is not a file.
fn make(
    path: &[u8],
    transform: &Transform,
    settings: &Settings<'_>,
) -> Result<Option<(Name, bool)>, String> {
    let photo = match photo::open(settings.galleries, path) {
        Ok(photo) => photo,
        Err(PhotoError::Missing) => return Ok(None),
        Err(PhotoError::Unreadable(error)) => return Err(format!("{error}")),
    };
    let name = Name::new(path, &photo.stamp, transform);
    let is_kept = || entry::find(settings.cache, &name).is_some();
    if is_kept() {
        return Ok(Some((name, false)));
    }
    let render = |picture: &mut Vec<u8>| {
        // Requests map the file and never unmap it, which would add up here.
        let mut bytes = Vec::new();
        File::from(photo.file).read_to_end(&mut bytes).map_err(imaging::Error::Io)?;
        render(&bytes, transform, settings, picture)
    };
    match make::make(settings, &name, render) {
        Ok(Product::Kept(_)) => Ok(Some((name, false))),
        Ok(Product::Made(..)) if is_kept() => Ok(Some((name, true))),
        Ok(Product::Made(..)) => Err("cannot be kept in the cache: see picosite doctor".into()),
        Err(error) => Err(format!("{error}")),
    }
}

/// All photos in a gallery and those inside it, by name, as paths below `root`.
fn find(root: &Path, gallery: &Path, photos: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = vec![];
    for entry in fs::read_dir(root.join(gallery))? {
        entries.push(entry?.file_name());
    }
    entries.sort();
    for name in entries.iter().filter(|name| !name.as_bytes().starts_with(b".")) {
        let path = gallery.join(name);
        if root.join(&path).is_dir() {
            // Requests follow links, but one that leads back up would make this walk endless.
            if !root.join(&path).is_symlink() {
                find(root, &path, photos)?;
            }
        } else if photo::has_ending(name.as_bytes()) && gallery != Path::new("") {
            photos.push(path);
        }
    }
    Ok(())
}

fn folder(setting: &[u8]) -> Result<PathBuf, CommandError> {
    let mut storage = [0; PATH_MAX];
    let path = exe_dir::path(&[setting], &mut storage)
        .map_err(|error| CommandError::Failed(format!("the setting galleries: {error}")))?;
    Ok(Path::new(OsStr::from_bytes(path.to_bytes())).into())
}
