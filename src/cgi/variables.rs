//! The environment variables of a request (RFC 3875, 4.1), collected in one walk over the
//! environment and borrowed from it.
//!
//! A server passes some thirty variables, of which about twenty may matter. A hash of three bytes
//! selects the only name to compare with, so a variable that doesn't matter takes some 40
//! instructions on ARM. The tables are statics so that `src/sys/image.ld` can place them next to
//! the code that reads them: scattered constants would cost a page fault.

use crate::encoding::decimal;
use crate::http::conditional::Conditions;
use crate::http::output::Extent;

/// Declares the variables: variant of [`Name`], accessor, and name in the environment.
macro_rules! variables {
    ($($name:ident $accessor:ident $text:literal)+) => {
        /// A variable that matters.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[expect(clippy::enum_variant_names, reason = "`ScriptName` is `SCRIPT_NAME`")]
        pub enum Name {
            $($name,)+
        }

        const ALL: &[(&str, Name)] = &[$((concat!($text, "="), Name::$name),)+];

        impl<'a> Variables<'a> {
            $(
                #[doc = concat!("`", $text, "`; empty if absent (RFC 3875, 4.1).")]
                #[must_use]
                pub const fn $accessor(&self) -> &'a [u8] {
                    self.values[Name::$name as usize]
                }
            )+
        }
    };
}

variables! {
    GatewayInterface gateway_interface "GATEWAY_INTERFACE"
    RequestMethod request_method "REQUEST_METHOD"
    ServerProtocol server_protocol "SERVER_PROTOCOL"
    ContentLength content_length "CONTENT_LENGTH"
    HttpAcceptEncoding accept_encoding "HTTP_ACCEPT_ENCODING"
    HttpIfMatch if_match "HTTP_IF_MATCH"
    HttpIfModifiedSince if_modified_since "HTTP_IF_MODIFIED_SINCE"
    HttpIfNoneMatch if_none_match "HTTP_IF_NONE_MATCH"
    HttpIfRange if_range "HTTP_IF_RANGE"
    HttpIfUnmodifiedSince if_unmodified_since "HTTP_IF_UNMODIFIED_SINCE"
    HttpRange range "HTTP_RANGE"
    PathInfo path_info "PATH_INFO"
    PicositeSite site "PICOSITE_SITE"
    QueryString query_string "QUERY_STRING"
    RedirectQueryString redirect_query_string "REDIRECT_QUERY_STRING"
    RedirectRequestMethod redirect_request_method "REDIRECT_REQUEST_METHOD"
    RedirectStatus redirect_status "REDIRECT_STATUS"
    RedirectUrl redirect_url "REDIRECT_URL"
    RequestUri request_uri "REQUEST_URI"
    ScriptFilename script_filename "SCRIPT_FILENAME"
    ScriptName script_name "SCRIPT_NAME"
    ServerSoftware server_software "SERVER_SOFTWARE"
}

/// The values of a request's variables.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    values: [&'a [u8]; ALL.len()],
    /// See [`is_gateway`](Self::is_gateway).
    gateway: bool,
}

impl<'a> Variables<'a> {
    /// Collects the variables from `NAME=value` strings. If a name occurs more than once, the first
    /// non-empty value is kept.
    pub fn gather(environment: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut variables = Self { values: [&[]; ALL.len()], gateway: false };
        for (name, value) in environment.filter_map(Name::split) {
            variables.gateway |=
                matches!(name, Name::GatewayInterface | Name::RequestMethod | Name::ServerProtocol);
            let kept = &mut variables.values[name as usize];
            if kept.is_empty() {
                *kept = value;
            }
        }
        variables
    }

    /// Whether `GATEWAY_INTERFACE`, `REQUEST_METHOD` or `SERVER_PROTOCOL` is set, even if empty:
    /// this is a CGI request rather than a command.
    #[must_use]
    pub const fn is_gateway(&self) -> bool {
        self.gateway
    }

    /// The visitor's method. For an error page, servers set `REQUEST_METHOD` to GET and keep the
    /// original in `REDIRECT_REQUEST_METHOD`.
    #[must_use]
    pub const fn method(&self) -> &'a [u8] {
        match (self.redirect_request_method(), self.request_method()) {
            ([], []) => b"GET",
            ([], method) | (method, _) => method,
        }
    }

    /// How much of a reply to send.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        if matches!(self.method(), b"HEAD") { Extent::Header } else { Extent::Whole }
    }

    /// The conditional header fields, and `Range` if the method is GET (RFC 9110, 14.2).
    #[must_use]
    pub const fn conditions(&self) -> Conditions<'a> {
        Conditions {
            if_match: self.if_match(),
            if_unmodified_since: self.if_unmodified_since(),
            if_none_match: self.if_none_match(),
            if_modified_since: self.if_modified_since(),
            range: if matches!(self.method(), b"GET") { self.range() } else { b"" },
            if_range: self.if_range(),
        }
    }

    /// The status, 400 to 599, whose error page the server asks for. Not 404: its page depends on
    /// the URL, so it is looked up like any other.
    #[must_use]
    pub fn error_status(&self) -> Option<u16> {
        let digits: [u8; 3] = self.redirect_status().try_into().ok()?;
        let status = decimal::parse(&digits)?.try_into().ok()?;
        (matches!(status, 400..=599) && status != 404).then_some(status)
    }
}

impl Name {
    /// The variable that `entry` sets, and its value.
    fn split(entry: &[u8]) -> Option<(Self, &[u8])> {
        let mut at = FIRST[hash(entry.first_chunk()?)];
        loop {
            let slot = SLOTS.get(usize::from(at))?;
            if let Some((text, value)) = entry.split_at_checked(slot.len.into()) {
                let (words, _) = text.as_chunks();
                let same =
                    words.iter().zip(&slot.words).all(|(&text, word)| word_of(text) == *word);
                if same && word_of(*text.last_chunk()?) == slot.last {
                    return Some((slot.name, value));
                }
            }
            at = slot.next;
        }
    }
}

/// A name, compared word by word, which is faster than the C library's `memcmp`.
#[derive(Clone, Copy)]
struct Slot {
    /// The full words of the name with its `=`.
    words: [u32; 6],
    /// The last four bytes, which may overlap the last full word.
    last: u32,
    /// Length of the name with its `=`, in bytes.
    len: u8,
    /// The next name with the same hash, or [`NONE`].
    next: u8,
    name: Name,
}

const NONE: u8 = u8::MAX;

const fn word_of(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

/// A hash of the first 10 bytes of `NAME=`, as many as the shortest, `PATH_INFO=`, has. At most
/// one pair of names collides.
const fn hash(start: &[u8; 10]) -> usize {
    (start[5] as usize * 3 + start[8] as usize * 17 + start[9] as usize * 7) % FIRST_LEN
}

const FIRST_LEN: usize = 64;

/// The index in [`SLOTS`] of the first name with each hash, or [`NONE`].
static FIRST: [u8; FIRST_LEN] = TABLES.0;
static SLOTS: [Slot; ALL.len()] = TABLES.1;

const TABLES: ([u8; FIRST_LEN], [Slot; ALL.len()]) = tables();

#[expect(clippy::cast_possible_truncation, reason = "lengths and indices are below 256")]
const fn tables() -> ([u8; FIRST_LEN], [Slot; ALL.len()]) {
    let empty = Slot { words: [0; 6], last: 0, len: 0, next: NONE, name: Name::GatewayInterface };
    let (mut first, mut slots) = ([NONE; FIRST_LEN], [empty; ALL.len()]);
    let mut index = 0;
    while index < ALL.len() {
        let (text, name) = ALL[index];
        let text = text.as_bytes();
        let slot = &mut slots[index];
        let (words, _) = text.as_chunks();
        let mut word = 0;
        while word < words.len() {
            slot.words[word] = word_of(words[word]);
            word += 1;
        }
        slot.last = word_of(*text.last_chunk().expect("no name is shorter than 10 bytes"));
        (slot.len, slot.name) = (text.len() as u8, name);
        let hash = hash(text.first_chunk().expect("no name is shorter than 10 bytes"));
        slot.next = first[hash];
        first[hash] = index as u8;
        index += 1;
    }
    (first, slots)
}

#[cfg(test)]
mod tests {
    use super::{ALL, Name, SLOTS};

    #[test]
    fn recognises_every_name_and_no_other() {
        for &(text, name) in ALL {
            let entry = [text.as_bytes(), b"a=b"].concat();
            assert_eq!(Name::split(&entry), Some((name, &b"a=b"[..])), "{text}");
            assert_eq!(Name::split(text.as_bytes()), Some((name, &b""[..])), "{text}");
            assert_eq!(Name::split(&text.as_bytes()[..text.len() - 1]), None, "{text}");
            let longer = text.replace('=', "S=");
            assert_eq!(Name::split(longer.as_bytes()), None, "{longer}");
        }
        for entry in ["", "=", "PATH=/bin:/usr/bin", "HTTP_ACCEPT=*/*", "path_info=/", "PATH_INFO"]
        {
            assert_eq!(Name::split(entry.as_bytes()), None, "{entry}");
        }
    }

    #[test]
    fn at_most_one_pair_of_names_collides() {
        let shared = SLOTS.iter().filter(|slot| slot.next != super::NONE).count();
        assert!(shared <= 1, "{shared} collisions: change `hash`");
    }
}
