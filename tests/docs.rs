//! What the documentation shows is what the tests try.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
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
fn every_configuration_shown_is_one_that_is_tried() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/conf");
    let tried: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect();
    let pages = ["docs/install.md", "docs/scaling.md"];
    let shown: Vec<_> = pages.iter().flat_map(|page| blocks(&read(page))).collect();
    for (language, block) in &shown {
        assert!(tried.iter().any(|(_, text)| text == block), "not tried ({language}):\n{block}");
    }
    for (path, text) in &tried {
        assert!(shown.iter().any(|(_, block)| text == block), "not shown: {path}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in ["README.md", "docs/install.md", "docs/scaling.md"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let folder = folder.parent().unwrap();
        for link in read(page).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(folder.join(target).exists(), "{page} links to {target}");
            }
        }
    }
}
