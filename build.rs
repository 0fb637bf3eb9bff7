//! Packs `assets/` into the cdb that the executable carries, `$OUT_DIR/site.cdb`.
#![allow(unreachable_pub, dead_code)] // shared files: each crate uses its half

#[path = "src/date.rs"]
mod date;
#[path = "src/format.rs"]
mod format;
#[path = "src/pack/mod.rs"]
mod pack;
#[path = "src/pattern.rs"]
mod pattern;
#[path = "src/settings/mod.rs"]
mod settings;
#[path = "src/sign.rs"]
mod sign;

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::time::UNIX_EPOCH;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=assets");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let out = Path::new(&env::var_os("OUT_DIR").unwrap()).join("site.cdb");
    let packed = pack::source_date_epoch().and_then(|latest| {
        // A clock that is earlier than this is not set.
        let now = || UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs());
        println!("cargo:rustc-env=PICOSITE_BUILT={}", latest.unwrap_or_else(now));
        pack::pack(Path::new("assets"), &out, latest)
    });
    match packed {
        Ok(report) => {
            report.warnings.iter().for_each(|warning| println!("cargo:warning={warning}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
