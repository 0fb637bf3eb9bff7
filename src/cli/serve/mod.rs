//! `picosite serve`: a preview of the site as a web server will show it.
//!
//! Every request runs this executable as a CGI program, so the preview shows what the real
//! server will send. It listens on 127.0.0.1, for this machine only.

mod exchange;
mod gateway;
mod request;
mod site;

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use std::{env, format, thread};

use crate::cli::call::{Call, CommandError};
use crate::cli::serve::site::{Preview, Site};

/// Requests answered at the same time. A browser opens six connections, and a thumbnail may
/// wait 20 seconds for its turn without delaying pages.
const WORKERS: usize = 32;

/// The default port.
const PORT: u16 = 8080;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let dir = call.arguments.operands.first().copied();
    let port = call.arguments.value("--port").map(str::parse).transpose();
    let port = port.map_err(|_| call.arguments.usage())?;
    let site = dir.map(|dir| Site::new(Path::new(dir))).transpose()?;
    let listener = listen(port)?;
    let preview = Preview { program: env::current_exe()?, site, address: listener.local_addr()? };
    let shown = dir.unwrap_or("the site in this executable");
    writeln!(call.out, "http://{}/ shows {shown}; Ctrl-C ends it", preview.address)?;
    call.out.flush()?;
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    match listener.accept() {
                        Ok((stream, _)) => exchange::answer(&stream, &preview),
                        // Out of descriptors until a reply ends.
                        Err(_) => thread::sleep(Duration::from_millis(100)),
                    }
                }
            });
        }
    });
    Ok(())
}

/// Listens on the given port; by default on 8080, or on a free port if that is in use.
fn listen(port: Option<u16>) -> Result<TcpListener, CommandError> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match bind(port.unwrap_or(PORT)) {
        Err(error) if port.is_none() && error.kind() == ErrorKind::AddrInUse => bind(0),
        outcome => outcome,
    };
    let failed = |error: io::Error| format!("port {}: {error}", port.unwrap_or(PORT));
    listener.map_err(|error| CommandError::Failed(failed(error)))
}
