//! `picosite serve`, as a browser sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{fs, thread};

use crate::util::folder::Folder;

/// A preview that runs until it is dropped.
struct Preview {
    child: Child,
    /// `127.0.0.1:PORT`.
    address: String,
    /// The lines that it prints about requests.
    lines: BufReader<ChildStdout>,
}

impl Preview {
    fn start(words: &[&str], folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
        command.arg("serve").args(words).current_dir(folder).env_clear();
        command.env("TMPDIR", folder);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be run");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
        let address = address.expect("the first line names the address").0.to_owned();
        Self { child, address, lines }
    }

    fn exchange(&self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("{head}\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        reply
    }

    /// The whole reply to a request, without its `Date`.
    #[track_caller]
    fn ask(&self, head: &str, body: &[u8]) -> String {
        let reply = String::from_utf8(self.exchange(head, body)).unwrap();
        let (status, rest) = reply.split_once("\r\nDate: ").expect("a reply has a date");
        format!("{status}{}", &rest[rest.find("\r\n").unwrap()..])
    }

    #[track_caller]
    fn answers(&self, head: &str, body: &[u8], status: &str) -> String {
        let reply = self.ask(head, body);
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}: {reply}");
        let (_, content) = reply.split_once("\r\n\r\n").expect("a header ends with an empty line");
        content.to_owned()
    }

    /// The next line about a request, without the duration.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.rsplit_once(", ").expect("the time comes last").0.to_owned()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder_with(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.join("site")).unwrap();
    for (name, content) in files {
        fs::write(folder.join("site").join(name), content).unwrap();
    }
    folder
}

/// Pseudo-random bytes (xorshift32).
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 2_463_534_242_u32;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[3]
    })
}

#[test]
fn serves_what_the_program_replies() {
    let folder = folder_with(&[("index.html", "home"), ("a b.txt", "blank"), ("404.html", "none")]);
    let mut preview = Preview::start(&["site", "--port", "0"], &folder);
    assert_eq!(preview.answers("GET / HTTP/1.1", b"", "200 OK"), "home");
    assert_eq!(preview.line(), "200 OK GET /: 4 bytes");
    assert_eq!(preview.answers("GET /a%20b.txt?x=%20 HTTP/1.1", b"", "200 OK"), "blank");
    assert_eq!(preview.line(), "200 OK GET /a%20b.txt?x=%20: 5 bytes");
    assert_eq!(preview.answers("GET /no HTTP/1.1", b"", "404 Not Found"), "none");
    assert_eq!(preview.line(), "404 Not Found GET /no: 4 bytes");
    preview.answers("GET /%zz HTTP/1.1", b"", "400 Bad Request");
    preview.answers("GET /a%00 HTTP/1.1", b"", "400 Bad Request");
    preview.answers("GET /../x HTTP/1.1", b"", "400 Bad Request");
    let moved = preview.ask("GET //a%20b.txt?q HTTP/1.1", b"");
    assert!(moved.contains("\r\nLocation: /a%20b.txt?q\r\n"), "{moved}");
}

#[test]
fn head_has_the_header_of_get() {
    let folder = folder_with(&[("index.html", "home")]);
    let preview = Preview::start(&["site", "--port", "0"], &folder);
    let get = preview.ask("GET / HTTP/1.1", b"");
    assert_eq!(preview.ask("HEAD / HTTP/1.1", b""), get.strip_suffix("home").unwrap());
    let etag = get.lines().find(|line| line.starts_with("ETag: ")).unwrap().replace("ETag: ", "");
    let asked = format!("GET / HTTP/1.1\r\nIf-None-Match: {etag}");
    assert_eq!(preview.answers(&asked, b"", "304 Not Modified"), "");
    let part = "GET / HTTP/1.1\r\nRange: bytes=1-2";
    assert_eq!(preview.answers(part, b"", "206 Partial Content"), "om");
}

#[test]
fn reads_the_body_so_that_the_405_arrives() {
    let folder = folder_with(&[("index.html", "home")]);
    let preview = Preview::start(&["site", "--port", "0"], &folder);
    let not_allowed = "405 Method Not Allowed";
    for len in [1, 1000, 3_000_000] {
        let head = format!("POST / HTTP/1.1\r\nContent-Length: {len}");
        preview.answers(&head, &vec![b'x'; len], not_allowed);
    }
    let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked";
    preview.answers(chunked, b"3\r\nabc\r\n0\r\n\r\n", not_allowed);
    let absurd = "POST / HTTP/1.1\r\nContent-Length: 1000000000000000000";
    preview.answers(absurd, b"some", "413 Content Too Large");
    preview.answers(&absurd.replace('0', "9"), b"", "413 Content Too Large");
    preview.answers("POST / HTTP/1.1\r\nContent-Length: -1", b"", "400 Bad Request");
    // An upgrade is ignored.
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: h2c";
    preview.answers(upgrade, b"", "200 OK");
}

#[test]
fn shows_changes_in_the_folder_and_errors() {
    let folder = folder_with(&[("index.html", "home")]);
    let preview = Preview::start(&["site", "--port", "0"], &folder);
    preview.answers("GET /new.txt HTTP/1.1", b"", "404 Not Found");
    fs::write(folder.join("site/new.txt"), "new").unwrap();
    assert_eq!(preview.answers("GET /new.txt HTTP/1.1", b"", "200 OK"), "new");
    fs::write(folder.join("site/_redirects"), "/old").unwrap();
    let error = preview.answers("GET / HTTP/1.1", b"", "500 Internal Server Error");
    assert!(error.starts_with("site/_redirects:1: "), "{error}");
    fs::write(folder.join("site/_redirects"), "/old /new.txt").unwrap();
    preview.answers("GET /old HTTP/1.1", b"", "301 Moved Permanently");
    fs::remove_file(folder.join("site/new.txt")).unwrap();
    preview.answers("GET /new.txt HTTP/1.1", b"", "404 Not Found");
    // It leaves no file, not even while it runs.
    let names: Vec<_> = fs::read_dir(&*folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["site"]);
}

#[test]
fn serves_many_clients_at_once_though_some_go_away() {
    // More than the socket buffers hold, and incompressible, so packed quickly.
    let large: Vec<u8> = noise().take(5_000_000).collect();
    let folder = folder_with(&[("index.html", "home")]);
    fs::write(folder.join("site/large"), &large).unwrap();
    let preview = Preview::start(&["site", "--port", "0"], &folder);
    thread::scope(|scope| {
        for n in 0..40 {
            let preview = &preview;
            let large = &large;
            scope.spawn(move || {
                if n % 4 == 0 {
                    let mut stream = TcpStream::connect(&preview.address).unwrap();
                    stream.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                    return;
                }
                assert_eq!(preview.answers("GET / HTTP/1.1", b"", "200 OK"), "home");
                let reply = preview.exchange("GET /large HTTP/1.1", b"");
                assert!(reply.ends_with(large));
            });
        }
    });
    assert_eq!(preview.answers("GET / HTTP/1.1", b"", "200 OK"), "home");
}

#[test]
fn serves_the_executables_site_without_a_folder() {
    let folder = Folder::new();
    let preview = Preview::start(&["--port", "0"], &folder);
    let page = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/index.html")).unwrap();
    let shown = preview.answers("GET / HTTP/1.1", b"", "200 OK");
    assert_eq!(shown.as_bytes(), page);
}

#[test]
fn reports_a_port_in_use_and_wrong_usage() {
    let folder = folder_with(&[]);
    let preview = Preview::start(&["--port", "0"], &folder);
    let (_, port) = preview.address.split_once(':').unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
        let output = command.arg("serve").args(words).current_dir(&*folder).output().unwrap();
        (String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    // The text is the C library's.
    let in_use = std::io::Error::from_raw_os_error(98);
    let taken = format!("picosite: port {port}: {in_use}\n");
    assert_eq!(run(&["--port", port]), (taken, Some(1)));
    let usage = ("picosite: usage: picosite serve [DIR] [--port N]\n".to_owned(), Some(2));
    for words in [&["--port", "65536"][..], &["--port=-1"], &["--port"], &["a", "b"]] {
        assert_eq!(run(words), usage);
    }
    let unknown = "picosite: serve has no option -p: see picosite serve --help\n".to_owned();
    assert_eq!(run(&["-p"]), (unknown, Some(2)));
    let none = "picosite: none: No such file or directory (os error 2)\n".to_owned();
    assert_eq!(run(&["none"]), (none, Some(1)));
}
