//! A site's own template.

use std::fs;

use picosite::facade::pack::pack;

use crate::util::folder::Folder;

#[test]
fn a_mistake_in_it_stops_the_packer_with_file_and_line() {
    let folder = Folder::new();
    let assets = folder.join("assets");
    fs::create_dir(&assets).unwrap();
    fs::write(assets.join("_gallery.html"), "<ul>\n{{#photos}}<li>{{titel}}{{/photos}}").unwrap();
    let error = pack(&assets, &folder.join("site.cdb"), None).unwrap_err();
    let want = format!(
        "{}/_gallery.html:2: `titel` is not a name known here; the comment in the built-in template \
         lists all of them",
        assets.display()
    );
    assert_eq!(error.to_string(), want);
    assert!(!folder.join("site.cdb").exists());
}
