//! The documentation shows what the tests try, and its links and paths exist.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every page, by its path below the root.
fn pages() -> Vec<PathBuf> {
    let folders = [root(), root().join("docs")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|end| end == "md"));
    pages.map(|path| path.strip_prefix(root()).unwrap().to_owned()).collect()
}

/// The fenced blocks of a page: language and content.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let content = lines.by_ref().take_while(|line| *line != "```");
            let content: Vec<&str> = content.collect();
            blocks.push((language.to_owned(), content.join("\n") + "\n"));
        }
    }
    blocks
}

#[test]
fn shown_configurations_are_those_that_are_tried() {
    let folder = root().join("tests/servers/conf");
    let tried: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect();
    // tests/signing.rs runs these.
    let recipes = blocks(&read("docs/signing.md"));
    let shown = ["README.md", "docs/install.md", "docs/scaling.md"].map(|page| blocks(&read(page)));
    let shown: Vec<_> = shown.iter().flatten().filter(|block| !recipes.contains(block)).collect();
    for (language, block) in &shown {
        assert!(tried.iter().any(|(_, text)| text == block), "not tried ({language}):\n{block}");
    }
    for (path, text) in &tried {
        assert!(shown.iter().any(|(_, block)| text == block), "not shown: {path}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let folder = root().join(&page).parent().unwrap().to_owned();
        for link in read(&page).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            let exists = target.is_empty() || folder.join(target).exists();
            assert!(exists || target.contains("://"), "{} links to {target}", page.display());
        }
    }
}

#[test]
fn source_paths_in_the_documentation_exist() {
    const FOLDERS: [&str; 6] = ["src/", "tests/", "benches/", "demo/", "fuzz/", ".ci/"];
    for page in pages() {
        for code in read(&page).split('`').skip(1).step_by(2) {
            // Neither a placeholder nor a command with arguments.
            let is_path = FOLDERS.iter().any(|folder| code.starts_with(folder));
            if is_path && !code.contains(['…', ' ', '\n']) && !code.contains("NAME") {
                assert!(root().join(code).exists(), "{} names {code}", page.display());
            }
        }
    }
}
