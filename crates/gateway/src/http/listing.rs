//! `GET /v1/models` and `GET /v1/models/{id}`: the routes and the tiers, in OpenAI's form.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::App;
use super::caller::Caller;
use super::error::Error;

#[derive(Serialize)]
struct List {
    object: &'static str,
    data: Vec<Model>,
}

#[derive(Serialize)]
struct Model {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

impl Model {
    fn named(id: &str) -> Self {
        Self { id: id.to_owned(), object: "model", created: 0, owned_by: "tierfall" }
    }
}

pub(super) async fn models(State(app): State<App>, _: Caller) -> Response {
    let data = app.gateway.tiers().route_names().iter().map(|id| Model::named(id)).collect();
    let list = serde_json::to_vec(&List { object: "list", data }).expect("strings serialize");
    super::json(StatusCode::OK, list)
}

/// One of them. An id may hold slashes, as they are or behind percent signs.
pub(super) async fn model(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Error> {
    let tiers = app.gateway.tiers();
    if tiers.route(&id).is_none() {
        return Err(Error::unknown_model(&id, tiers.route_names()).of(caller.request_id));
    }
    let model = serde_json::to_vec(&Model::named(&id)).expect("strings serialize");
    Ok(super::json(StatusCode::OK, model))
}
