//! `GET /v1/models`: the routes and the tiers, in OpenAI's form.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::App;
use super::caller::Caller;

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

pub(super) async fn models(State(app): State<App>, _: Caller) -> Response {
    let model = |id: &String| Model { id: id.clone(), object: "model", created: 0, owned_by: "tierfall" };
    let data = app.gateway.tiers().route_names().iter().map(model).collect();
    let list = serde_json::to_vec(&List { object: "list", data }).expect("strings serialize");
    super::json(StatusCode::OK, list)
}
