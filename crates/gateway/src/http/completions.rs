//! `POST /v1/chat/completions` and `POST /v1/completions`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use wire::{Form, Request};

use super::App;
use super::body;
use super::caller::Caller;
use super::error::Error;
use crate::answer;
use crate::drive::{Drive, InProcess, Order};
use crate::fleet::Served;

pub(super) async fn chat(State(app): State<App>, caller: Caller, body: Body) -> Result<Response, Error> {
    complete(Form::Chat, app, caller, body).await
}

pub(super) async fn text(State(app): State<App>, caller: Caller, body: Body) -> Result<Response, Error> {
    complete(Form::Text, app, caller, body).await
}

async fn complete(form: Form, app: App, caller: Caller, body: Body) -> Result<Response, Error> {
    let request = match read(form, body, caller.waits).await {
        Ok(request) => request,
        Err(error) => return Err(error.of(caller.request_id)),
    };
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
    let Some(Served { route, gates }) = tiers.route(request.model()) else {
        return Err(Error::unknown_model(request.model(), tiers.route_names()).of(caller.request_id));
    };
    let (id, deadline) = (caller.request_id, caller.deadline);
    let order = Order { request: Arc::new(request), id, route, gates, deadline, in_process };
    let keep_alive = tiers.keep_alive;
    Ok(answer::to(Drive::begin(app.gateway, tiers, app.thread, order), keep_alive).await)
}

async fn read(form: Form, body: Body, waits: bool) -> Result<Request, Error> {
    Request::parse(form, body::read(body, waits).await?).map_err(Error::malformed)
}
