//! A site read from the executable's file gives the replies of the one in memory, even if the
//! file has been replaced or truncated, or cannot be read.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use picosite::facade::cgi::{Variables, target};
use picosite::facade::http::Output;
use picosite::facade::pack;
use picosite::facade::site::answer::Answer;
use picosite::facade::site::archive::Archive;
use picosite::facade::site::exe_file::{ExeFile, Found, RecordBuffer};
use picosite::facade::site::{Descriptor, Tables, Traits, answer};
use picosite::facade::sys::{arena as texts, embedded};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;

/// The descriptor of the executable in memory, and that of another one.
const DESCRIPTOR: &[u8; Descriptor::BYTES] = &[7; Descriptor::BYTES];
const OTHER: &[u8; Descriptor::BYTES] = &[8; Descriptor::BYTES];

/// Where the site begins in the files of these tests.
const OFFSET: u64 = 4096;

#[derive(Default)]
struct Memory(Vec<u8>);

impl Output for Memory {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.extend(pieces.iter().copied().flatten());
        Ok(())
    }
}

/// A cdb with 300 pages that repeat `word`, some of them compressed, one with a long header.
fn cdb(word: &str) -> &'static [u8] {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    fs::create_dir(&assets).unwrap();
    for n in 0..300 {
        // Few are long enough to be compressed, which takes most of the time.
        let text = format!("{word} {n} ").repeat(if n % 30 == 7 { 100 } else { n % 2 });
        fs::write(assets.join(format!("{n}.html")), text).unwrap();
    }
    let headers = format!("/7.html\n  X-Long: {}\n", "x".repeat(2000));
    fs::write(assets.join("_headers"), headers).unwrap();
    fs::write(assets.join("_redirects"), "/old/* /:splat\n").unwrap();
    let out = folder.path().join("site.cdb");
    pack::pack(&assets, &out, Some(0)).unwrap();
    fs::read(out).unwrap().leak()
}

/// A file with a descriptor at its start and `cdb` at [`OFFSET`].
fn file(descriptor: &[u8], cdb: &[u8]) -> BorrowedFd<'static> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(descriptor).unwrap();
    file.seek(SeekFrom::Start(OFFSET)).unwrap();
    file.write_all(cdb).unwrap();
    forever(file)
}

/// That file as the executable with the site `cdb` knows it.
fn own(fd: BorrowedFd<'static>, cdb: &[u8]) -> embedded::File {
    let tables = Tables::new(cdb.first_chunk().unwrap(), cdb.len() as u64);
    let tables = Box::leak(Box::new(tables));
    embedded::File { file: fd, site: OFFSET, descriptor: (0, DESCRIPTOR), tables }
}

/// Keeps a file open until the process ends.
fn forever(file: File) -> BorrowedFd<'static> {
    let file: &'static File = Box::leak(Box::new(file));
    file.as_fd()
}

/// The reply to a request for `path`.
fn reply(archive: Archive<'_>, path: &str, more: &str) -> Vec<u8> {
    let path = format!("PATH_INFO={path}");
    let variables = Variables::gather([path.as_bytes(), more.as_bytes()].into_iter());
    let mut room = [0; target::PATH_MAX];
    let mut storage = answer::Storage::new(&mut room);
    let mut memory = Memory::default();
    match answer::answer(&variables, &archive, &mut storage) {
        Answer::Reply(reply) => reply.send(variables.extent(), &mut memory).unwrap(),
        Answer::Redirect(status, location) => {
            location.send(status, variables.extent(), &mut memory).unwrap();
        }
        Answer::Thumbnail(..) => memory.0.extend(b"thumbnail"),
        Answer::Gallery(..) => memory.0.extend(b"gallery"),
    }
    memory.0
}

#[test]
fn replies_equal_those_from_memory_whatever_the_file_holds() {
    let (site, other) = (cdb("page"), cdb("another"));
    for (what, fd) in [
        ("the same", file(DESCRIPTOR, site)),
        ("cut short", file(DESCRIPTOR, &site[..site.len() / 2])),
        ("another", file(OTHER, &other[1000..])),
        ("zeros", file(OTHER, &vec![0; site.len()])),
        ("another, cut short", file(OTHER, &other[..2048])),
        ("unreadable", forever(File::open("/").unwrap())),
    ] {
        let file = own(fd, site);
        let traits =
            Traits { special: false, settings: true, rules: false, thumbnails_first: false };
        let backed = Archive::known(site, traits, Some(ExeFile::new(site, file)));
        for n in 0..300 {
            for (path, more) in [
                (format!("/{n}.html"), ""),
                (format!("/{n}"), "HTTP_ACCEPT_ENCODING=br"),
                (format!("/{n}"), "HTTP_IF_NONE_MATCH=*"),
                (format!("/{n}"), "HTTP_RANGE=bytes=1-2"),
                (format!("/old/{n}"), ""),
                (format!("/{n}/none"), ""),
                (format!("/thumb/{n}"), ""),
            ] {
                let want = reply(Archive::new(site), &path, more);
                assert!(!want.is_empty());
                assert_eq!(reply(backed, &path, more), want, "{what}: {path} {more}");
            }
        }
    }
}

#[test]
fn settings_equal_those_from_memory_wherever_they_are_read() {
    let site = |settings: &str| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site.cdb");
        fs::write(folder.path().join("_picosite"), settings).unwrap();
        fs::write(folder.path().join("a.txt"), "a").unwrap();
        pack::pack(folder.path(), &out, Some(0)).unwrap();
        fs::read(out).unwrap().leak()
    };
    let short = "cache = a\n";
    let long = format!("# {}\n{short}", "x".repeat(2000));
    for (settings, is_short) in [(short, true), (&*long, false)] {
        let site = site(settings);
        let traits =
            Traits { special: false, settings: true, rules: false, thumbnails_first: true };
        let (mut bytes, mut none) = ([MaybeUninit::uninit(); 4096], []);
        for (fd, is_there) in [
            (file(DESCRIPTOR, site), is_short),
            (file(DESCRIPTOR, &site[..2048]), false),
            (file(OTHER, cdb("page")), false),
            (file(OTHER, &vec![0xff; site.len()]), false),
        ] {
            let backing = ExeFile::new(site, own(fd, site));
            let archive = Archive::known(site, traits, Some(backing));
            let found = backing.settings(&mut texts::Arena::new(&mut bytes));
            assert_eq!(found, is_there.then_some(settings.as_bytes()));
            for room in [&mut bytes[..], &mut none] {
                let found = archive.settings_in(&mut texts::Arena::new(room)).unwrap();
                assert_eq!(found, settings.as_bytes());
            }
        }
    }
}

#[test]
fn most_records_are_found_in_the_file_and_absence_is_confirmed() {
    let site = cdb("page");
    let count = |backing: ExeFile<'_>| {
        let mut counts = [0; 3];
        for n in 0..300 {
            for path in [format!("/{n}"), format!("/{n}/none")] {
                counts[match backing.get(path.as_bytes(), &mut RecordBuffer::new()) {
                    Found::Value(value) => {
                        let want = Archive::new(site).get(path.as_bytes()).unwrap();
                        assert_eq!(Some(value), want, "{path}");
                        0
                    }
                    Found::Nothing => 1,
                    Found::Unknown => 2,
                }] += 1;
            }
        }
        counts
    };
    let same = own(file(DESCRIPTOR, site), site);
    let [values, nothing, unknown] = count(ExeFile::new(site, same));
    assert!(values > 270 && nothing > 240, "{values} {nothing} {unknown}");
    // The file has been replaced; a record missing there may exist in memory.
    assert_eq!(count(ExeFile::new(site, own(file(OTHER, site), site)))[1], 0);
    // Without known tables nothing can be told from the file.
    let unordered = embedded::File { tables: &Tables::UNKNOWN, ..same };
    assert_eq!(count(ExeFile::new(site, unordered)), [0, 0, 600]);
}
