use crate::cli::serve::request::{BODY_MAX_BYTES, Request, RequestError};
use std::format;
use std::io::Read;
use std::string::{String, ToString};
use std::vec::Vec;

/// Reads these bytes as from a connection: the request and its body, or a status.
fn read(text: &str) -> Result<(Request, String), &'static str> {
    let mut input = text.as_bytes();
    let status = |no| match no {
        RequestError::Refused(status) => status,
        RequestError::Gone(_) => "gone",
    };
    let request = Request::read(&mut input).map_err(status)?;
    let mut told = Vec::new();
    let mut body = String::new();
    if let Some((mut file, len)) = request.body(&mut input, &mut told).map_err(status)? {
        file.read_to_string(&mut body).unwrap();
        assert_eq!(len, body.len() as u64);
    }
    body.insert_str(0, str::from_utf8(&told).unwrap());
    Ok((request, body))
}

#[test]
fn parses_method_target_and_fields() {
    let (request, body) = read("\r\nGET /a?b HTTP/1.0\r\nX:  y \r\nx: z\r\n\r\nrest").unwrap();
    assert_eq!((&*request.method, &*request.target), ("GET", "/a?b"));
    assert_eq!((request.protocol, &*body), ("HTTP/1.0", ""));
    assert_eq!(request.values("x").collect::<Vec<_>>(), ["y", "z"]);
    for (target, want) in [("http://h/p?q", "/p?q"), ("http://h", "/"), ("*", "*")] {
        let (request, _) = read(&format!("GET {target} HTTP/1.1\r\n\r\n")).unwrap();
        assert_eq!(request.target, want);
    }
}

#[test]
fn reads_a_body_of_the_announced_length() {
    for (fields, sent, want) in [
        ("Content-Length: 3", "abcd", Ok("abc")),
        ("Content-Length: 0", "abcd", Ok("")),
        ("Content-Length: 3\r\ncontent-length: 3", "abcd", Ok("abc")),
        ("Transfer-Encoding: Chunked", "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", Ok("abcd")),
        ("Content-Length: 5", "abcd", Err("gone")),
        ("Transfer-Encoding: chunked", "3\r\nab", Err("gone")),
        ("Transfer-Encoding: chunked", "3\r\nabcd\r\n0\r\n\r\n", Err("400 Bad Request")),
        ("Transfer-Encoding: chunked", "x\r\n", Err("400 Bad Request")),
        ("Transfer-Encoding: gzip", "", Err("400 Bad Request")),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3", "abc", Err("400 Bad Request")),
        ("Content-Length: 3\r\nContent-Length: 4", "abcd", Err("400 Bad Request")),
        ("Content-Length: -1", "", Err("400 Bad Request")),
        ("Content-Length: +1", "a", Err("400 Bad Request")),
        ("Content-Length:", "", Err("400 Bad Request")),
    ] {
        let got = read(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n{sent}"));
        assert_eq!(got.map(|(_, body)| body), want.map(ToString::to_string), "{fields}");
    }
    let expecting = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na";
    assert_eq!(read(expecting).unwrap().1, "HTTP/1.1 100 Continue\r\n\r\na");
}

#[test]
fn refuses_what_is_too_long_before_it_arrives() {
    let most = BODY_MAX_BYTES + 1;
    for fields in [
        format!("Content-Length: {most}"),
        format!("Content-Length: {}", i64::MAX),
        format!("Content-Length: {}", u64::MAX),
        "Content-Length: 123456789012345678901234567890".into(),
        format!("Transfer-Encoding: chunked\r\n\r\n{most:x}"),
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff".into(),
    ] {
        let got = read(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n"));
        assert_eq!(got.err(), Some("413 Content Too Large"), "{fields}");
    }
    let long = "x".repeat(65_536);
    let many = "a: b\r\n".repeat(101);
    for head in [long.clone(), format!("GET /{long}"), format!("GET / HTTP/1.1\r\n{many}\r\n")] {
        assert_eq!(read(&head).err(), Some("431 Request Header Fields Too Large"));
    }
}

#[test]
fn refuses_what_is_not_a_head() {
    for head in ["GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"] {
        assert_eq!(read(head).err(), Some("400 Bad Request"), "{head}");
    }
    for head in ["", "\r\n", "GET / HTTP/1.1\r\nX: y\r\n"] {
        assert_eq!(read(head).err(), Some("gone"), "{head}");
    }
}
