//! The settings in force: those that are compiled in, overridden by the settings file, and
//! that by the environment; and the secrets in their file. Pages need none of it.

use core::fmt;

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::settings::keys::{
    Secrets, SecretsError, Settings, SettingsError, Source, VARIABLE, ValueError,
};
use crate::sys;
use crate::sys::arena::Arena;
use crate::sys::exe_dir;
use crate::sys::stat::Stat;

/// The variable that names the settings file.
// A static for the reason given in `site::record`.
#[used]
static CONFIG: [u8; 15] = *b"PICOSITE_CONFIG";

/// The longest file of settings or secrets. It keeps a path that names something else from
/// being read into memory.
const MAX_LEN: usize = 64 << 10;

/// Why the settings or the secrets cannot be used: where, then why. The messages explain each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoadError<'a> {
    CompiledIn(SettingsError<'a>),
    File(&'a [u8], SettingsError<'a>),
    Variable(&'a [u8], ValueError),
    Unreadable(&'a [u8], Errno),
    Exposed(&'a [u8]),
    Secrets(&'a [u8], SecretsError),
}

/// Loads the settings. `compiled_in` is the site's `_picosite`; `environment` yields `NAME=value`
/// strings. Reads the settings file into `arena` if it fits: pages of its own cost 150 us on the
/// board, most of that for the page table.
pub fn settings<'a, 'e: 'a>(
    arena: &mut Arena<'a>,
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
        let text = read(config, Readers::Any, arena)?;
        settings.read(text, Source::File).map_err(|error| LoadError::File(config, error))?;
    }
    for (name, value) in variables {
        let read = settings.read_variable(name, value);
        read.map_err(|error| LoadError::Variable(name, error))?;
    }
    Ok(settings)
}

/// Loads the secrets: those of `secret`, then those in `secret-file`, which is read into `arena` if
/// it fits.
pub fn secrets<'a>(
    arena: &mut Arena<'a>,
    settings: &Settings<'a>,
) -> Result<Secrets<'a>, LoadError<'a>> {
    let path = settings.secret_file;
    if path.is_empty() {
        return Ok(settings.secrets);
    }
    let text = read(path, Readers::NotOthers, arena)?;
    settings.secrets.and_file(text).map_err(|error| LoadError::Secrets(path, error))
}

/// Who may have permission to read a file.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Readers {
    Any,
    NotOthers,
}

fn read<'a>(
    path: &'a [u8],
    readers: Readers,
    arena: &mut Arena<'a>,
) -> Result<&'a [u8], LoadError<'a>> {
    let text = exe_dir::open(&[path], OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
        let stat = Stat::of(&file)?;
        if !stat.is_file() {
            return Err(Errno::INVAL);
        }
        if readers == Readers::NotOthers && stat.mode & 0o004 != 0 {
            return Ok(None);
        }
        // One byte more than stat said: if it is there, the file is being written.
        let len = usize::try_from(stat.size).ok().and_then(|len| len.checked_add(1));
        match len.and_then(|len| arena.read(&file, 0, len)) {
            Some(text) if text.len() as u64 == stat.size => Ok(Some(text)),
            _ => sys::read(&file, MAX_LEN).map(Some),
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
            Self::CompiledIn(error) => write!(out, "_picosite:{}: {error}", error.line),
            Self::File(path, error) => {
                write!(out, "{}:{}: {error}", path.escape_ascii(), error.line)
            }
            Self::Variable(name, error) => write!(out, "{}: {error}", name.escape_ascii()),
            Self::Unreadable(path, error) => {
                write!(out, "cannot read {}: {error}", path.escape_ascii())
            }
            Self::Exposed(path) => write!(
                out,
                "others can read {}: chmod o-r it, and make new secrets",
                path.escape_ascii()
            ),
            Self::Secrets(path, error) => write!(out, "{}: {error}", path.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, secrets, settings};
    use crate::sys::arena::Arena;
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
        let settings = settings(&mut Arena::default(), compiled_in.as_bytes(), environment);
        let shown = settings.map(|settings| String::from_utf8_lossy(settings.cache).into());
        shown.map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_what_is_compiled_in() {
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
    fn the_size_of_the_arena_does_not_matter() {
        let files = Files::new();
        let config = format!("PICOSITE_CONFIG={}", files.write("a", "cache = file", 0o600));
        let secret = format!("PICOSITE_SECRET_FILE={}", files.write("b", "b:two", 0o600));
        let environment = [config.as_bytes(), secret.as_bytes()];
        for len in 0..20 {
            let mut bytes = vec![MaybeUninit::uninit(); len];
            let mut arena = Arena::new(&mut bytes);
            let settings = settings(&mut arena, b"", environment.into_iter()).unwrap();
            let secrets = secrets(&mut arena, &settings).unwrap();
            assert_eq!(settings.cache, b"file", "{len}");
            assert!(secrets.keys().map(|key| key.id).eq(*b"b"), "{len}");
        }
    }

    #[test]
    fn errors_name_their_place() {
        let files = Files::new();
        let unknown = files.write("a", "\nfoo = 1", 0o644);
        let long = files.write("b", &" ".repeat(MAX_LEN + 1), 0o644);
        let folder = files.0.path().to_str().unwrap();
        let config = |path: &str| cache("", &[&format!("PICOSITE_CONFIG={path}")]);
        let no_such = "`foo`: there is no such setting";
        assert_eq!(cache("foo = 1", &[]), Err(format!("_picosite:1: {no_such}")));
        assert_eq!(config(&unknown), Err(format!("{unknown}:2: {no_such}")));
        let workers = "PICOSITE_WORKERS: must be a whole number from 1 to 1024";
        assert_eq!(cache("", &["PICOSITE_WORKERS=0"]), Err(workers.into()));
        for path in ["/nowhere", folder, &long, "/dev/null"] {
            let shown = config(path).unwrap_err();
            assert!(shown.starts_with(&format!("cannot read {path}: ")), "{shown}");
        }
    }

    #[test]
    fn a_secret_file_that_others_can_read_is_refused() {
        let files = Files::new();
        let mut outcomes = vec![];
        for (text, mode) in [("b:two", 0o600), ("b:two", 0o640), ("b:two", 0o604), ("a:x", 0o600)] {
            let path = files.write("secret", text, mode);
            let text = format!("secret = a:one\nsecret-file = {path}");
            let mut arena = Arena::default();
            let settings = settings(&mut arena, text.as_bytes(), [].into_iter()).unwrap();
            let ids = secrets(&mut arena, &settings)
                .map(|secrets| secrets.keys().map(|key| key.id).collect());
            let place = |shown: String| shown.replace(&path, "FILE");
            outcomes.push(ids.map_err(|error| place(error.to_string())));
        }
        assert_eq!(outcomes[0], Ok(b"ab".to_vec()));
        assert_eq!(outcomes[1], Ok(b"ab".to_vec()));
        let exposed = "others can read FILE: chmod o-r it, and make new secrets";
        assert_eq!(outcomes[2], Err(exposed.into()));
        let twice = "FILE: two secrets have the ID a: give one another ID";
        assert_eq!(outcomes[3], Err(twice.into()));
    }
}
