//! Events in a folder, from inotify(7): counts how often files are opened or created, by any
//! process.
#![allow(dead_code, reason = "each test uses its share")]

use std::mem::MaybeUninit;
use std::path::Path;

use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// The kernel merges equal events that follow each other, so the events between two of a
/// kind are watched too.
pub(crate) struct Watch {
    queue: OwnedFd,
    counted: ReadFlags,
}

impl Watch {
    /// Counts files that are opened in the folder from now on.
    pub(crate) fn opened(folder: &Path) -> Self {
        Self::new(folder, WatchFlags::OPEN | WatchFlags::CLOSE, ReadFlags::OPEN)
    }

    /// Counts files that are created in the folder from now on.
    pub(crate) fn made(folder: &Path) -> Self {
        let gone = WatchFlags::MOVED_FROM | WatchFlags::DELETE;
        Self::new(folder, WatchFlags::CREATE | gone, ReadFlags::CREATE)
    }

    fn new(folder: &Path, flags: WatchFlags, counted: ReadFlags) -> Self {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        inotify::add_watch(&queue, folder, flags | WatchFlags::ONLYDIR).unwrap();
        Self { queue, counted }
    }

    /// The names since the last call, one for each event, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut storage = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.queue, &mut storage);
        let mut names = Vec::new();
        loop {
            match reader.next() {
                // The folder itself has no name.
                Ok(event) if event.events().contains(self.counted) => names.extend(
                    event.file_name().map(|name| name.to_str().expect("a test's name").to_owned()),
                ),
                Ok(_) => {}
                Err(Errno::AGAIN) => return names,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
