//! The worker's HTTP server, on a thread of its own: it answers at once, whatever the model is doing.

use std::convert::Infallible;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::UnixStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::Form;

use super::answer::{self, Events};
use super::ask::{self, Ask};
use super::desk::Desk;
use super::load::{self, Lines};
use super::refusal::Refusal;

/// The gateway's own bound is 10 MB, before it adds a continuation.
const LARGEST_BODY: usize = 16 << 20;
/// Connections at once: far more than jobs that may wait, so that a health check always finds a place.
const MOST_CONNECTIONS: usize = 512;
/// Threads that render and tokenize prompts.
const PROMPT_THREADS: usize = 1;

type Body = Either<Full<Bytes>, Either<Events, Lines>>;

/// Binds the socket, for its owner only.
pub(super) fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves on a thread of its own, which ends only where it cannot begin.
pub(super) fn start(listener: UnixListener, desk: Arc<Desk>) -> io::Result<JoinHandle<io::Result<Infallible>>> {
    let serve = move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().max_blocking_threads(PROMPT_THREADS).build()?;
        runtime.block_on(accept(listener, desk))
    };
    thread::Builder::new().name("server".to_owned()).spawn(serve)
}

async fn accept(listener: UnixListener, desk: Arc<Desk>) -> io::Result<Infallible> {
    let listener = tokio::net::UnixListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(stream, place, desk.clone()))),
            // No descriptor is left; one will be when a connection has ended.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: UnixStream, _place: OwnedSemaphorePermit, desk: Arc<Desk>) {
    let service = service_fn(move |request| {
        let desk = desk.clone();
        async move { Ok::<_, Infallible>(respond(&desk, request).await) }
    });
    // A connection that breaks has cancelled its job already; there is nobody left to tell.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(desk: &Arc<Desk>, request: Request<Incoming>) -> Response<Body> {
    let form = match request.uri().path() {
        "/health" => return get(&request, || health(desk)),
        "/load" => return get(&request, || load(desk)),
        "/warm" if request.method() != Method::POST => return refuse(Refusal::method("POST")),
        "/warm" => return warm(desk, request.into_body()).await.unwrap_or_else(refuse),
        "/v1/models" => return get(&request, || models(desk)),
        "/v1/chat/completions" => Form::Chat,
        "/v1/completions" => Form::Text,
        "/v1/embeddings" => return refuse(Refusal::no_embeddings()),
        path => return refuse(Refusal::not_found(path)),
    };
    if request.method() != Method::POST {
        return refuse(Refusal::method("POST"));
    }
    complete(desk, form, request.into_body()).await.unwrap_or_else(refuse)
}

async fn complete(desk: &Arc<Desk>, form: Form, body: Incoming) -> Result<Response<Body>, Refusal> {
    let body = read(body).await?;
    let model = desk.loaded()?.clone();
    let asked = model.clone();
    let prepared = tokio::task::spawn_blocking(move || Ask::read(&asked, form, &body)).await;
    let ask = prepared.unwrap_or_else(|_| Err(Refusal::failed("the request could not be read")))?;
    let head = answer::Head::new(form, desk.name());
    let Ask { jobs, wanted, streamed } = ask;
    // Those that were taken end where one is not.
    let generations = jobs.into_iter().map(|job| model.generate(job)).collect::<Result<Vec<_>, _>>()?;
    if streamed {
        Ok(answer::stream(generations, head, &wanted).map(|events| Either::Right(Either::Left(events))))
    } else {
        Ok(answer::whole(generations, &head, &wanted).await?.map(Either::Left))
    }
}

/// The start of chats that are known to come: it is read while nobody asks.
async fn warm(desk: &Arc<Desk>, body: Incoming) -> Result<Response<Body>, Refusal> {
    let body = read(body).await?;
    let model = desk.loaded()?.clone();
    let asked = model.clone();
    let prepared = tokio::task::spawn_blocking(move || ask::start(&asked, &body)).await;
    let start = prepared.unwrap_or_else(|_| Err(Refusal::failed("the request could not be read")))?;
    let tokens = start.len();
    model.keep_warm(start)?;
    Ok(json_response(StatusCode::ACCEPTED, &json!({"tokens": tokens})))
}

async fn read(body: Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::too_large(LARGEST_BODY)),
        Err(_) => Err(Refusal::malformed("the body ended early")),
    }
}

fn get(request: &Request<Incoming>, answer: impl FnOnce() -> Response<Body>) -> Response<Body> {
    if request.method() == Method::GET { answer() } else { refuse(Refusal::method("GET")) }
}

fn refuse(refusal: Refusal) -> Response<Body> {
    refusal.into_response().map(Either::Left)
}

fn health(desk: &Desk) -> Response<Body> {
    match desk.model() {
        Ok(model) => {
            let info = model.info();
            let body = json!({"status": "ok", "context": info.context, "parallel": info.parallel,
                "threads": info.threads, "architecture": info.architecture, "quantisation": info.quantisation,
                "load": *model.loads().borrow(), "warm": *model.warmth().borrow()});
            json_response(StatusCode::OK, &body)
        }
        Err(percent) => {
            json_response(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "loading", "percent": percent}))
        }
    }
}

fn load(desk: &Desk) -> Response<Body> {
    match desk.loaded() {
        Ok(model) => load::stream(model.loads()).map(|lines| Either::Right(Either::Right(lines))),
        Err(refusal) => refuse(refusal),
    }
}

fn models(desk: &Desk) -> Response<Body> {
    let model = json!({"id": desk.name(), "object": "model", "created": 0, "owned_by": "tierfall"});
    json_response(StatusCode::OK, &json!({"object": "list", "data": [model]}))
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(body.to_string()))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
