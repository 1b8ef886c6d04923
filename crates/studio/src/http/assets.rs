//! The front end, embedded: built by `make web`, compressed once, and cached by the browser for as long as its name holds.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use rust_embed::RustEmbed;

use super::document;
use super::error::Error;
use super::guard::asked;

/// What Vite has built. Without it everything is served but this.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Built;

const STUDIO: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                      connect-src 'self'; frame-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// The preview: generated pages run in it. `sandbox` without `allow-same-origin` gives it an origin of its own, however it is
/// opened.
const FRAME: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                     img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'";
const OPEN_FRAME: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' https:; style-src \
                          'unsafe-inline' https:; img-src data: blob: https:; font-src data: https:; connect-src https:; \
                          media-src https:; base-uri 'none'; form-action 'none'";
/// A built file has its content's hash in its name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const LOOK_AGAIN: &str = "no-cache";

const NOT_BUILT: &str = "The Studio's front end is not built into this binary: run `make web`, then `make build`.\n";

/// Whether the front end is built into this binary.
#[must_use]
pub fn has_front_end() -> bool {
    Built::get("index.html").is_some()
}

/// `GET /`
pub(super) async fn index(headers: HeaderMap) -> Response {
    answer("index.html", STUDIO, LOOK_AGAIN, &headers).unwrap_or_else(not_built)
}

/// `GET /frame[?network=1]`
pub(super) async fn frame(uri: Uri, headers: HeaderMap) -> Response {
    let policy = if asked(&uri, "network").as_deref() == Some("1") { OPEN_FRAME } else { FRAME };
    answer("frame/index.html", policy, LOOK_AGAIN, &headers).unwrap_or_else(not_built)
}

/// `GET /icon.svg`
pub(super) async fn icon(headers: HeaderMap) -> Response {
    answer("icon.svg", STUDIO, LOOK_AGAIN, &headers).unwrap_or_else(no_such_file)
}

/// `GET /assets/{path}`
pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&format!("assets/{path}"), STUDIO, FOR_EVER, &headers).unwrap_or_else(no_such_file)
}

fn not_built() -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response()
}

fn no_such_file() -> Response {
    Error::new(StatusCode::NOT_FOUND, "not_found", "There is no such file").into_response()
}

fn answer(path: &str, policy: &str, cache: &'static str, headers: &HeaderMap) -> Option<Response> {
    let built = Built::get(path)?;
    let packs = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|takes| takes.to_str().ok())
        .is_some_and(|takes| takes.contains("gzip"));
    let hash = built.metadata.sha256_hash();
    let body = if packs { packed(hash, &built.data) } else { Bytes::copy_from_slice(&built.data) };
    let mut response = document(content_type(path), policy, body);
    let response_headers = response.headers_mut();
    response_headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response_headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packs {
        response_headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

/// The file as gzip has it. Each is packed once: the whole front end takes some milliseconds.
fn packed(hash: [u8; 32], data: &[u8]) -> Bytes {
    static PACKED: OnceLock<Mutex<HashMap<[u8; 32], Bytes>>> = OnceLock::new();
    let mut all = PACKED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(hash)
        .or_insert_with(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(data).and_then(|()| encoder.finish()).expect("a vector takes all").into()
        })
        .clone()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}
