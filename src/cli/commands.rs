//! Every command: its name, what it takes and what it does. Parsing, `--help`, the manual
//! page and the completions all come from this table; `tests/commands` compares the last
//! two with what is checked in.

use crate::cli::call::{Call, CommandError};
use crate::cli::{doctor, get, list, pack, secret, serve, sign, thumb, unpack, verify, warm};

/// A command.
pub struct Command {
    /// The word that selects it.
    pub name: &'static str,
    /// The words it takes, in order.
    pub operands: &'static [Operand],
    /// The options it takes, anywhere after its name.
    pub options: &'static [Opt],
    /// What it does: one line, no full stop.
    pub summary: &'static str,
    /// The rest there is to know, in lines of at most 80 columns.
    pub details: &'static str,
    pub(super) run: fn(&mut Call<'_>) -> Result<(), CommandError>,
}

/// A word that a command takes.
pub struct Operand {
    /// What stands for it in usage lines.
    pub name: &'static str,
    /// How often it may be given.
    pub count: Count,
    /// What a shell completes it with.
    pub completion: Completion,
}

/// How many words an operand takes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or none.
    Optional,
    /// One or more.
    Several,
    /// Any number. The command itself tells these words from those before them.
    Any,
}

/// What a shell offers for a word.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Completion {
    /// Names of files.
    File,
    /// Names of folders.
    Folder,
    /// Addresses of the site.
    Address,
    /// Nothing.
    None,
}

/// An option.
pub struct Opt {
    /// `-i` or `--json`.
    pub name: &'static str,
    /// The name of its value and what a shell completes that with, if it takes one.
    pub value: Option<(&'static str, Completion)>,
    /// Whether the command needs it.
    pub required: bool,
    /// What it does, in one line.
    pub help: &'static str,
}

const fn operand(name: &'static str, count: Count, completion: Completion) -> Operand {
    Operand { name, count, completion }
}

const fn flag(name: &'static str, help: &'static str) -> Opt {
    Opt { name, value: None, required: false, help }
}

const fn option(name: &'static str, value: (&'static str, Completion), help: &'static str) -> Opt {
    Opt { name, value: Some(value), required: false, help }
}

/// What a TRANSFORM consists of, for the commands that take one.
pub const TRANSFORM: &[(&str, &str)] = &[
    ("WxH, Wx or xH", "size in pixels, first; a side left out follows from the other"),
    ("fit", "scale to fit inside WxH (the default)"),
    ("fill", "scale to cover WxH, then crop at the centre; needs both sides"),
    ("stretch", "scale each side by itself; needs both sides"),
    ("r90, r180, r270", "rotate clockwise, after the EXIF orientation is applied"),
    ("q1 to q100", "JPEG quality (80)"),
    ("jpg, png", "output format (PNG if the photo has transparency, else JPEG)"),
    ("up", "allow enlarging"),
    ("expTIME", "valid until TIME, in seconds since 1970"),
    ("vVERSION", "version of the photo, 1 to 16 of 0-9a-z; changes no pixel"),
];

/// The commands, by name.
pub const COMMANDS: &[Command] = &[
    Command {
        name: "doctor",
        operands: &[],
        options: &[option(
            "--probe",
            ("FILE", Completion::File),
            "write a program that reports what the web server passes on",
        )],
        summary: "Check this installation and print how to fix it",
        details: include_str!("help/doctor.txt").trim_ascii_end(),
        run: doctor::run,
    },
    Command {
        name: "get",
        operands: &[operand("PATH", Count::One, Completion::Address)],
        options: &[flag("-i", "print the header too")],
        summary: "Print the reply to a GET",
        details: "Exit status 1 if it is an error page.",
        run: get::run,
    },
    Command {
        name: "list",
        operands: &[],
        options: &[flag("--json", "print a JSON array")],
        summary: "List the site's addresses with size, type and encodings",
        details: "",
        run: list::run,
    },
    Command {
        name: "pack",
        operands: &[operand("DIR", Count::One, Completion::Folder)],
        options: &[
            Opt { required: true, ..option("-o", ("FILE", Completion::File), "the file to write") },
            option(
                "--onto",
                ("OTHER", Completion::File),
                "copy OTHER, perhaps for another machine, instead of this executable",
            ),
            option(
                "--reuse",
                ("OLD", Completion::File),
                "take compressed forms of unchanged files from an earlier pack",
            ),
        ],
        summary: "Pack a folder into a cdb or an executable",
        details: include_str!("help/pack.txt").trim_ascii_end(),
        run: pack::run,
    },
    Command {
        name: "secret",
        operands: &[],
        options: &[],
        summary: "Print a new random secret",
        details: include_str!("help/secret.txt").trim_ascii_end(),
        run: secret::run,
    },
    Command {
        name: "serve",
        operands: &[operand("DIR", Count::Optional, Completion::Folder)],
        options: &[option(
            "--port",
            ("N", Completion::None),
            "port to listen on (8080, or a free one if that is in use)",
        )],
        summary: "Preview a site on 127.0.0.1",
        details: include_str!("help/serve.txt").trim_ascii_end(),
        run: serve::run,
    },
    Command {
        name: "sign",
        operands: &[operand("TRANSFORM/GALLERY/IMAGE", Count::Several, Completion::None)],
        options: &[option(
            "--mount",
            ("M", Completion::None),
            "prefix each address with M: a path, or https://HOST and a path",
        )],
        summary: "Print signed addresses of thumbnails",
        details: include_str!("help/sign.txt").trim_ascii_end(),
        run: sign::run,
    },
    Command {
        name: "thumb",
        operands: &[
            operand("TRANSFORM", Count::One, Completion::None),
            operand("IN", Count::One, Completion::File),
            operand("OUT", Count::One, Completion::File),
        ],
        options: &[],
        summary: "Make one thumbnail, without a signature",
        details: "The ending of OUT selects JPEG or PNG.",
        run: thumb::run,
    },
    Command {
        name: "unpack",
        operands: &[
            operand("FILE", Count::One, Completion::File),
            operand("DIR", Count::One, Completion::Folder),
        ],
        options: &[],
        summary: "Extract the files of a packed site",
        details: include_str!("help/unpack.txt").trim_ascii_end(),
        run: unpack::run,
    },
    Command {
        name: "verify",
        operands: &[operand("ADDRESS", Count::Several, Completion::None)],
        options: &[],
        summary: "Check signed addresses",
        details: "Takes whole URLs too. Exit status 1 if one does not hold or has expired.",
        run: verify::run,
    },
    Command {
        name: "warm",
        operands: &[
            operand("TRANSFORM", Count::Several, Completion::None),
            operand("GALLERY", Count::Any, Completion::None),
        ],
        options: &[],
        summary: "Make thumbnails ahead of visitors",
        details: include_str!("help/warm.txt").trim_ascii_end(),
        run: warm::run,
    },
];

/// The command of this name.
pub(super) fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}
