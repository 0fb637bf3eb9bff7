//! `picosite get [-i] PATH`: the reply to a GET, by the same code as a web server's.

use std::format;
use std::vec::Vec;

use rustix::io::Errno;

use crate::serve::output::Output;
use crate::serve::reply::Extent;
use crate::serve::request::Variables;
use crate::serve::{self, log};

use super::{Call, Problem};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    let (header, path) = match *call.words {
        ["-i", path] | [path, "-i"] => (true, path),
        [path] if path != "-i" => (false, path),
        _ => return Err(Problem::Usage("usage: picosite get [-i] PATH".into())),
    };
    let path = if path.starts_with('/') { path.into() } else { format!("/{path}") };
    let variables = Variables { path_info: path.as_bytes(), ..Variables::default() };
    let archive = call.archive()?;
    let mut storage = None;
    let reply = serve::answer(&variables, Ok(archive), &mut storage);
    let mut memory = Memory(Vec::new());
    reply.send(Extent::Whole, &mut memory).expect("memory takes everything");
    let body = memory.0.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
    call.out.write_all(if header { &memory.0 } else { &memory.0[body..] })?;
    match reply.failure() {
        None => Ok(()),
        Some(failure) => {
            call.out.flush()?;
            log::complain(failure, &variables, "");
            Err(Problem::Told)
        }
    }
}

/// A reply kept in memory.
struct Memory(Vec<u8>);

impl Output for Memory {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.extend(pieces.iter().copied().flatten());
        Ok(())
    }
}
