//! The names that mean something in a template: an enum for each kind of entry, so that the
//! compiler checks that every name has a value. The comment in `src/gallery/template.html`
//! explains them.

/// An entry's names, as the enum that its values are asked for by.
pub trait Name: Copy + Sized {
    /// All of them, as they are written in a template.
    const NAMES: Names;

    /// The name that is written like this.
    fn parse(name: &str) -> Option<Self>;
}

/// Names, and the kind of each.
pub type Names = &'static [(&'static str, Kind)];

/// The kind of value that a name has.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text, possibly empty.
    Text,
    /// A list, whose entries have these names.
    List(Names),
}

/// Defines enums and their [`Name`] impls from how the variants are written in a template;
/// `of ENTRY` makes a name a list of such entries.
macro_rules! names {
    (@kind) => { $crate::template::Kind::Text };
    (@kind $entry:ty) => {
        $crate::template::Kind::List(<$entry as $crate::template::Name>::NAMES)
    };
    ($($(#[$doc:meta])+ $vis:vis $type:ident {
        $($variant:ident = $name:literal $(of $entry:ty)?,)+
    })+) => { $(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug)]
        $vis enum $type { $(#[doc = concat!("`", $name, "`")] $variant,)+ }

        impl $crate::template::Name for $type {
            const NAMES: $crate::template::Names =
                &[$(($name, $crate::template::names::names!(@kind $($entry)?)),)+];

            fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+ };
}
pub(super) use names;

names! {
    /// Names on a gallery page, outside of any list.
    pub PageName {
        Mount = "mount", Name = "name", Count = "count", Unmade = "unmade",
        Crumbs = "crumbs" of CrumbName,
        Galleries = "galleries" of GalleryName,
        Photos = "photos" of PhotoName,
        Paging = "paging" of PagingName,
    }
    /// Names of an entry of `crumbs`.
    pub CrumbName { Href = "href", Name = "name", }
    /// Names of an entry of `galleries`.
    pub GalleryName {
        Href = "href", Name = "name", Count = "count", Cover = "cover" of CoverName,
    }
    /// Names of the entry of `cover`.
    pub CoverName { Src = "src", Srcset = "srcset", }
    /// Names of an entry of `photos`.
    pub PhotoName {
        Name = "name", File = "file", Href = "href", Src = "src", Srcset = "srcset",
        Width = "width", Height = "height",
    }
    /// Names of the entry of `paging`.
    pub PagingName { Page = "page", Pages = "pages", Previous = "previous", Next = "next", }
}
