//! `docs/signing.md` is right: its vectors, and its recipes where their tool is there; and
//! the commands that sign.
#![allow(missing_docs, reason = "a test")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::util::thumbnails::Site;
use picosite::facade::thumbs::{Key, sign, verify};

const DOC: &str = include_str!("../docs/signing.md");

/// A line of the table of vectors.
struct Vector {
    secret: &'static str,
    bytes: usize,
    message: &'static str,
    signature: &'static str,
}

fn vectors() -> Vec<Vector> {
    let rows = DOC.lines().filter(|line| line.contains("| `/thumb/"));
    let vectors: Vec<Vector> = rows
        .map(|row| {
            let cells =
                row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`'));
            let cells: Vec<&str> = cells.collect();
            let [secret, bytes, message, signature] = cells[..] else {
                panic!("four cells: {row}")
            };
            Vector { secret, bytes: bytes.parse().unwrap(), message, signature }
        })
        .collect();
    assert_eq!(vectors.len(), 4);
    vectors
}

#[test]
fn the_vectors_hold() {
    for Vector { secret, bytes, message, signature } in vectors() {
        let (key, message) = (Key::parse(secret.as_bytes()).unwrap(), [message.as_bytes()]);
        assert_eq!(sign(&key, &message, bytes).as_str(), signature);
        assert!(verify([key], signature.as_bytes(), &message, bytes).is_ok());
    }
}

/// Of each vector, the whole HMAC that another tool computes begins with what is signed.
#[test]
fn other_tools_agree_with_the_vectors() {
    let python = "import hmac, sys; \
                  print(hmac.new(sys.argv[1].encode(), sys.argv[2].encode(), 'sha256').hexdigest())";
    let openssl = "printf %s \"$2\" | openssl dgst -sha256 -hmac \"$1\" -r | cut -d ' ' -f 1";
    for (tool, arguments) in [("python3", &["-c", python][..]), ("sh", &["-c", openssl, "sh"])] {
        if Command::new(if tool == "sh" { "openssl" } else { tool })
            .arg("version")
            .output()
            .is_err()
        {
            eprintln!("the tool for {tool} is not here");
            continue;
        }
        for Vector { secret, bytes, message, signature } in vectors() {
            let text = secret.split_once(':').map_or(secret, |(_, text)| text);
            let output = Command::new(tool).args(arguments).args([text, message]).output().unwrap();
            let mac = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                hexadecimal(&signature[1..])[..2 * bytes],
                mac.trim()[..2 * bytes],
                "{tool}"
            );
        }
    }
}

/// base64url (RFC 4648, 5) as hexadecimal digits: six bits are read, four written.
fn hexadecimal(base64: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let values = base64.bytes().map(|byte| ALPHABET.find(char::from(byte)).expect("it is in it"));
    let bits: Vec<u32> = values
        .flat_map(|value| (0..6).rev().map(move |bit| u32::from(value >> bit & 1 == 1)))
        .collect();
    let digit = |bits: &[u32]| bits.iter().fold(0, |digit, &bit| 2 * digit + bit);
    bits.chunks_exact(4).filter_map(|bits| char::from_digit(digit(bits), 16)).collect()
}

/// The first error is reported, and nothing after it.
#[test]
fn the_signature_comes_first_then_the_transform_then_the_time_then_the_photo() {
    let site = Site::new();
    for (rest, status) in [
        ("9x9,nonsense,exp1000/g/nothing.jpg", 400),
        ("9x0,exp1000/g/nothing.jpg", 400),
        ("4000x4000,exp1000/g/nothing.jpg", 400),
        ("9x9,exp1000/g/nothing.jpg", 410),
        ("9x9,exp1000/Sea and sky/long coast.jpg", 410),
        ("9x9/g/nothing.jpg", 404),
        ("9x9/Sea and sky/long coast.jpg", 200),
    ] {
        assert_eq!(site.get(rest).status, status, "{rest}");
        let unsigned = format!("/thumb/0AAAAAAAAAAAAAAAAAAAAAA/{rest}");
        assert_eq!(site.ask(&unsigned, &[]).status, 403, "{rest}");
    }
}

#[test]
fn readme_has_the_same_recipes() {
    let recipes: Vec<&str> = DOC.split("```").skip(1).step_by(2).collect();
    assert_eq!(recipes.len(), 4);
    for recipe in recipes {
        assert!(include_str!("../README.md").contains(recipe), "not in README:{recipe}");
    }
}

#[test]
fn every_recipe_writes_the_signature() {
    let want = DOC.split("Each prints `").nth(1).unwrap().split('`').next().unwrap();
    let run = |tool: &str, arguments: &[&str], language: &str| {
        let recipe = DOC.split(&format!("```{language}\n")).nth(1).expect("there is a recipe");
        let (recipe, _) = recipe.split_once("```").expect("it ends");
        let recipe = recipe.strip_prefix("<?php").unwrap_or(recipe);
        match Command::new(tool).args(arguments).arg(recipe).output() {
            Ok(output) => {
                assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), want, "{tool}");
            }
            Err(_) => eprintln!("{tool} is not here; its recipe was not run"),
        }
    };
    run("python3", &["-c"], "python");
    run("node", &["-e"], "js");
    run("php", &["-r"], "php");
    if Command::new("openssl").arg("version").output().is_ok() {
        run("sh", &["-c"], "sh");
    }
}

fn site() -> Site {
    Site::new().with("SECRET", "a:correct-horse b:other")
}

#[test]
fn sign_writes_addresses_for_a_page() {
    let (out, status, _) = site().command(&["sign", "320x240/holiday/beach day.jpg"]);
    assert_eq!(out, "/thumb/aS0BoYRWfJTD8LzVJi1xypg/320x240/holiday/beach%20day.jpg\n");
    assert_eq!(status, Some(0));
    let words =
        ["sign", "--mount", "/cgi-bin/a.cgi/", "9x9,exp+7d/g/\"&'<é?#%.jpg", "9x,q1/g/b.jpg"];
    let (out, _, _) = site().command(&words);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("/cgi-bin/a.cgi/thumb/a")), "{out}");
    assert!(lines[0].ends_with("/g/%22%26%27%3C%C3%A9%3F%23%25.jpg"), "{out}");
    let last: u64 =
        lines[0].split(",exp").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!((now + 7 * 86_400 - 60..=now + 7 * 86_400).contains(&last));
    let mut verify = vec!["verify"];
    verify.extend(lines);
    let (out, status, _) = site().command(&verify);
    assert_eq!((out.matches(": holds").count(), status), (2, Some(0)), "{out}");
}

#[test]
fn the_mount_point_is_percent_encoded() {
    for (mount, want) in [
        ("/a b", "/a%20b"),
        ("/a%20b/", "/a%20b"),
        ("/\"é", "/%22%C3%A9"),
        ("/", ""),
        ("//evil.example", "/evil.example"),
        ("https://example.org", "https://example.org"),
        ("https://example.org/a b/", "https://example.org/a%20b"),
    ] {
        let (out, status, _) = site().command(&["sign", "--mount", mount, "9x9/g/a.jpg"]);
        assert_eq!(status, Some(0));
        assert!(out.starts_with(&format!("{want}/thumb/a")), "{mount}: {out}");
    }
}

#[test]
fn verify_says_which_hold() {
    let path = "/thumb/aS0BoYRWfJTD8LzVJi1xypg/320x240/holiday/beach%20day.jpg";
    for (address, holds) in [
        (path.to_owned(), true),
        (path.replace("%20", " "), true),
        (format!("https://example.org/thumb/x/cgi-bin/a.cgi{path}?x=1#y"), true),
        (path.replacen("/thumb/a", "/thumb/b", 1), false),
        (path.replace("320", "321"), false),
        ("/".into(), false),
        (String::new(), false),
    ] {
        let (out, status, _) = site().command(&["verify", &address]);
        assert_eq!(status, Some(i32::from(!holds)), "{out}");
        assert_eq!(out.ends_with(": holds\n"), holds, "{out}");
    }
    let key = Key::parse(b"b:other").unwrap();
    for (rest, want) in [
        ("9x9,exp1000/g/a.jpg", "signed, but the thumbnail's URL has expired"),
        ("9x9,x/g/a.jpg", "signed, but the words of a transform are"),
    ] {
        let signature = sign(&key, &[b"/thumb/", rest.as_bytes()], 16);
        let address = format!("/thumb/{}/{rest}", signature.as_str());
        let (out, status, _) = site().command(&["verify", &address]);
        assert!(out.contains(want) && status == Some(1), "{out}");
    }
}

#[test]
fn a_new_secret_is_a_line_for_the_secret_file() {
    let site = Site::new().with("SECRET", "0:one");
    let (first, status, _) = site.command(&["secret"]);
    let (second, _, _) = site.command(&["secret"]);
    assert_ne!(first, second);
    assert_eq!((first.trim_end().len(), &first[..2], status), (66, "1:", Some(0)));
    let path = site.folder.join("secrets");
    fs::write(&path, &first).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let site = site.with("SECRET_FILE", path.to_str().unwrap());
    let (third, _, _) = site.command(&["secret"]);
    assert!(third.starts_with("2:"), "{third}");
    let key = Key::parse(first.trim_end().as_bytes()).unwrap();
    let address = sign(&key, &[b"/thumb/9x9/g/a.jpg"], 16);
    let address = format!("/thumb/{}/9x9/g/a.jpg", address.as_str());
    assert_eq!(site.command(&["verify", &address]).1, Some(0));
}

#[test]
fn wrong_words_and_no_secret_are_errors() {
    for words in [
        &["sign"][..],
        &["sign", "--mount"],
        &["sign", "--mount", "/x"],
        &["sign", "--mount", "x", "9x9/g/a.jpg"],
        &["sign", "--mount", "/x?y", "9x9/g/a.jpg"],
        &["sign", "9x9/a.jpg"],
        &["sign", "nonsense/g/a.jpg"],
        &["verify"],
        &["secret", "more"],
        &["--version", "more"],
    ] {
        let (out, status, complaint) = site().command(words);
        assert_eq!((&*out, status, complaint.lines().count()), ("", Some(2), 1), "{complaint}");
    }
    let none = Site::new().with("SECRET_FILE", "/nowhere");
    let (_, status, complaint) = none.command(&["sign", "9x9/g/a.jpg"]);
    assert_eq!((status, complaint.lines().count()), (Some(1), 1), "{complaint}");
}
