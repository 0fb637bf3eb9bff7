//! The cost of a request does not grow with the site: sites of 100,000 files and of half a
//! gigabyte take the system calls of a site of ten files, and at most two more page faults.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::util::folder::Folder;

/// An executable with a site of `files` files, `len` bytes each.
#[track_caller]
fn executable(folder: &Path, files: usize, len: usize) -> PathBuf {
    let site = folder.join(format!("{files}-{len}"));
    for n in 0..files {
        let name = site.join(format!("{}/{n}.png", n % 300));
        fs::create_dir_all(name.parent().unwrap()).unwrap();
        fs::write(name, noise(n as u64, len)).unwrap();
    }
    let out = site.with_extension("cgi");
    let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
    let status = command.arg("pack").arg(&site).arg("-o").arg(&out).env_clear().status().unwrap();
    assert!(status.success());
    fs::remove_dir_all(&site).unwrap();
    out
}

/// Incompressible bytes, different for each seed.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // Knuth's MMIX.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ state >> 32).to_le_bytes()
    };
    (0..len.div_ceil(8)).flat_map(|_| next()).take(len).collect()
}

/// Minor page faults of all children so far (`proc(5)`, field 11 of `stat`; the name in
/// parentheses before it may contain spaces).
fn faults_of_children() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    after_name.split_whitespace().nth(8).unwrap().parse().unwrap()
}

/// The system calls of a request by name, and its page faults: the fewest of ten runs.
#[track_caller]
fn cost(executable: &Path, path: &str, variable: (&str, &str)) -> (Vec<String>, u64) {
    let run = |command: &mut Command| {
        command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", path);
        let output = command.env(variable.0, variable.1).output().unwrap();
        assert!(output.stdout.starts_with(b"Status: "), "{output:?}");
    };
    let trace = executable.with_extension("trace");
    run(Command::new("strace").args(["-qq", "-o"]).arg(&trace).arg("--").arg(executable));
    let calls = fs::read_to_string(trace).unwrap();
    let calls = calls.lines().skip(1).filter_map(|line| line.split_once('(')).map(|(name, _)| name);
    let faults = (0..10).map(|_| {
        let before = faults_of_children();
        run(&mut Command::new(executable));
        faults_of_children() - before
    });
    (calls.map(str::to_owned).collect(), faults.min().unwrap())
}

#[test]
#[ignore = "takes a minute, 1.5 GB of disk, and strace"]
fn a_large_site_costs_what_one_of_ten_files_does() {
    let folder = Folder::new();
    // Ten files against many of the same length; the last lies near the end of the site.
    for (len, files, last) in [(8, 100_000, "/99/99999.png"), (1_000_000, 500, "/199/499.png")] {
        let ten = executable(&folder, 10, len);
        let large = executable(&folder, files, len);
        for variable in [("A", ""), ("HTTP_IF_NONE_MATCH", "*")] {
            let (calls, faults) = cost(&ten, "/7/7.png", variable);
            for path in ["/7/7.png", last] {
                let (large_calls, large_faults) = cost(&large, path, variable);
                assert_eq!(
                    large_calls.len(),
                    calls.len(),
                    "{files} files: {large_calls:?}, ten: {calls:?}"
                );
                assert!(large_faults <= faults + 2, "{files} files: {large_faults}, ten: {faults}");
            }
        }
    }
}
