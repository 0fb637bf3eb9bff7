//! Packs `assets/` into the cdb that the executable carries, `$OUT_DIR/site.cdb`, next to its
//! descriptor and its tables, and chooses how the executable starts.
#![allow(unreachable_pub, dead_code, unused_imports)] // shared files: each crate uses its half

#[path = "src/encoding/mod.rs"]
mod encoding;
#[path = "src/http"]
mod http {
    pub mod block;
    pub mod coding;
    pub mod date;
}
#[path = "src/pack/mod.rs"]
mod pack;
#[path = "src/settings"]
mod settings {
    pub mod keys;
    pub mod pages;
    pub mod secrets;
    mod value;
}
#[path = "src/site"]
mod site {
    pub mod descriptor;
    pub mod pattern;
    pub mod record;
}
#[path = "src/sys"]
mod sys {
    pub mod atomic_file;
}
#[path = "src/template/mod.rs"]
mod template;
#[path = "src/thumbs"]
mod thumbs {
    pub mod address {
        pub mod signature;
    }
}

use std::path::Path;
use std::process::ExitCode;
use std::time::UNIX_EPOCH;
use std::{env, fs};

use site::descriptor::Place;

fn main() -> ExitCode {
    choose_start();
    println!("cargo:rerun-if-changed=assets");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let site = Path::new(&env::var_os("OUT_DIR").unwrap()).join("site.cdb");
    let packed = pack::source_date_epoch().and_then(|latest| {
        // A clock that shows an earlier time has not been set.
        let now = || UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs());
        println!("cargo:rustc-env=PICOSITE_BUILT={}", latest.unwrap_or_else(now));
        pack::pack(Path::new("assets"), &site, latest)
    });
    match packed {
        Ok(report) => {
            report.warnings.iter().for_each(|warning| println!("cargo:warning={warning}"));
            let (descriptor, tables) = pack::describe(&site, Place::Section).unwrap();
            fs::write(site.with_file_name("descriptor"), descriptor.to_bytes()).unwrap();
            fs::write(site.with_file_name("tables"), tables.as_bytes()).unwrap();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Gives a static executable at a fixed address an entry of its own (`src/sys/start.rs`) and the
/// layout of `src/sys/image.ld`, on processors that the entry knows. Others start as C
/// programs do. So does every build with another SHA-256 than the portable one, which would
/// write to variables, and a debug build, in which std asks the C library about each
/// descriptor that it closes.
fn choose_start() {
    println!("cargo:rustc-check-cfg=cfg(own_start)");
    let fixed = env::var("CARGO_ENCODED_RUSTFLAGS")
        .is_ok_and(|flags| flags.contains("relocation-model=static"));
    let soft = env::var("CARGO_CFG_SHA2_BACKEND").is_ok_and(|backend| backend == "soft");
    let target = |key: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !fixed || !soft || !release || target("ENV") != "musl" {
        return;
    }
    // The size of a page, and how many of them a request may touch at the image's start.
    let (page, hot_pages) = match &*target("ARCH") {
        "arm" | "x86_64" => (0x1000, HOT_PAGES),
        // Pages may have 64 KiB.
        "aarch64" => (0x1_0000, 1),
        _ => return,
    };
    println!("cargo:rustc-cfg=own_start");
    println!("cargo:rerun-if-changed=src/sys/image.ld");
    let root = env::var("CARGO_MANIFEST_DIR").unwrap();
    // They end where a page table ends.
    let hot_limit = 0x20_0000;
    // Unoptimised code is larger, and page faults cost x86-64 little.
    let is_checked =
        env::var("OPT_LEVEL").is_ok_and(|level| level == "s") && target("ARCH") == "arm";
    for flag in [
        format!("-zmax-page-size={page}"),
        format!("--defsym=picosite_base={}", hot_limit - hot_pages * page),
        format!("--defsym=picosite_hot_limit={}", if is_checked { hot_limit } else { u32::MAX }),
        format!("-T{root}/src/sys/image.ld"),
    ] {
        println!("cargo:rustc-link-arg-bin=picosite={flag}");
    }
}

/// Pages of 4 KiB for what a page and a 304 need.
const HOT_PAGES: u32 = 5;
