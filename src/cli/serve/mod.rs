//! `picosite serve [DIR] [--port N]`: a preview of the site as a web server will show it.
//!
//! Every request runs this executable as a CGI program, so what is seen is what the real
//! server will send. For the machine it runs on alone: it listens on 127.0.0.1.

mod exchange;
mod gateway;
mod request;
mod site;

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, format, thread};

use crate::cli::serve::site::Site;
use crate::cli::{Call, Problem};

/// How many requests are worked on at the same time. A browser opens six connections;
/// a thumbnail may wait 20 seconds for its turn without holding up the pages.
const WORKERS: usize = 32;

/// Where a preview is expected.
const PORT: u16 = 8080;

/// What is shown, and how.
struct Preview {
    /// This executable.
    program: PathBuf,
    /// The folder; without one, the site in the executable.
    site: Option<Site>,
    /// Where it listens.
    address: SocketAddr,
}

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    let usage = || Problem::Usage("usage: picosite serve [DIR] [--port N]".into());
    let (mut dir, mut port) = (None, None);
    let mut words = call.words.iter();
    while let Some(&word) = words.next() {
        let again = if word == "--port" {
            let number = words.next().and_then(|number| number.parse().ok()).ok_or_else(usage)?;
            port.replace(number).is_some()
        } else {
            dir.replace(word).is_some() || word.starts_with('-')
        };
        if again {
            return Err(usage());
        }
    }
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
                        // All descriptors are in use, until a reply ends.
                        Err(_) => thread::sleep(Duration::from_millis(100)),
                    }
                }
            });
        }
    });
    Ok(())
}

/// Listens on the port that was asked for; without one, on 8080 or another that is free.
fn listen(port: Option<u16>) -> Result<TcpListener, Problem> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match bind(port.unwrap_or(PORT)) {
        Err(error) if port.is_none() && error.kind() == ErrorKind::AddrInUse => bind(0),
        outcome => outcome,
    };
    let failed = |error: io::Error| format!("port {}: {error}", port.unwrap_or(PORT));
    listener.map_err(|error| Problem::Other(failed(error)))
}
