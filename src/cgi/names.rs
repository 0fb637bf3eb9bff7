//! The names of the variables that a request is read from: one look at a `NAME=value`
//! string tells which it is.
//!
//! A server hands over some thirty variables, of which twenty could matter. Three bytes
//! of a name choose the only one that it can be, and that one is compared: some 40
//! instructions on ARM where it is another. The table is one static, so that it lies beside the code that
//! reads it (`src/sys/image.ld`); names as constants of their own would lie elsewhere and
//! cost a page fault.

/// A variable that counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "their names are RFC 3875's, or the server's")]
pub enum Name {
    GatewayInterface,
    RequestMethod,
    ServerProtocol,
    ContentLength,
    HttpAcceptEncoding,
    HttpIfModifiedSince,
    HttpIfNoneMatch,
    HttpIfRange,
    HttpRange,
    PathInfo,
    PicositeSite,
    QueryString,
    RedirectQueryString,
    RedirectRequestMethod,
    RedirectStatus,
    RedirectUrl,
    RequestUri,
    ScriptFilename,
    ScriptName,
    ServerSoftware,
}

impl Name {
    /// How many there are.
    pub const COUNT: usize = ALL.len();

    /// The variable that `entry` sets, and its value.
    #[must_use]
    pub fn split(entry: &[u8]) -> Option<(Self, &[u8])> {
        let slot = &SLOTS[slot_of(entry.first_chunk()?)];
        let (text, value) = entry.split_at_checked(slot.len.into())?;
        let (words, _) = text.as_chunks();
        let same = words.iter().zip(&slot.words).all(|(&text, word)| word_of(text) == *word);
        (same && word_of(*text.last_chunk()?) == slot.last).then_some((slot.name, value))
    }
}

const ALL: [(&str, Name); 20] = [
    ("GATEWAY_INTERFACE=", Name::GatewayInterface),
    ("REQUEST_METHOD=", Name::RequestMethod),
    ("SERVER_PROTOCOL=", Name::ServerProtocol),
    ("CONTENT_LENGTH=", Name::ContentLength),
    ("HTTP_ACCEPT_ENCODING=", Name::HttpAcceptEncoding),
    ("HTTP_IF_MODIFIED_SINCE=", Name::HttpIfModifiedSince),
    ("HTTP_IF_NONE_MATCH=", Name::HttpIfNoneMatch),
    ("HTTP_IF_RANGE=", Name::HttpIfRange),
    ("HTTP_RANGE=", Name::HttpRange),
    ("PATH_INFO=", Name::PathInfo),
    ("PICOSITE_SITE=", Name::PicositeSite),
    ("QUERY_STRING=", Name::QueryString),
    ("REDIRECT_QUERY_STRING=", Name::RedirectQueryString),
    ("REDIRECT_REQUEST_METHOD=", Name::RedirectRequestMethod),
    ("REDIRECT_STATUS=", Name::RedirectStatus),
    ("REDIRECT_URL=", Name::RedirectUrl),
    ("REQUEST_URI=", Name::RequestUri),
    ("SCRIPT_FILENAME=", Name::ScriptFilename),
    ("SCRIPT_NAME=", Name::ScriptName),
    ("SERVER_SOFTWARE=", Name::ServerSoftware),
];

/// One name in the table. It is compared word by word, which takes less than the C library's `memcmp`.
#[derive(Clone, Copy)]
struct Slot {
    /// The name with its `=`, as far as it fills words.
    words: [u32; 6],
    /// The last four bytes, which may lie in two words.
    last: u32,
    /// Length of the name with its `=`.
    len: u8,
    name: Name,
}

/// In an empty slot no name fits: none has NUL.
const EMPTY: Slot = Slot { words: [0; 6], last: 0, len: 4, name: Name::GatewayInterface };

const fn word_of(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

static SLOTS: [Slot; 32] = slots();

/// Found by trying: no two names have the same. The shortest, `PATH_INFO=`, has 10 bytes.
const fn slot_of(start: &[u8; 10]) -> usize {
    (start[5] as usize * 3 + start[8] as usize * 16 + start[9] as usize) % 32
}

#[expect(clippy::cast_possible_truncation, reason = "no name is longer than its words")]
const fn slots() -> [Slot; 32] {
    let mut slots = [EMPTY; 32];
    let mut index = 0;
    while index < ALL.len() {
        let (text, name) = ALL[index];
        let text = text.as_bytes();
        let slot = &mut slots[slot_of(text.first_chunk().expect("the shortest has 10"))];
        assert!(slot.len == EMPTY.len, "two names in one slot: change slot_of");
        let (words, _) = text.as_chunks();
        let mut word = 0;
        while word < words.len() {
            slot.words[word] = word_of(words[word]);
            word += 1;
        }
        slot.last = word_of(*text.last_chunk().expect("the shortest has 10"));
        (slot.len, slot.name) = (text.len() as u8, name);
        index += 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::{ALL, Name};

    #[test]
    fn finds_every_name_and_no_other() {
        for (text, name) in ALL {
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
}
