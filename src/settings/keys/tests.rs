use std::borrow::ToOwned;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::{prop_assert_eq, proptest};

use crate::settings::keys::{KEYS, Pages, Secrets, Settings, Source, VARIABLE, ValueError};

#[track_caller]
fn read(text: &str) -> Settings<'_> {
    let mut settings = Settings::default();
    settings.read(text.as_bytes(), Source::CompiledIn).unwrap();
    settings
}

#[track_caller]
fn refused(text: &str, source: Source, want: &str) {
    let error = Settings::default().read(text.as_bytes(), source).unwrap_err();
    assert_eq!(format!("line {}: {error}", error.line), want);
}

fn ids(secrets: &Secrets<'_>) -> String {
    secrets.keys().map(|key| char::from(key.id)).collect()
}

#[test]
fn reads_every_setting() {
    let text = "\u{feff}\
# a comment
secret = a:one  b:two\tthree
secret-file=/etc/secrets
config = more.conf\r
  signature-bytes =   32

galleries = my photos = good
cache = cache
cache-max = 1G
memory = 512K
workers = 4
gallery-pages = on
max-size = 4096
max-age = 60
site = other.cdb";
    let settings = read(text);
    assert_eq!(ids(&settings.secrets), "ab0");
    assert_eq!(settings.secret_file, b"/etc/secrets");
    assert_eq!(settings.config, b"more.conf");
    assert_eq!(settings.signature_bytes, 32);
    assert_eq!(settings.galleries, b"my photos = good");
    assert_eq!(settings.cache, b"cache");
    assert_eq!(settings.cache_max_bytes, 1 << 30);
    assert_eq!(settings.memory_bytes, 512 << 10);
    assert_eq!(settings.workers, 4);
    assert_eq!(settings.gallery_pages, Pages::On);
    assert_eq!(settings.max_side_pixels, 4096);
    assert_eq!(settings.max_age_secs, 60);
    assert_eq!(settings.site, b"other.cdb");
}

#[test]
fn the_last_line_wins_and_an_empty_path_is_none() {
    let settings = read("cache = a\nworkers = 2\ncache =\nworkers = 3");
    assert_eq!((settings.cache, settings.workers), (&b""[..], 3));
}

#[test]
fn errors_name_the_line_and_the_key() {
    use Source::{CompiledIn, File};
    let number = |most: &str| format!("must be a whole number from 1{most}");
    let bytes = number(", such as 8M (K, M and G are powers of 1024)");
    for source in [CompiledIn, File] {
        refused("\n#\nfoo = 1", source, "line 3: `foo`: there is no such setting");
        refused("Cache = 1", source, "line 1: `Cache`: there is no such setting");
        refused("= 1", source, "line 1: ``: there is no such setting");
        refused("cache", source, "line 1: `cache`: a setting is a line `key = value`");
        refused("memory = 0", source, &format!("line 1: `memory`: {bytes}"));
        refused(
            "max-size = 65536",
            source,
            &format!("line 1: `max-size`: {}", number(" to 65535")),
        );
        let six = "line 1: `signature-bytes`: must be a whole number from 6 to 32";
        for text in ["signature-bytes = 5", "signature-bytes = 33", "signature-bytes ="] {
            refused(text, source, six);
        }
        for value in
            ["", "K", "1k", "1 K", "-1", "+1", "0x10", "1.5M", "1KB", "18446744073709551616"]
        {
            refused(&format!("memory = {value}"), source, &format!("line 1: `memory`: {bytes}"));
        }
        refused("memory = 18014398509481984K", source, &format!("line 1: `memory`: {bytes}"));
        let pages = "line 1: `gallery-pages`: must be `on`, `off` or the galleries that have pages";
        refused("gallery-pages =", source, pages);
        refused("secret =", source, "line 1: `secret`: a secret is empty");
        refused("secret = a:b c:", source, "line 1: `secret`: a secret is empty");
        let twice = "two secrets have the ID 0: give one another ID";
        refused("secret = one two", source, &format!("line 1: `secret`: {twice}"));
        refused("secret = one 0:two", source, &format!("line 1: `secret`: {twice}"));
    }
    let file = "line 1: `config`: only _picosite or PICOSITE_CONFIG can name the settings file";
    refused("config = a", File, file);
    refused(
        "site = a",
        File,
        "line 1: `site`: only _picosite or PICOSITE_SITE can name another site",
    );
    refused("\u{1b}[2J = 1", File, "line 1: `\\x1b[2J`: there is no such setting");
}

#[test]
fn a_variable_is_the_key_in_upper_case() {
    let mut settings = Settings::default();
    let mut set = |name: &str, value| settings.read_variable(name.as_bytes(), value);
    assert_eq!(set("PICOSITE_SIGNATURE_BYTES", b"20"), Ok(()));
    assert_eq!(set("PICOSITE_CACHE", b"/tmp/c"), Ok(()));
    assert_eq!(set("PICOSITE_SITE", b"a.cdb"), Ok(()));
    for name in [
        "PICOSITE_cache",
        "PICOSITE_SIGNATURE-BYTES",
        "PICOSITE_",
        "PICOSITE_FOO",
        "PICOSITE_SIGNATURE_BYTES_2",
        "CACHE",
        "HTTP_PICOSITE_CACHE",
        "picosite_CACHE",
    ] {
        assert_eq!(set(name, b"other"), Ok(()), "ignored: {name}");
    }
    assert!(matches!(set("PICOSITE_WORKERS", b""), Err(ValueError::Number(_))));
    assert_eq!((settings.signature_bytes, settings.cache), (20, &b"/tmp/c"[..]));
    assert_eq!((settings.site, settings.workers), (&b"a.cdb"[..], 1));
}

#[test]
fn every_key_can_be_set_by_a_variable() {
    for key in KEYS {
        let name = String::from_utf8_lossy(key).to_uppercase().replace('-', "_");
        let name = [&VARIABLE[..], name.as_bytes()].concat();
        let mut settings = Settings::default();
        // A secret, a path, the name of a gallery, and a number in every range.
        assert_eq!(settings.read_variable(&name, b"31"), Ok(()));
        let shown = |settings: Settings<'_>| format!("{settings:?} {}", ids(&settings.secrets));
        assert_ne!(shown(settings), shown(Settings::default()), "{}", name.escape_ascii());
    }
}

#[test]
fn secrets_of_the_file_follow_those_of_the_setting() {
    let secrets = Secrets::parse(b"a:one").unwrap();
    let both = secrets.and_file(b"# made today\nb:two\r\n\nthree four \n#c:no").unwrap();
    assert_eq!(ids(&both), "ab0");
    assert_eq!(ids(&Secrets::default().and_file(b"\n").unwrap()), "");
    assert_eq!(ids(&Secrets::default().and_file(b"\xef\xbb\xbfb:two\n").unwrap()), "b");
    let error = |file: &'static [u8]| secrets.and_file(file).unwrap_err().to_string();
    assert_eq!(error(b"a:two"), "two secrets have the ID a: give one another ID");
    assert_eq!(error(b"b:\n"), "a secret is empty");
    assert_eq!(format!("{:?}", read("secret = hush").secrets), "Secrets(..)");
}

#[test]
fn a_named_gallery_and_those_inside_it_have_pages() {
    let pages = read("gallery-pages = holiday/ beach%20day a/b").gallery_pages;
    for (gallery, allowed, led_to) in [
        ("holiday", true, true),
        ("holiday/2024", true, true),
        ("holidays", false, false),
        ("holi", false, false),
        ("beach day", true, true),
        ("beach%20day", false, false),
        ("day", false, false),
        ("a", false, true),
        ("a/b", true, true),
        ("a/c", false, false),
        ("", false, true),
    ] {
        assert_eq!(pages.allow(gallery.as_bytes()), allowed, "{gallery}");
        assert_eq!(pages.lead_to(gallery.as_bytes()), led_to, "{gallery}");
    }
    assert!(!Pages::Off.lead_to(b"") && Pages::On.allow(b"x") && Pages::On.lead_to(b""));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_in_one_of_its_lines(lines: Vec<String>) {
        let text = lines.join("\n");
        let mut settings = Settings::default();
        let count = text.split('\n').count();
        if let Err(error) = settings.read(text.as_bytes(), Source::File) {
            assert!((1..=count).contains(&error.line));
        }
    }

    #[test]
    fn values_are_trimmed_and_otherwise_kept(value in "[^\n\u{0}]{0,40}") {
        let text = format!("  galleries\t=  {value}  \n");
        let trimmed = value.trim_ascii().to_owned();
        prop_assert_eq!(read(&text).galleries, trimmed.as_bytes());
    }
}
