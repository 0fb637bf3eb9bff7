//! `picosite get`: the reply to a GET, by the code that answers a web server.

use std::format;
use std::vec::Vec;

use crate::cgi::variables::Variables;
use crate::fast;
use crate::full::{Bytes, finish};

use crate::cli::call::{Call, CommandError};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let [path] = call.arguments.exactly();
    let path = if path.starts_with('/') { path.into() } else { format!("/{path}") };
    let path_info = format!("PATH_INFO={path}");
    let variables = Variables::gather([path_info.as_bytes()].into_iter());
    let archive = call.archive()?;
    let mut reply = Bytes(Vec::new());
    let failure =
        fast::respond(&variables, call.environment.clone(), Ok(archive), &mut reply, finish)
            .map_err(|error| CommandError::Failed(format!("cannot read the body: {error}")))?;
    let body = reply.0.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
    let from = if call.arguments.value("-i").is_some() { 0 } else { body };
    call.out.write_all(&reply.0[from..])?;
    // The log line has said why.
    if failure.is_none() { Ok(()) } else { Err(CommandError::Reported) }
}
