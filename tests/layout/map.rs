//! The map: from the program's entry at the top down to what needs nothing of ours.

/// A module, with all below it that has no entry of its own.
pub(crate) struct Entry {
    pub(crate) module: &'static str,
    /// The entries whose modules it may import, all further down; a word each.
    imports: &'static str,
    pub(crate) heap: Heap,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Heap {
    /// Core alone: neither `std` nor `alloc`.
    None,
    Std,
}

impl Entry {
    pub(crate) fn imports(&self) -> impl Iterator<Item = &'static str> {
        self.imports.split_whitespace()
    }
}

pub(crate) const fn entry(module: &'static str, heap: Heap, imports: &'static str) -> Entry {
    Entry { module, imports, heap }
}

pub(crate) const MAP: &[Entry] = &[
    // Commands.
    entry(
        "cli",
        Heap::Std,
        "doctor pack full thumbs imaging fast thumbs::resolve thumbs::cache::entry \
         thumbs::photo site cgi settings http http::coding thumbs::address sys::atomic_file \
         sys encoding site::record",
    ),
    entry("doctor", Heap::Std, "site cgi settings http error sys::atomic_file sys site::record"),
    // Compiled into build.rs too, which mirrors what is named here.
    entry(
        "pack",
        Heap::Std,
        "template settings http http::coding encoding sys::atomic_file site::descriptor \
         site::pattern site::record",
    ),
    // Requests, after the C library has been set up.
    entry(
        "full",
        Heap::Std,
        "gallery thumbs imaging fast thumbs::resolve thumbs::photo site cgi settings http \
         error thumbs::address sys",
    ),
    entry(
        "gallery",
        Heap::Std,
        "template site::record thumbs thumbs::cache::entry thumbs::photo site cgi settings \
         http http::block error thumbs::address sys encoding",
    ),
    entry("template", Heap::None, ""),
    entry(
        "thumbs",
        Heap::Std,
        "thumbs::cache::entry settings thumbs::address sys::atomic_file sys",
    ),
    // Of an address, the size and the orientation that it asks for.
    entry("imaging", Heap::Std, "jpeg thumbs::address"),
    entry("jpeg", Heap::Std, ""),
    // Requests, ahead of the C library: from here on there is no heap.
    entry(
        "fast",
        Heap::None,
        "thumbs::reply thumbs::address thumbs::resolve site cgi settings http http::block error sys",
    ),
    entry("thumbs::reply", Heap::None, "thumbs::resolve thumbs::address http http::block encoding"),
    entry(
        "thumbs::resolve",
        Heap::None,
        "thumbs::cache::entry thumbs::photo settings http error thumbs::address sys \
         site::record",
    ),
    // A photo's time and length are part of its entry's name.
    entry("thumbs::cache::entry", Heap::None, "thumbs::photo thumbs::address sys encoding"),
    entry("thumbs::photo", Heap::None, "sys"),
    entry("site", Heap::None, "cgi http error sys site::descriptor site::pattern site::record"),
    entry("cgi", Heap::None, "http error encoding"),
    // A secret is a key for the signatures of addresses.
    entry("settings", Heap::None, "thumbs::address sys encoding"),
    entry("http", Heap::None, "http::block http::coding error encoding"),
    entry("error", Heap::None, "thumbs::address site::record"),
    entry("thumbs::address", Heap::None, "encoding"),
    entry("sys::atomic_file", Heap::Std, ""),
    // The executable's own site is found by its descriptor.
    entry("sys", Heap::None, "site::descriptor"),
    entry("encoding", Heap::None, ""),
    // What the packer writes and the reader reads.
    entry("site::descriptor", Heap::None, ""),
    entry("site::pattern", Heap::None, ""),
    entry("site::record", Heap::None, "http::block http::coding"),
    entry("http::block", Heap::None, ""),
    entry("http::coding", Heap::None, ""),
];

/// Files that still need each other; to be taken off this list, never added to.
pub(crate) const KNOWN: &[&str] = &[
    "imaging::colour -> imaging::colour::curve",
    "imaging::error -> imaging::source",
    "jpeg -> jpeg::colour -> jpeg::header",
    "jpeg::scan_reader -> jpeg::tables",
    "pack -> pack::packed",
    "template::check -> template::piece",
];
