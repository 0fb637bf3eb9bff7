//! The settings in force: what is compiled in, the settings file over it, the environment
//! over both; and the secrets out of their file. Only requests and commands that need a
//! setting come here.

use core::fmt;

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::settings::keys::{
    Secrets, SecretsError, Settings, SettingsError, Source, VARIABLE, ValueError,
};
use crate::sys;
use crate::sys::arena::Room;
use crate::sys::exe_dir;
use crate::sys::stat::Stat;

/// The variable that names the settings file. A static, as those in `format` are.
#[used]
static CONFIG: [u8; 15] = *b"PICOSITE_CONFIG";

/// More than settings or secrets fill; it keeps a path that names something else from
/// being read into memory.
const LONGEST: usize = 64 << 10;

/// What keeps the settings from being used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoadError<'a> {
    /// A mistake in `_picosite`.
    CompiledIn(SettingsError<'a>),
    /// A mistake in the settings file, whose path comes first.
    File(&'a [u8], SettingsError<'a>),
    /// A mistake in a variable of the environment.
    Variable(&'a [u8], ValueError),
    /// The file at this path cannot be read.
    Unreadable(&'a [u8], Errno),
    /// The secret file at this path can be read by others.
    Exposed(&'a [u8]),
    /// What is in the secret file at this path cannot be used.
    Secrets(&'a [u8], SecretsError),
}

/// The settings in force. `compiled_in` is the site's `_picosite`; `environment` holds
/// `NAME=value` strings.
///
/// # Errors
///
/// The first [`LoadError`].
pub fn settings<'a, 'e: 'a>(
    compiled_in: &'a [u8],
    environment: impl Iterator<Item = &'e [u8]> + Clone,
) -> Result<Settings<'a>, LoadError<'a>> {
    settings_in(&mut Room::default(), compiled_in, environment)
}

/// As [`settings`]; a short settings file is read into `room`. On the board pages of its own
/// for it take 150 us, most of them for the page table.
///
/// # Errors
///
/// The first [`LoadError`].
pub fn settings_in<'a, 'e: 'a>(
    room: &mut Room<'a>,
    compiled_in: &'a [u8],
    environment: impl Iterator<Item = &'e [u8]> + Clone,
) -> Result<Settings<'a>, LoadError<'a>> {
    let mut settings = Settings::default();
    settings.read(compiled_in, Source::CompiledIn).map_err(LoadError::CompiledIn)?;
    let variables = environment.filter(|entry| entry.starts_with(&VARIABLE)).filter_map(|entry| {
        let equals = entry.iter().position(|&byte| byte == b'=')?;
        Some((&entry[..equals], &entry[equals + 1..]))
    });
    let config = variables.clone().find(|(name, _)| *name == CONFIG);
    let config = config.map_or(settings.config, |(_, value)| value.trim_ascii());
    if !config.is_empty() {
        let text = read(config, Readers::Any, room)?;
        settings.read(text, Source::File).map_err(|mistake| LoadError::File(config, mistake))?;
    }
    for (name, value) in variables {
        let read = settings.read_variable(name, value);
        read.map_err(|problem| LoadError::Variable(name, problem))?;
    }
    Ok(settings)
}

/// The secrets: those of `secret`, then those in `secret-file`.
///
/// # Errors
///
/// The first [`LoadError`].
pub fn secrets<'a>(settings: &Settings<'a>) -> Result<Secrets<'a>, LoadError<'a>> {
    secrets_in(&mut Room::default(), settings)
}

/// As [`secrets`], as [`settings_in`].
///
/// # Errors
///
/// The first [`LoadError`].
pub fn secrets_in<'a>(
    room: &mut Room<'a>,
    settings: &Settings<'a>,
) -> Result<Secrets<'a>, LoadError<'a>> {
    let path = settings.secret_file;
    if path.is_empty() {
        return Ok(settings.secrets);
    }
    let text = read(path, Readers::NoOthers, room)?;
    settings.secrets.and_file(text).map_err(|bad| LoadError::Secrets(path, bad))
}

/// Who may be able to read a file.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Readers {
    Any,
    NoOthers,
}

fn read<'a>(
    path: &'a [u8],
    readers: Readers,
    room: &mut Room<'a>,
) -> Result<&'a [u8], LoadError<'a>> {
    let text = exe_dir::open(&[path], OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
        let stat = Stat::of(&file)?;
        if !stat.is_file() {
            return Err(Errno::INVAL);
        }
        if readers == Readers::NoOthers && stat.mode & 0o004 != 0 {
            return Ok(None);
        }
        // If there is one byte more than was said, it is being written to.
        let len = usize::try_from(stat.size).ok().and_then(|len| len.checked_add(1));
        match len.and_then(|len| room.read(&file, 0, len)) {
            Some(text) if text.len() as u64 == stat.size => Ok(Some(text)),
            _ => sys::read(&file, LONGEST).map(Some),
        }
    });
    match text {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(LoadError::Exposed(path)),
        Err(error) => Err(LoadError::Unreadable(path, error)),
    }
}

impl fmt::Display for LoadError<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CompiledIn(mistake) => write!(out, "_picosite:{}: {mistake}", mistake.line),
            Self::File(path, mistake) => {
                write!(out, "{}:{}: {mistake}", path.escape_ascii(), mistake.line)
            }
            Self::Variable(name, problem) => write!(out, "{}: {problem}", name.escape_ascii()),
            Self::Unreadable(path, error) => {
                write!(out, "cannot read {}: {error}", path.escape_ascii())
            }
            Self::Exposed(path) => write!(
                out,
                "others can read {}: chmod o-r it, and take new secrets",
                path.escape_ascii()
            ),
            Self::Secrets(path, bad) => write!(out, "{}: {bad}", path.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, secrets, secrets_in, settings, settings_in};
    use crate::sys::arena::Room;
    use core::mem::MaybeUninit;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::string::{String, ToString};
    use std::{format, vec};
    use tempfile::TempDir;

    struct Files(TempDir);

    impl Files {
        fn new() -> Self {
            Self(TempDir::new().unwrap())
        }

        fn write(&self, name: &str, text: &str, mode: u32) -> String {
            let path = self.0.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            path.to_str().unwrap().into()
        }
    }

    #[track_caller]
    fn cache(compiled_in: &str, environment: &[&str]) -> Result<String, String> {
        let environment = environment.iter().map(|entry| entry.as_bytes());
        let settings = settings(compiled_in.as_bytes(), environment);
        let shown = settings.map(|settings| String::from_utf8_lossy(settings.cache).into());
        shown.map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_that_over_what_is_compiled_in() {
        let files = Files::new();
        let file = files.write("a", "cache = file", 0o644);
        let other = files.write("b", "cache = other", 0o600);
        let config = format!("cache = in\nconfig = {file}");
        let named = format!("PICOSITE_CONFIG={other}");
        assert_eq!(cache("", &[]), Ok(String::new()));
        assert_eq!(cache("cache = in", &["CACHE=x", "PICOSITE_FOO=1"]), Ok("in".into()));
        assert_eq!(cache(&config, &[]), Ok("file".into()));
        assert_eq!(cache(&config, &[&named]), Ok("other".into()));
        assert_eq!(cache(&config, &["PICOSITE_CONFIG="]), Ok("in".into()));
        assert_eq!(cache(&config, &["PICOSITE_CACHE=env=", &named]), Ok("env=".into()));
    }

    #[test]
    fn how_much_room_there_is_does_not_matter() {
        let files = Files::new();
        let config = format!("PICOSITE_CONFIG={}", files.write("a", "cache = file", 0o600));
        let secret = format!("PICOSITE_SECRET_FILE={}", files.write("b", "b:two", 0o600));
        let environment = [config.as_bytes(), secret.as_bytes()];
        for len in 0..20 {
            let mut bytes = vec![MaybeUninit::uninit(); len];
            let mut room = Room::new(&mut bytes);
            let settings = settings_in(&mut room, b"", environment.into_iter()).unwrap();
            let secrets = secrets_in(&mut room, &settings).unwrap();
            assert_eq!(settings.cache, b"file", "{len}");
            assert!(secrets.keys().map(|key| key.id()).eq(*b"b"), "{len}");
        }
    }

    #[test]
    fn trouble_is_told_with_its_place() {
        let files = Files::new();
        let unknown = files.write("a", "\nfoo = 1", 0o644);
        let long = files.write("b", &" ".repeat(LONGEST + 1), 0o644);
        let folder = files.0.path().to_str().unwrap();
        let config = |path: &str| cache("", &[&format!("PICOSITE_CONFIG={path}")]);
        let no_such = "`foo`: there is no such setting";
        assert_eq!(cache("foo = 1", &[]), Err(format!("_picosite:1: {no_such}")));
        assert_eq!(config(&unknown), Err(format!("{unknown}:2: {no_such}")));
        let workers = "PICOSITE_WORKERS: a whole number from 1 to 1024";
        assert_eq!(cache("", &["PICOSITE_WORKERS=0"]), Err(workers.into()));
        for path in ["/nowhere", folder, &long, "/dev/null"] {
            let shown = config(path).unwrap_err();
            assert!(shown.starts_with(&format!("cannot read {path}: ")), "{shown}");
        }
    }

    #[test]
    fn a_secret_file_is_for_its_owner_alone() {
        let files = Files::new();
        let mut outcomes = vec![];
        for (text, mode) in [("b:two", 0o600), ("b:two", 0o640), ("b:two", 0o604), ("a:x", 0o600)] {
            let path = files.write("secret", text, mode);
            let text = format!("secret = a:one\nsecret-file = {path}");
            let settings = settings(text.as_bytes(), [].into_iter()).unwrap();
            let ids =
                secrets(&settings).map(|secrets| secrets.keys().map(|key| key.id()).collect());
            let place = |shown: String| shown.replace(&path, "FILE");
            outcomes.push(ids.map_err(|trouble| place(trouble.to_string())));
        }
        assert_eq!(outcomes[0], Ok(b"ab".to_vec()));
        assert_eq!(outcomes[1], Ok(b"ab".to_vec()));
        let exposed = "others can read FILE: chmod o-r it, and take new secrets";
        assert_eq!(outcomes[2], Err(exposed.into()));
        let twice = "FILE: two secrets have the ID a: begin one with another";
        assert_eq!(outcomes[3], Err(twice.into()));
    }
}
