//! README and `docs/` show the very lines that `tests/servers/` puts behind real servers.

use std::fs;
use std::path::Path;

#[test]
fn shows_the_configurations_that_are_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = fs::read_to_string(root.join("README.md")).unwrap();
    for page in fs::read_dir(root.join("docs")).unwrap() {
        pages.push_str(&fs::read_to_string(page.unwrap().path()).unwrap());
    }
    let tried: Vec<_> = fs::read_dir(root.join("tests/servers/conf")).unwrap().collect();
    assert!(!tried.is_empty());
    for file in tried {
        let path = file.unwrap().path();
        let lines = fs::read_to_string(&path).unwrap();
        let fenced = format!("\n{lines}```\n");
        let indented = format!("\n\n    {}\n\n", lines.trim_end().replace('\n', "\n    "));
        let shown = pages.contains(&fenced) || pages.contains(&indented);
        assert!(shown, "no page shows {} as it is", path.display());
    }
}
