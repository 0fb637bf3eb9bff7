//! What every request of a preview shares.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::cli::serve::site::Site;

/// What to serve, and how.
pub(super) struct Preview {
    /// This executable.
    pub(super) program: PathBuf,
    /// The folder; if there is none, the site in the executable.
    pub(super) site: Option<Site>,
    /// The address it listens on.
    pub(super) address: SocketAddr,
}
