//! `POST /v1/chat/completions` and `POST /v1/completions`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, header};
use wire::{Form, Request};

use super::App;
use super::body;
use super::caller::Caller;
use super::encoding;
use super::error::Error;
use crate::answer;
use crate::drive::{Drive, InProcess, Order};
use crate::fleet::Served;

/// A caller, or why they may not call.
type Admitted = Result<Caller, Error>;

pub(super) async fn chat(
    State(app): State<App>,
    caller: Admitted,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    complete(Form::Chat, app, caller, headers, body).await
}

pub(super) async fn text(
    State(app): State<App>,
    caller: Admitted,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    complete(Form::Text, app, caller, headers, body).await
}

async fn complete(form: Form, app: App, caller: Admitted, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    let caller = match caller {
        Ok(caller) => caller,
        Err(refused) => {
            body::discard(body, headers.contains_key(header::EXPECT)).await;
            return Err(refused);
        }
    };
    let request = match read(form, body, &headers, caller.waits).await {
        Ok(request) => request,
        Err(error) => return Err(error.of(caller.request_id)),
    };
    // They are slices of the connection's read buffer, which must not be kept for as long as the answer lasts.
    drop(headers);
    answer(app, request, caller, InProcess::default()).await
}

/// Answers `request`, whoever it came from.
pub(super) async fn answer(
    app: App,
    request: Request,
    caller: Caller,
    in_process: InProcess,
) -> Result<Response, Error> {
    let tiers = app.gateway.tiers();
    let Some(Served { route, gates }) = tiers.route_or_catch_all(request.model()) else {
        return Err(Error::unknown_model(request.model(), tiers.route_names()).of(caller.request_id));
    };
    let Caller { request_id: id, patience, .. } = caller;
    let (deadline, longest_silence) = patience.of(request.streamed());
    let order = Order { request: Arc::new(request), id, route, gates, deadline, longest_silence, in_process };
    // A comment in time keeps the caller's own timer from running out before the first token.
    let keep_alive = longest_silence.map_or(tiers.keep_alive, |silence| tiers.keep_alive.min(silence / 2));
    Ok(answer::to(Drive::begin(app.gateway, tiers, app.thread, order), keep_alive).await)
}

async fn read(form: Form, body: Body, headers: &HeaderMap, waits: bool) -> Result<Request, Error> {
    let layers = match encoding::layers(headers) {
        Ok(layers) => layers,
        Err(unknown) => {
            body::discard(body, waits).await;
            return Err(unknown);
        }
    };
    let mut read = body::read(body, waits).await?;
    if !layers.is_empty() {
        read = encoding::unpack(read, layers, body::LARGEST).await?;
    }
    Request::parse(form, read).map_err(Error::malformed)
}
