//! `picosite secret`: a new secret, a line for the file that `secret-file` names.

use std::format;
use std::fs::File;
use std::io::Read;

use crate::encoding::hex::Hex;
use crate::settings::keys::Secrets;

use crate::cli::call::{Call, CommandError};

/// The length of the hash: a longer key is not harder to guess (RFC 2104, 3).
const BYTES: usize = 32;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let mut bytes = [0; BYTES];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(|error| CommandError::Failed(format!("cannot read /dev/urandom: {error}")))?;
    Ok(writeln!(call.out, "{}:{}", free_id(call), Hex(&bytes))?)
}

/// An ID that no secret in force has, so that both can be in force.
fn free_id(call: &Call<'_>) -> char {
    // If the settings cannot be read, any ID will do.
    let secrets = call.secrets().ok().map(|(_, secrets)| secrets);
    let mut ids = ('0'..='9').chain('A'..='Z').chain('a'..='z');
    let in_use = |id| secrets.iter().flat_map(Secrets::keys).any(|key| char::from(key.id) == id);
    ids.find(|&id| !in_use(id)).unwrap_or('0')
}
