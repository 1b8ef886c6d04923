//! DeepSite's way of asking (`/api/ask`), in its third and fourth form, so that its front end runs against the Studio
//! unchanged. A caller who leaves cancels the request, as in the gateway; nothing is kept, for that front end keeps it all.
//!
//! Data runs one way: a body is a [`request`], a [`work`] asks for a new page ([`first`]) or for a change of pages ([`change`]),
//! what comes is seen for what it is ([`shape`], [`blocks`](crate::edit::blocks)) and told ([`teller`]) as DeepSite marks it
//! ([`marks`]).

mod change;
mod files;
mod first;
mod hunks;
mod in_words;
mod marks;
mod prompt;
mod recent_pages;
mod refusal;
mod request;
mod shape;
mod sure_wish;
mod teller;
mod work;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http::{HeaderMap, HeaderName, header};
use tokio::sync::mpsc;

use crate::http::App;
use crate::model_client::Failure;
use request::{Request, Sent};
use teller::{Output, Teller};
use work::Work;

pub(crate) use recent_pages::Made;

/// After so long a silence a caller gets a comment, or a blank where no text has come yet, so that no proxy on the way takes the
/// connection for dead.
const QUIET: Duration = Duration::from_secs(10);
/// So many pieces of an answer wait for a caller who reads slowly.
const WAITING: usize = 64;

/// `POST /api/ask`
pub(crate) async fn post(state: State<App>, headers: HeaderMap, body: Body) -> Response {
    answer(state, Sent::Post, &headers, body).await
}

/// `PUT /api/ask`
pub(crate) async fn put(state: State<App>, headers: HeaderMap, body: Body) -> Response {
    answer(state, Sent::Put, &headers, body).await
}

async fn answer(State(app): State<App>, sent: Sent, headers: &HeaderMap, body: Body) -> Response {
    if app.entry.admit(headers).is_err() {
        return refusal::no_key();
    }
    let body = match crate::http::read(body).await {
        Ok(body) => body,
        Err(error) => return refusal::unread(&error),
    };
    let request = match Request::read(sent, &body) {
        Ok(request) => request,
        Err((form, wrong)) => return refusal::wrong(form, &wrong),
    };
    let output = if wants_events(headers) { Output::Events } else { Output::Text(request.form) };
    let (caller, answer) = mpsc::channel(WAITING);
    let mut work = Work::new(app.studio, app.entry, request, Teller::new(output, caller.clone()));
    tokio::spawn(async move {
        let ended = tokio::select! {
            ended = AssertUnwindSafe(carry_out(&mut work)).catch_unwind() => ended,
            () = caller.closed() => return,
        };
        // A panic is told as a failure and not as a silence.
        if ended.is_err() {
            work.teller.failed(&Failure::of_our_own()).await;
        }
    });
    told(output, answer)
}

async fn carry_out(work: &mut Work) {
    match work.request.pages.is_empty() {
        true => first::make(work).await,
        false => change::make(work).await,
    }
}

fn told(output: Output, answer: mpsc::Receiver<Bytes>) -> Response {
    let kind = match output {
        Output::Text(_) => "text/plain; charset=utf-8",
        Output::Events => "text/event-stream; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let pieces = stream::unfold((answer, false), move |(mut answer, begun)| async move {
        let piece = match tokio::time::timeout(QUIET, answer.recv()).await {
            Ok(piece) => piece?,
            Err(_) if output == Output::Events => wire::sse::comment("tierfall waiting"),
            // A blank before a text, or before the JSON of a failure, is no part of either.
            Err(_) if !begun => return Some((Ok::<_, Infallible>(Bytes::from_static(b"\n")), (answer, begun))),
            // Whatever is said within a text belongs to it.
            Err(_) => answer.recv().await?,
        };
        Some((Ok(piece), (answer, true)))
    });
    (headers, Body::from_stream(pieces)).into_response()
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/event-stream"))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silence_is_broken_before_a_text_and_between_events_and_never_within_a_text() {
        for (output, quiet) in [(Output::Text(request::Form::V3), "\n\n{}"), (Output::Events, ": tierfall waiting\n\n")]
        {
            let (caller, answer) = mpsc::channel(1);
            let late = tokio::spawn(async move {
                tokio::time::sleep(QUIET * 5 / 2).await;
                let _ = caller.send(Bytes::from_static(b"{")).await;
                tokio::time::sleep(QUIET * 5 / 2).await;
                let _ = caller.send(Bytes::from_static(b"}")).await;
            });
            let whole = told(output, answer).into_body().collect().await.expect("a body").to_bytes();
            late.await.expect("it ends");
            let whole = String::from_utf8_lossy(&whole).into_owned();
            match output {
                Output::Text(_) => assert_eq!(whole, quiet),
                Output::Events => assert_eq!(whole, format!("{quiet}{quiet}{{{quiet}{quiet}}}")),
            }
        }
    }
}
