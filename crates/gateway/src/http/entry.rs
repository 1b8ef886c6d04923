//! The way in for what is served beside the gateway: the same service, asked in process and not over a socket.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::HeaderMap;
use wire::{Form, Request};

use super::caller::{self, Caller, Patience};
use super::completions;
use super::error::Error;
use super::{App, request_id};
use crate::drive::InProcess;
use crate::observer::Observer;

/// The gateway as one of its threads serves it. What is asked through it runs on that thread's connections, so it is to be
/// polled on that thread's runtime.
#[derive(Clone)]
pub struct Entry(App);

/// A chat completion that is asked for from within the process. It needs no key.
#[derive(Clone)]
pub struct Question {
    /// The body of `POST /v1/chat/completions`.
    pub body: Bytes,
    /// A grammar in llama.cpp's form (GBNF), given to the user's own tiers alone: a cloud refuses a member that it does not
    /// know.
    pub grammar: Option<String>,
    /// Told of this request's steps, beside the gateway's own observer.
    pub observer: Option<Arc<dyn Observer>>,
}

/// A tier of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierOfRoute {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// Whether it runs on the user's own machines.
    pub self_hosted: bool,
}

impl Entry {
    pub(crate) fn new(app: App) -> Self {
        Self(app)
    }

    /// Answers `question` as the server would answer its body: whole or as a stream, its refusal included. Dropping the
    /// future, or the answer's body, cancels the request as a caller does who leaves.
    pub async fn ask(&self, question: Question) -> Response {
        let Question { body, grammar, observer } = question;
        let caller = Caller { request_id: request_id(&HeaderMap::new()), patience: Patience::default(), waits: false };
        let request = match Request::parse(Form::Chat, body) {
            Ok(request) => request,
            Err(malformed) => return Error::malformed(malformed).of(caller.request_id).into_response(),
        };
        let answer = completions::answer(self.0.clone(), request, caller, InProcess { grammar, observer });
        Box::pin(answer).await.unwrap_or_else(Error::into_response)
    }

    /// Checks a caller's key as `/v1` does.
    ///
    /// # Errors
    ///
    /// The refusal that such a caller gets, where keys are configured and `headers` hold none of them.
    #[allow(clippy::result_large_err, reason = "it is the answer, and made once a refused request")]
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Response> {
        caller::admit(&self.0, headers).map_err(Error::into_response)
    }

    /// Whether callers must send a key.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        !self.0.gateway.tiers().keys.open()
    }

    /// Whether some tier can answer, as `GET /ready` says it.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.0.gateway.tiers().ready(self.0.gateway.now())
    }

    /// The tiers behind the route of this name, in the order in which they are asked; `None` where there is no such route.
    #[must_use]
    pub fn tiers_of(&self, route: &str) -> Option<Vec<TierOfRoute>> {
        let tiers = self.0.gateway.tiers();
        let served = tiers.route(route)?;
        let of = |&id: &cascade::TierId| {
            let settings = tiers.settings(id);
            let self_hosted = settings.target.kind.hosting == upstream::Hosting::SelfHosted;
            TierOfRoute { number: settings.number, name: settings.name.clone(), self_hosted }
        };
        Some(served.route.tiers.iter().map(of).collect())
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("thread", &self.0.thread).finish_non_exhaustive()
    }
}
