//! What this package's executable, tests and fuzz targets use of the library: not an API.
//!
//! Everything else is private to the crate, so that the compiler reports what is unused.
#![allow(missing_docs, reason = "each item is documented where it is defined")]

pub mod cgi {
    pub use crate::cgi::body;
    pub use crate::cgi::variables::Variables;
    pub mod target {
        pub use crate::cgi::target::{Mount, PATH_MAX, Target};
    }
}

pub mod cli {
    pub use crate::cli::{commands, run};
}

pub mod doctor {
    pub use crate::doctor::probe;
}

pub mod error {
    pub use crate::error::RequestError;
}

pub mod fast {
    pub use crate::fast::{Outcome, Work, respond};
}

pub mod full {
    pub use crate::full::finish;
}

pub mod gallery {
    pub use crate::gallery::{Gallery, answer};
}

pub mod http {
    pub use crate::http::coding::Coding;
    pub use crate::http::output::{Extent, Output, StandardOutput};
    pub use crate::http::reply::Reply;
}

pub mod imaging {
    pub use crate::imaging::{
        Error, LimitError, Limits, Orientation, OriginalError, Rendered, exif, probe, render,
    };
}

pub mod jpeg {
    pub use crate::jpeg::{
        Chroma, Colour, Decoder, Error, Feature, Header, Orientation, Pixels, Plan, Scale, Strips,
    };
}

#[cfg(feature = "tools")]
pub mod pack {
    // describe is for build.rs, which compiles its own copy of the packer.
    pub use crate::pack::{PackError, Report, attach, describe, pack, verify};
}

pub mod settings {
    pub use crate::settings::keys::{Pages, Secrets, Settings, Source, VARIABLE};
}

pub mod site {
    pub use crate::site::descriptor::{Descriptor, Tables, Traits};
    pub use crate::site::record::{Corrupt, Form, Kind, Record, Rules, SITE, Site, THUMBNAILS};
    pub use crate::site::{archive, exe_file, find};
    pub mod answer {
        pub use crate::site::answer::{Answer, Storage, answer};
    }
}

pub mod sys {
    pub use crate::sys::{Process, arena, start};
    pub mod embedded {
        pub use crate::sys::embedded::{File, descriptor, open_file, site, traits};
    }
}

pub mod thumbs {
    pub use crate::thumbs::address::geometry::{Crop, geometry};
    pub use crate::thumbs::address::signature::{Key, sign, verify};
    pub use crate::thumbs::address::transform::{Format, Transform};
    pub use crate::thumbs::cache::entry::PIXELS;
}
