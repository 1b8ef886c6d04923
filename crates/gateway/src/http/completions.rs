//! `POST /v1/chat/completions` and `POST /v1/completions`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use wire::Form;

use super::App;
use super::caller::Caller;
use super::error::Error;
use crate::answer;
use crate::drive::{Drive, Order};

/// The largest body, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

pub(super) async fn chat(State(app): State<App>, caller: Caller, body: Body) -> Result<Response, Error> {
    complete(Form::Chat, app, caller, body).await
}

pub(super) async fn text(State(app): State<App>, caller: Caller, body: Body) -> Result<Response, Error> {
    complete(Form::Text, app, caller, body).await
}

async fn complete(form: Form, app: App, caller: Caller, body: Body) -> Result<Response, Error> {
    let request = wire::Request::parse(form, read(body).await?).map_err(Error::malformed)?;
    let tiers = app.gateway.tiers();
    let route =
        tiers.route(request.model()).ok_or_else(|| Error::unknown_model(request.model(), tiers.route_names()))?;
    let order = Order { request: Arc::new(request), id: caller.request_id, route, deadline: caller.deadline };
    let keep_alive = tiers.keep_alive;
    Ok(answer::to(Drive::begin(app.gateway, tiers, app.thread, order), keep_alive).await)
}

async fn read(body: Body) -> Result<Bytes, Error> {
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::too_large(LARGEST)),
        Err(_) => Err(Error::unreadable()),
    }
}
