//! `GET /v1/models` and `GET /v1/models/{id}`: the routes and the tiers, in OpenAI's form.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::App;
use super::caller::Caller;
use super::error::Error;
use crate::fleet::Tiers;

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
    /// The numbers of the tiers behind it, in the order in which they are asked.
    tiers: Vec<u32>,
}

impl Model {
    /// `None` where there is no such route.
    fn of(tiers: &Tiers, id: &str) -> Option<Self> {
        let behind = tiers.route(id)?.route.tiers.iter().map(|&tier| tiers.settings(tier).number).collect();
        Some(Self { id: id.to_owned(), object: "model", created: 0, owned_by: "tierfall", tiers: behind })
    }
}

pub(super) async fn models(State(app): State<App>, _: Caller) -> Response {
    let tiers = app.gateway.tiers();
    let data = tiers.route_names().iter().filter_map(|id| Model::of(&tiers, id)).collect();
    let list = serde_json::to_vec(&List { object: "list", data }).expect("strings and numbers serialize");
    super::json(StatusCode::OK, list)
}

/// One of them. An id may hold slashes, as they are or behind percent signs.
pub(super) async fn model(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Response, Error> {
    let tiers = app.gateway.tiers();
    let Some(model) = Model::of(&tiers, &id) else {
        return Err(Error::unknown_model(&id, tiers.route_names()).of(caller.request_id));
    };
    let model = serde_json::to_vec(&model).expect("strings and numbers serialize");
    Ok(super::json(StatusCode::OK, model))
}
