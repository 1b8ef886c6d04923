//! `GET /api/tiers`: what is known of each tier, and how its limits stand.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::App;
use super::caller::Caller;
use crate::fleet::TierFacts;

#[derive(Serialize)]
struct Tiers {
    tiers: Vec<TierFacts>,
}

pub(super) async fn facts(State(app): State<App>, _: Caller) -> Response {
    let tiers = Tiers { tiers: app.gateway.facts() };
    let body = serde_json::to_vec(&tiers).expect("strings, numbers and lists serialize");
    super::json(StatusCode::OK, body)
}
