//! README shows the very lines that `tests/servers/` puts behind real servers.

use std::fs;
use std::path::Path;

#[test]
fn shows_the_configurations_that_are_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let tried: Vec<_> = fs::read_dir(root.join("tests/servers/conf")).unwrap().collect();
    assert!(!tried.is_empty());
    for file in tried {
        let path = file.unwrap().path();
        let lines = fs::read_to_string(&path).unwrap();
        let fenced = format!("\n{lines}```\n");
        let indented = format!("\n\n    {}\n\n", lines.trim_end().replace('\n', "\n    "));
        let shown = readme.contains(&fenced) || readme.contains(&indented);
        assert!(shown, "README does not show {} as it is", path.display());
    }
}
