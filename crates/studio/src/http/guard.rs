//! Who may call: whoever has a key. Pages of other origins and strange names are refused by the gateway, for all that it
//! serves.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Uri;

use super::App;

/// Lets in who holds a key, where keys are asked for.
pub(super) async fn key(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.entry.admit(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused,
    }
}

/// What an address asks for behind its question mark.
pub(super) fn asked(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
