//! The names that have a meaning in a template.

/// Names, and what each stands for.
pub type Names = &'static [(&'static str, Stands)];

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Stands {
    /// A text, perhaps an empty one.
    ForText,
    /// A list, whose entries have names of their own.
    ForList(Names),
}

/// The names of a gallery page: the comment in `src/gallery/template.html` says more.
pub const GALLERY: Names = &[
    ("mount", Stands::ForText),
    ("name", Stands::ForText),
    ("count", Stands::ForText),
    ("unmade", Stands::ForText),
    ("crumbs", Stands::ForList(&[("href", Stands::ForText), ("name", Stands::ForText)])),
    (
        "galleries",
        Stands::ForList(&[
            ("href", Stands::ForText),
            ("name", Stands::ForText),
            ("count", Stands::ForText),
            ("cover", Stands::ForList(&[("src", Stands::ForText), ("srcset", Stands::ForText)])),
        ]),
    ),
    (
        "photos",
        Stands::ForList(&[
            ("name", Stands::ForText),
            ("file", Stands::ForText),
            ("href", Stands::ForText),
            ("src", Stands::ForText),
            ("srcset", Stands::ForText),
            ("width", Stands::ForText),
            ("height", Stands::ForText),
        ]),
    ),
    (
        "paging",
        Stands::ForList(&[
            ("page", Stands::ForText),
            ("pages", Stands::ForText),
            ("previous", Stands::ForText),
            ("next", Stands::ForText),
        ]),
    ),
];

pub(super) fn find(names: Names, name: &str) -> Option<Stands> {
    names.iter().find(|(known, _)| *known == name).map(|(_, stands)| *stands)
}
