//! What is answered where there is no picture and no page.

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

/// What fails, and what more there is to say of it.
pub(super) struct Refusal {
    pub(super) failure: RequestError,
    pub(super) detail: String,
    /// The visitor is told as well, not the log alone.
    is_public: bool,
}

impl Refusal {
    /// What the visitor is told beside the status, in HTML.
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

impl From<RequestError> for Refusal {
    fn from(failure: RequestError) -> Self {
        Self { failure, detail: String::new(), is_public: false }
    }
}

impl From<gallery::GalleryError> for Refusal {
    fn from(refusal: gallery::GalleryError) -> Self {
        Self { failure: refusal.failure, detail: refusal.detail, is_public: false }
    }
}

/// What is wrong with the settings is the owner's business.
impl From<LoadError<'_>> for Refusal {
    fn from(trouble: LoadError<'_>) -> Self {
        Self { failure: RequestError::Settings, detail: trouble.to_string(), is_public: false }
    }
}

impl From<MakeError<imaging::Error>> for Refusal {
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

/// A text as a paragraph of HTML.
fn paragraph(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    std::format!("<p>{text}</p>\n")
}
