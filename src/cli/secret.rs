//! `picosite secret`: a new secret, a line for the file that `secret-file` names.

use std::format;
use std::fs::File;
use std::io::Read;

use crate::encoding::hex::Hex;
use crate::settings::keys::Secrets;
use crate::settings::load;

use crate::cli::{Call, Problem};

/// As many bytes as the hash has: more would not be harder to guess (RFC 2104, 3).
const BYTES: usize = 32;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    if !call.words.is_empty() {
        return Err(Problem::Usage("usage: picosite secret".into()));
    }
    let mut bytes = [0; BYTES];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(|error| Problem::Other(format!("cannot read /dev/urandom: {error}")))?;
    Ok(writeln!(call.out, "{}:{}", free_id(call), Hex(&bytes))?)
}

/// An ID that no secret in force has, so that the line can stand beside theirs.
fn free_id(call: &Call<'_>) -> char {
    let ids = ('0'..='9').chain('A'..='Z').chain('a'..='z');
    // Where the settings cannot be read there is nothing to stand beside.
    let secrets = call.settings().ok().and_then(|settings| load::secrets(&settings).ok());
    let mut free = ids.filter(|&id| {
        !secrets.iter().flat_map(Secrets::keys).any(|key| char::from(key.id()) == id)
    });
    free.next().unwrap_or('0')
}
