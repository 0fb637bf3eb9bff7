//! A web server that runs in a temporary folder until it is dropped, with a program installed
//! by a documented configuration.
//!
//! It does not touch the machine's own servers: it listens on a free port, all paths of the
//! configuration are moved below the folder, and root drops its privileges first.

use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::curl::{Reply, request};
use super::folder::Folder;
use super::installation::{Installation, Server};

/// Debian's `nobody` and `nogroup`.
const NOBODY: u32 = 65_534;

/// How long a server may take until it listens. All take less than 0.2 s on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Paths in the configurations, and where they are below the test's folder.
const PLACES: [(&str, &str); 4] = [
    ("/var/cache/nginx", "cache"),
    ("/usr/lib/cgi-bin", "cgi-bin"),
    ("/var/www/html", "www"),
    ("/run/fcgiwrap.socket", "fcgiwrap.socket"),
];

/// A server with its files and its port.
pub(crate) struct Running {
    folder: Folder,
    port: u16,
    children: Vec<Child>,
}

impl Running {
    /// Starts the server of an installation with `program` installed. `site` is passed as
    /// `PICOSITE_SITE`; without it the program serves its own.
    pub(crate) fn start(installation: &Installation, program: &Path, site: Option<&Path>) -> Self {
        // Another test may take the free port before the server does.
        for _ in 0..5 {
            let port = free_port();
            let folder = Folder::new();
            install(installation, program, site, &folder, port);
            let mut running = Self { folder, port, children: Vec::new() };
            if running.launch(installation) {
                return running;
            }
        }
        panic!("{}: five ports that were free were taken at once", installation.name);
    }

    /// The URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Requests a path, with further options for curl.
    #[track_caller]
    pub(crate) fn request(&self, path: &str, options: &[&str]) -> Reply {
        request(&self.url(path), options)
            .unwrap_or_else(|error| panic!("{error}\nand the server said:\n{}", self.error_log()))
    }

    /// Everything that the server and the program logged.
    pub(crate) fn error_log(&self) -> String {
        let log = fs::read(self.folder.join("error.log")).expect("the server has an error log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// A program's input with the paths and the port that it would have on a real machine.
    pub(crate) fn as_installed(&self, given: &[u8]) -> String {
        let given = String::from_utf8_lossy(given);
        let given = PLACES.iter().fold(given.into_owned(), |given, (real, ours)| {
            given.replace(self.folder.join(ours).to_str().expect("temporary paths are UTF-8"), real)
        });
        given
            .replace(&format!("127.0.0.1:{}", self.port), "127.0.0.1")
            .replace(&format!("SERVER_PORT={}", self.port), "SERVER_PORT=80")
    }

    /// Starts the server's processes; `false` if the port has been taken meanwhile.
    fn launch(&mut self, installation: &Installation) -> bool {
        if matches!(installation.server, Server::Caddy | Server::Nginx) {
            let socket = self.folder.join("fcgiwrap.socket");
            // -f: programs share fcgiwrap's standard error, as on Debian.
            let unix = format!("unix:{}", socket.display());
            self.spawn(&["fcgiwrap", "-f", "-c", "4", "-s", &unix]);
            assert!(self.wait(|| UnixStream::connect(&socket).is_ok()), "{}", self.error_log());
        }
        let conf = self.folder.join("server.conf");
        let log = self.folder.join("error.log");
        let (conf, log) = (conf.to_str().expect("UTF-8"), log.to_str().expect("UTF-8"));
        let busybox = moved(installation.lines, &self.folder);
        let busybox = busybox.replace("-p 80", &format!("-f -p 127.0.0.1:{}", self.port));
        let command: Vec<&str> = match installation.server {
            Server::Apache2 | Server::Apache2Prefork => {
                vec!["apache2", "-D", "FOREGROUND", "-f", conf]
            }
            Server::Busybox => busybox.split_whitespace().collect(),
            Server::Caddy => vec!["caddy", "run", "--adapter", "caddyfile", "--config", conf],
            Server::Lighttpd => vec!["lighttpd", "-D", "-f", conf],
            Server::MiniHttpd => vec!["mini_httpd", "-D", "-C", conf],
            Server::Nginx => vec!["nginx", "-e", log, "-c", conf],
        };
        self.spawn(&command);
        let port = self.port;
        if self.wait(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return true;
        }
        let said = self.error_log();
        assert!(said.contains("in use"), "{} does not start: {said}", installation.name);
        false
    }

    /// Starts one process in its own group, so that its children can be ended with it.
    fn spawn(&mut self, words: &[&str]) {
        let log = File::options().append(true).open(self.folder.join("error.log"));
        let log = log.expect("the folder is ours");
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(&*self.folder).process_group(0);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        let site = self.folder.join("site.cdb");
        if site.exists() {
            command.env("PICOSITE_SITE", site);
        }
        if words[0] == "caddy" {
            // It saves its state there.
            command.env("HOME", &*self.folder);
        }
        let outputs = (log.try_clone().expect("it is open"), log);
        command.stdin(Stdio::null()).stdout(outputs.0).stderr(outputs.1);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        match command.spawn() {
            Ok(child) => self.children.push(child),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("{} is not installed: .ci/run lists the packages", words[0])
            }
            Err(error) => panic!("{}: {error}", words[0]),
        }
    }

    /// Waits until `ready`; `false` if the process started last ends first.
    fn wait(&mut self, ready: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        let child = self.children.last_mut().expect("it was started");
        while !ready() {
            if child.try_wait().expect("it is our child").is_some() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "the server does not listen");
            thread::sleep(Duration::from_millis(2));
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Apache's and nginx's workers outlive a killed parent, so kill the group.
            let group = format!("kill -s KILL -- -{}", child.id());
            let _ = Command::new("sh").args(["-c", &group]).stderr(Stdio::null()).status();
            let _ = child.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("/proc is mounted").uid() == 0
}

/// Puts program, site, configuration and server files into the folder.
fn install(
    installation: &Installation,
    program: &Path,
    site: Option<&Path>,
    folder: &Path,
    port: u16,
) {
    for name in ["cache", "cgi-bin", "www", "www/cgi-bin"] {
        fs::create_dir(folder.join(name)).expect("the folder is empty");
    }
    if let Some(site) = site {
        fs::hard_link(site, folder.join("site.cdb")).expect("both are temporary");
    }
    let place = moved(installation.program, folder);
    if site.is_some() && installation.server == Server::MiniHttpd {
        // It passes on RFC 3875's variables only; a shell script adds the site.
        fs::hard_link(program, folder.join("program")).expect("both are temporary");
        let folder = folder.display();
        let site = format!("PICOSITE_SITE={folder}/site.cdb");
        write(&place, &format!("#!/bin/sh\n{site} exec {folder}/program \"$@\"\n"));
        fs::set_permissions(&place, Permissions::from_mode(0o755)).expect("it is ours");
    } else {
        fs::hard_link(program, &place).expect("both are temporary");
    }
    if let Some((path, content)) = installation.file {
        write(&moved(path, folder), content);
    }
    write(&folder.join("server.conf").display().to_string(), &conf(installation, folder, port));
    if installation.server == Server::Nginx {
        let params = fs::read_to_string("/etc/nginx/fastcgi_params");
        let params = params.expect("nginx is not installed: .ci/run lists the packages");
        write(&folder.join("fastcgi_params").display().to_string(), &params);
    }
    write(&folder.join("error.log").display().to_string(), "");
    if is_root() {
        for name in ["", "cache", "error.log"] {
            chown(folder.join(name), Some(NOBODY), Some(NOBODY)).expect("root may");
        }
    }
}

/// The server's whole configuration: the documented one in its frame.
fn conf(installation: &Installation, folder: &Path, port: u16) -> String {
    let frame = match installation.server {
        Server::Apache2 => concat!(
            include_str!("frame/apache2.conf"),
            "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n",
            "LoadModule cgid_module /usr/lib/apache2/modules/mod_cgid.so\n",
            "ScriptSock DIR/cgid.socket\n",
            "LINES",
        ),
        Server::Apache2Prefork => concat!(
            include_str!("frame/apache2.conf"),
            "LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so\n",
            "LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so\n",
            "LINES",
        ),
        Server::Busybox => "",
        Server::Caddy => include_str!("frame/caddy.conf"),
        Server::Lighttpd => concat!(include_str!("frame/lighttpd.conf"), "LINES"),
        Server::MiniHttpd => concat!(include_str!("frame/mini-httpd.conf"), "LINES"),
        Server::Nginx => include_str!("frame/nginx.conf"),
    };
    let dir = folder.to_str().expect("temporary paths are UTF-8");
    let lines = moved(installation.lines, folder);
    let zone = moved(include_str!("conf/nginx-cache-zone.conf"), folder);
    let frame = frame.replace("ZONE", &zone);
    let has_site = folder.join("site.cdb").exists();
    let frame: String = frame
        .split_inclusive('\n')
        .filter(|line| has_site || !line.contains("PICOSITE_"))
        .collect();
    frame.replace("DIR", dir).replace("PORT", &port.to_string()).replace("LINES", &lines)
}

/// `text` with its paths moved below the folder.
fn moved(text: &str, folder: &Path) -> String {
    PLACES.iter().fold(text.to_owned(), |text, (real, ours)| {
        text.replace(real, folder.join(ours).to_str().expect("temporary paths are UTF-8"))
    })
}

fn write(path: &str, content: &str) {
    fs::write(path, content).expect("the folder is ours");
}
