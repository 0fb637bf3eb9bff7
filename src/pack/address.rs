//! The addresses at which a file is served.
//!
//! | file | addresses |
//! | --- | --- |
//! | `a/b.css` | `/a/b.css` |
//! | `about.html` | `/about.html`, and `/about` unless there is a file `about` |
//! | `a/index.html` | `/a/index.html`, `/a/index`, `/a/`, and the folder `/a` unless there is a file `a.html` |

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::pack::special;
use crate::pack::tree::File;
use crate::site::record::Kind;

/// A decoded address and what is there.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Address {
    pub(super) path: String,
    pub(super) kind: Kind,
}

/// The addresses of the file `name`, which is one of `files`; these are sorted by name. No
/// two files of a site share an address.
pub(super) fn addresses(name: &str, files: &[File]) -> Vec<Address> {
    let mut addresses = Vec::new();
    if special::ALL.contains(&name) {
        return addresses;
    }
    let asset = |path: &str| Address { path: format!("/{path}"), kind: Kind::Asset };
    addresses.push(asset(name));
    if let Some(page) = name.strip_suffix(".html").filter(|page| !is_served(page, files)) {
        addresses.push(asset(page));
    }
    let Some(folder) = name.strip_suffix("index.html") else { return addresses };
    if folder.is_empty() {
        addresses.push(asset(folder));
    } else if let Some(page) = folder.strip_suffix('/') {
        addresses.push(asset(folder));
        if !is_served(&format!("{page}.html"), files) {
            addresses.push(Address { path: format!("/{page}"), kind: Kind::Folder });
        }
    }
    addresses
}

fn is_served(name: &str, files: &[File]) -> bool {
    !special::ALL.contains(&name)
        && files.binary_search_by(|file| file.name.as_str().cmp(name)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::{File, addresses};
    use crate::site::record::Kind;

    /// The addresses of all `names` in their order; a folder's ends in `>`.
    #[track_caller]
    fn check(names: &[&str], want: &[&str]) {
        let file = |name: &&str| File {
            name: name.to_string(),
            path: PathBuf::new(),
            size: 0,
            modified: 0,
        };
        let mut files: Vec<_> = names.iter().map(file).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let shown = |address: super::Address| match address.kind {
            Kind::Asset => address.path,
            Kind::Folder => address.path + ">",
        };
        let got: Vec<String> =
            names.iter().flat_map(|name| addresses(name, &files)).map(shown).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn a_file_is_at_its_name() {
        check(&["a/b.css"], &["/a/b.css"]);
        check(&["a b%20?.txt"], &["/a b%20?.txt"]);
        check(&["x.HTML"], &["/x.HTML"]);
    }

    #[test]
    fn a_page_is_also_at_its_name_without_extension() {
        check(&["about.html"], &["/about.html", "/about"]);
        check(&["404.html"], &["/404.html", "/404"]);
        check(&["a/b.c.html"], &["/a/b.c.html", "/a/b.c"]);
    }

    #[test]
    fn an_index_is_its_folder() {
        check(&["index.html"], &["/index.html", "/index", "/"]);
        check(&["a/index.html"], &["/a/index.html", "/a/index", "/a/", "/a>"]);
        check(&["myindex.html"], &["/myindex.html", "/myindex"]);
        check(&["a/myindex.html"], &["/a/myindex.html", "/a/myindex"]);
    }

    #[test]
    fn a_file_wins_over_a_page_over_a_folder() {
        check(&["about", "about.html"], &["/about", "/about.html"]);
        check(
            &["about.html", "about/index.html"],
            &["/about.html", "/about", "/about/index.html", "/about/index", "/about/"],
        );
        check(&["a/index", "a/index.html"], &["/a/index", "/a/index.html", "/a/", "/a>"]);
    }

    #[test]
    fn the_four_special_files_are_not_served() {
        check(&["_redirects", "_headers", "_picosite", "_gallery.html"], &[]);
        check(&["a/_redirects", "_other"], &["/a/_redirects", "/_other"]);
        check(&["_headers", "_headers.html"], &["/_headers.html", "/_headers"]);
        check(
            &["_gallery.html", "_gallery/index.html"],
            &["/_gallery/index.html", "/_gallery/index", "/_gallery/", "/_gallery>"],
        );
    }
}
