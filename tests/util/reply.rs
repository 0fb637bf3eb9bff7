//! A reply kept in memory, and the form every reply must have.

use picosite::facade::http::Output;
use rustix::io::Errno;

/// Collects what is sent.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) Vec<u8>);

impl Output for Memory {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.extend(pieces.iter().copied().flatten());
        Ok(())
    }
}

/// Checks a reply's form and returns its status and `Location`.
#[track_caller]
pub(crate) fn check(reply: &[u8], is_head: bool) -> (u16, Option<String>) {
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an empty line");
    let (header, body) = (str::from_utf8(&reply[..end]).unwrap(), &reply[end + 4..]);
    let mut lines = header.split("\r\n");
    let status = lines.next().unwrap().strip_prefix("Status: ").expect("Status comes first");
    let (number, reason) = status.split_once(' ').unwrap();
    assert!(!reason.is_empty());
    let status: u16 = number.parse().unwrap();
    let fields: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    for (name, value) in &fields {
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
        assert!(value.bytes().all(|b| (b' '..=b'~').contains(&b)), "{name}: {value:?}");
    }
    let field = |wanted| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    assert_eq!(field("X-Content-Type-Options"), Some("nosniff"));
    let len = field("Content-Length").map(|len| len.parse::<usize>().unwrap());
    match (status, is_head) {
        (204 | 304, _) => assert_eq!((len, body), (None, &b""[..])),
        (_, true) => assert!(len.is_some() && body.is_empty()),
        (_, false) => assert_eq!(len, Some(body.len())),
    }
    if status >= 400 {
        assert_eq!(field("Cache-Control"), Some("no-store"));
    }
    (status, field("Location").map(str::to_owned))
}
