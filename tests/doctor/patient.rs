//! A healthy installation, until a test breaks it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::util::folder::Folder;

/// Debian's `nobody`, who owns no file.
const NOBODY: &str = "65534";

/// 43 characters without a pattern.
pub(crate) const SECRET: &str = "a:qL8fW2vYc0ZrT5nXhJk1uGdB7mPsE9oAiQwKzVxRyCt";

/// A folder with an executable of its own, and a site with these settings.
pub(crate) struct Patient(pub(crate) Folder);

impl Patient {
    pub(crate) fn new(settings: &str) -> Self {
        let folder = Folder::new();
        let patient = Self(folder);
        patient.set_mode("", 0o755);
        // A copy, as a hard link would share its mode. Made by another process: a child that
        // a test in another thread forks meanwhile would hold the file open for writing, and
        // Linux does not run such a file (ETXTBSY).
        let program = env!("CARGO_BIN_EXE_picosite");
        let status = Command::new("cp").arg(program).arg(patient.0.join("site.cgi")).status();
        assert!(status.unwrap().success());
        patient.set_mode("site.cgi", 0o755);
        for name in ["galleries", "galleries/sea", "cache"] {
            fs::create_dir(patient.0.join(name)).unwrap();
            patient.set_mode(name, 0o755);
        }
        patient.write("galleries/sea/a.jpg", "no photo yet", 0o644);
        patient.settings(settings);
        patient
    }

    pub(crate) fn settings(&self, settings: &str) {
        let site = self.0.join("site");
        fs::create_dir_all(&site).unwrap();
        fs::write(site.join("index.html"), "home").unwrap();
        fs::write(site.join("_picosite"), settings).unwrap();
        picosite::facade::pack::pack(&site, &self.0.join("site.cdb"), None).unwrap();
    }

    pub(crate) fn write(&self, name: &str, content: &str, mode: u32) {
        fs::write(self.0.join(name), content).unwrap();
        self.set_mode(name, mode);
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.0.join(name), Permissions::from_mode(mode)).unwrap();
    }

    /// A command of the executable, run as a user who cannot read everything.
    pub(crate) fn command(&self, word: &str) -> Command {
        let mut command = self.owner(&self.0.join("site.cgi"));
        command.arg(word).env("PICOSITE_SITE", self.0.join("site.cdb"));
        command
    }

    /// A program run by the folder's owner: instead of root, nobody.
    fn owner(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(&*self.0);
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            let owned = Command::new("chown").args(["-R", NOBODY]).arg(&*self.0).status();
            assert!(owned.unwrap().success());
            let id = NOBODY.parse().unwrap();
            command.uid(id).gid(id);
        }
        command
    }

    /// Runs a remedy in a shell.
    #[track_caller]
    pub(crate) fn follow(&self, line: &str) {
        let line = line.replace("DIR", self.0.to_str().unwrap());
        let status = self.owner(Path::new("/bin/sh")).args(["-c", &line]).status().unwrap();
        assert!(status.success(), "{line}");
    }

    /// The report, with the folder's path as `DIR`, and the exit status.
    pub(crate) fn report(&self, environment: &[(&str, &str)]) -> (String, i32) {
        let mut command = self.command("doctor");
        let output = command.envs(environment.iter().copied()).output().unwrap();
        let report = String::from_utf8(output.stdout).unwrap();
        (report.replace(self.0.to_str().unwrap(), "DIR"), output.status.code().unwrap())
    }

    #[track_caller]
    pub(crate) fn is_healthy(&self) {
        let (report, status) = self.report(&[]);
        assert_eq!(status, 0, "{report}");
        assert!(!report.contains("WRONG"), "{report}");
    }

    /// Checks that one thing is wrong, with these lines, and that running the first ones,
    /// except words between them, fixes it.
    #[track_caller]
    pub(crate) fn is_cured_by(&self, lines: &[&str], commands: usize) {
        let (report, status) = self.report(&[]);
        assert_eq!(status, 1, "{report}");
        assert_eq!(report.matches("WRONG").count(), 1, "{report}");
        let found: Vec<&str> = report
            .lines()
            .skip_while(|line| !line.starts_with("WRONG"))
            .take(lines.len())
            .map(|line| line.trim_start_matches("WRONG").trim())
            .collect();
        assert_eq!(found, lines);
        for line in lines[1..=commands].iter().filter(|line| !line.ends_with(", or:")) {
            self.follow(line);
        }
        self.is_healthy();
    }
}

/// Settings of a healthy installation.
pub(crate) fn good() -> String {
    format!("secret = {SECRET}\ngalleries = galleries\ncache = cache\ncache-max = 1K\n")
}
