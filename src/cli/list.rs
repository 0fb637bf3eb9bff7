//! `picosite list`: every address that has a body of its own.

use std::collections::BTreeMap;
use std::format;
use std::io::{self, Write};
use std::string::String;
use std::vec::Vec;

use crate::doctor;
use crate::http::coding::Coding;
use crate::site::archive::Archive;
use crate::site::record::{Corrupt, Form, Kind, Record};

use crate::cli::call::{Call, CommandError};

struct Entry<'a> {
    size: u32,
    media_type: &'a str,
    encodings: Vec<&'static str>,
}

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let archive = call.archive()?;
    if !doctor::intact() {
        let text = "the site in this executable is not the one that was packed; pack it again";
        return Err(CommandError::failed(text));
    }
    let write = if call.arguments.value("--json").is_some() { write_json } else { write_table };
    Ok(write(&entries(archive)?, call.out)?)
}

/// The addresses, in byte order.
fn entries(archive: Archive<'static>) -> Result<BTreeMap<&'static str, Entry<'static>>, Corrupt> {
    // Not every cdb is one of picosite's.
    archive.site()?;
    let mut entries = BTreeMap::new();
    for record in archive.records() {
        let (key, value) = record?;
        if !key.starts_with(b"/") || key.starts_with(b"//") {
            continue;
        }
        let record = Record::parse(value)?;
        if record.kind == Kind::Asset {
            let path = str::from_utf8(key).map_err(|_| Corrupt)?;
            entries.insert(path, entry(&record)?);
        }
    }
    Ok(entries)
}

fn entry(record: &Record<'static>) -> Result<Entry<'static>, Corrupt> {
    let forms: Vec<Form<'_>> = record.forms().collect::<Result<_, _>>()?;
    let identity = forms.last().ok_or(Corrupt)?;
    let encodings = forms.iter().map(|form| form.coding).filter(|&c| c != Coding::Identity);
    Ok(Entry {
        size: identity.len,
        media_type: media_type(identity).unwrap_or("-"),
        encodings: encodings.map(Coding::name).collect(),
    })
}

/// The value of `Content-Type`; nothing if `_headers` removed it.
fn media_type<'a>(form: &Form<'a>) -> Option<&'a str> {
    let block = str::from_utf8(form.block.error()).ok()?;
    block.split("\r\n").find_map(|line| line.strip_prefix("Content-Type: "))
}

fn write_table(entries: &BTreeMap<&str, Entry<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let width = entries.values().map(|entry| entry.media_type.len()).max().unwrap_or(0);
    for (path, entry) in entries {
        let encodings = entry.encodings.join(" ");
        let (size, media_type) = (entry.size, entry.media_type);
        writeln!(out, "{size:>10}  {media_type:width$}  {encodings:7}  {path}")?;
    }
    Ok(())
}

fn write_json(entries: &BTreeMap<&str, Entry<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let objects: Vec<String> = entries
        .iter()
        .map(|(path, entry)| {
            let encodings: Vec<String> = entry.encodings.iter().map(|name| quoted(name)).collect();
            format!(
                "  {{\"path\": {}, \"size\": {}, \"type\": {}, \"encodings\": [{}]}}",
                quoted(path),
                entry.size,
                quoted(entry.media_type),
                encodings.join(", ")
            )
        })
        .collect();
    if objects.is_empty() {
        return writeln!(out, "[]");
    }
    writeln!(out, "[\n{}\n]", objects.join(",\n"))
}

/// A JSON string (RFC 8259, 7). The packer refuses names with control characters, but the
/// cdb may not be its work.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' => quoted.extend(format!("\\u{:04x}", u32::from(character)).chars()),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
