//! `picosite get [-i] PATH`: the reply to a GET, by the same code as a web server's.

use std::format;
use std::vec::Vec;

use crate::cgi::variables::Variables;
use crate::full::{Bytes, respond};

use crate::cli::{Call, Problem};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    let (header, path) = match *call.words {
        ["-i", path] | [path, "-i"] => (true, path),
        [path] if path != "-i" => (false, path),
        _ => return Err(Problem::Usage("usage: picosite get [-i] PATH".into())),
    };
    let path = if path.starts_with('/') { path.into() } else { format!("/{path}") };
    let variables = Variables { path_info: path.as_bytes(), ..Variables::default() };
    let archive = call.archive()?;
    let mut reply = Bytes(Vec::new());
    let environment = call.environment.clone();
    let failure = respond(&variables, environment, Ok(archive), &mut reply)
        .map_err(|error| Problem::Other(format!("cannot read the body: {error}")))?;
    let body = reply.0.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
    call.out.write_all(if header { &reply.0 } else { &reply.0[body..] })?;
    // The log has told.
    if failure.is_none() { Ok(()) } else { Err(Problem::Told) }
}
