//! What tests share.

pub(crate) mod folder;
pub(crate) mod pictures;
pub(crate) mod reply;
pub(crate) mod site;
pub(crate) mod thumbnails;
pub(crate) mod watch;
