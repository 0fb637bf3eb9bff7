//! What this package's executable, tests and fuzz targets use of the library: not an API.
//!
//! Everything else is private to the crate, so that the compiler reports what is unused.
#![allow(missing_docs, reason = "each item is documented where it is defined")]

pub mod cgi {
    pub mod body {
        pub use crate::cgi::body::{announced, drain};
    }
    pub mod target {
        pub use crate::cgi::target::{Mount, PATH_MAX, Target};
    }
    pub mod variables {
        pub use crate::cgi::variables::Variables;
    }
}

pub mod cli {
    pub use crate::cli::run;
    pub mod commands {
        pub use crate::cli::commands::{
            COMMANDS, Command, Completion, Count, Operand, Opt, TRANSFORM,
        };
    }
}

pub mod doctor {
    pub mod probe {
        pub use crate::doctor::probe::answer;
    }
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
    pub mod coding {
        pub use crate::http::coding::Coding;
    }
    pub mod output {
        pub use crate::http::output::{Extent, Output, StandardOutput};
    }
    pub mod reply {
        pub use crate::http::reply::Reply;
    }
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
    pub mod keys {
        pub use crate::settings::keys::{Pages, Secrets, Settings, Source, VARIABLE};
    }
}

pub mod site {
    pub mod answer {
        pub use crate::site::answer::{Answer, Storage, answer};
    }
    pub mod archive {
        pub use crate::site::archive::Archive;
    }
    pub mod descriptor {
        pub use crate::site::descriptor::{Descriptor, Tables, Traits};
    }
    pub mod exe_file {
        pub use crate::site::exe_file::{ExeFile, Found, RecordBuffer};
    }
    pub mod find {
        pub use crate::site::find::find;
    }
    pub mod record {
        pub use crate::site::record::{Corrupt, Form, Kind, Record, Rules, SITE, Site, THUMBNAILS};
    }
}

pub mod sys {
    pub use crate::sys::Process;
    pub mod arena {
        pub use crate::sys::arena::Arena;
    }
    pub mod embedded {
        pub use crate::sys::embedded::{File, descriptor, open_file, site, traits};
    }
    pub mod start {
        pub use crate::sys::start::{exit, with_libc};
    }
}

pub mod thumbs {
    pub mod address {
        pub mod geometry {
            pub use crate::thumbs::address::geometry::{Crop, geometry};
        }
        pub mod signature {
            pub use crate::thumbs::address::signature::{Key, sign, verify};
        }
        pub mod transform {
            pub use crate::thumbs::address::transform::{Format, Transform};
        }
    }
    pub mod cache {
        pub mod entry {
            pub use crate::thumbs::cache::entry::PIXELS;
        }
    }
}
