//! Turns the errors of thumbnails, gallery pages and settings into replies.

use std::string::{String, ToString};

use crate::cgi::request::Request;
use crate::error::RequestError;
use crate::http::reply::Reply;
use crate::settings::load::LoadError;
use crate::site::answer;
use crate::site::archive::Archive;
use crate::thumbs::make::MakeError;
use crate::thumbs::queue::QueueError;
use crate::{gallery, imaging};

/// An error with its details.
pub(super) struct ReplyError {
    pub(super) failure: RequestError,
    /// Goes to the log; may be empty.
    pub(super) detail: String,
    /// Whether the visitor sees the detail, too.
    is_public: bool,
}

impl ReplyError {
    /// The detail as HTML for the visitor; empty if it isn't public.
    pub(super) fn explanation(&self) -> String {
        if self.is_public { paragraph(&self.detail) } else { String::new() }
    }

    pub(super) fn reply<'a>(
        &self,
        explanation: &'a str,
        request: &Request<'a>,
        archive: &Archive<'a>,
    ) -> Reply<'a> {
        match answer::fail(request, archive, self.failure) {
            Reply::Error(failure) => Reply::Explained(failure, explanation.as_bytes()),
            page => page,
        }
    }
}

impl From<RequestError> for ReplyError {
    fn from(failure: RequestError) -> Self {
        Self { failure, detail: String::new(), is_public: false }
    }
}

impl From<gallery::GalleryError> for ReplyError {
    fn from(error: gallery::GalleryError) -> Self {
        Self { failure: error.failure, detail: error.detail, is_public: false }
    }
}

/// Errors in the settings concern the site's owner alone, so they aren't public.
impl From<LoadError<'_>> for ReplyError {
    fn from(error: LoadError<'_>) -> Self {
        Self { failure: RequestError::Settings, detail: error.to_string(), is_public: false }
    }
}

impl From<MakeError<imaging::Error>> for ReplyError {
    fn from(error: MakeError<imaging::Error>) -> Self {
        let detail = error.to_string();
        let (failure, is_public) = match error {
            MakeError::Queue(QueueError::Busy) => return RequestError::Busy.into(),
            MakeError::Queue(QueueError::Lock(..)) => (RequestError::Lock, false),
            MakeError::Render(imaging::Error::Request) => return RequestError::Side.into(),
            MakeError::Render(error) => {
                (RequestError::Making(error.status(), error.code()), error.status() < 500)
            }
        };
        Self { failure, detail, is_public }
    }
}

/// A paragraph of HTML with this text.
fn paragraph(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    std::format!("<p>{text}</p>\n")
}
