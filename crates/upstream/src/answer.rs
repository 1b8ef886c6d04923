//! Reads an answer's head and first bytes, and says what it is: a stream, a whole answer, or a refusal.

mod events;
mod sniff;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wire::{NotAnAnswer, Whole};

pub use self::events::EventStream;
pub(crate) use self::events::Expected;
pub(crate) use self::sniff::{Sniffed, sniff};
use crate::failure::{Cause, Failure};
use crate::quota::{self, QuotaReading};
use crate::refusal;
use crate::target::Target;
use crate::transport;

/// The most that is read of a refusal.
const MOST_OF_A_REFUSAL: usize = 64 << 10;

/// How long the body of a refusal is waited for: its status has already said that the call failed.
const REFUSAL_LIMIT: Duration = Duration::from_secs(2);

/// The most that a whole answer may be.
const MOST_OF_AN_ANSWER: usize = 32 << 20;

/// An answer that began well.
#[derive(Debug)]
pub struct Answer {
    /// What the rate headers said.
    pub quotas: Vec<QuotaReading>,
    /// The answer itself.
    pub body: AnswerBody,
}

/// An answer by what came, which need not be what was asked for.
#[derive(Debug)]
pub enum AnswerBody {
    /// Server-sent events, read as they come.
    Stream(Box<EventStream>),
    /// A whole completion, checked to be one.
    Whole(Whole),
}

/// Reads a response to a completion call.
pub(crate) async fn read(expected: Expected, response: Response<Incoming>) -> Result<Answer, Failure> {
    let target = &Arc::clone(&expected.target);
    let (head, mut body) = response.into_parts();
    let status = head.status.as_u16();
    if !head.status.is_success() {
        return Err(refused(target, status, &head.headers, body).await);
    }
    let quotas = quota::readings(target.kind, &head.headers);
    let (start, sniffed) = first_bytes(&mut body).await?;
    let body = match sniffed {
        Sniffed::Events => AnswerBody::Stream(Box::new(EventStream::new(expected, start, body))),
        Sniffed::Json => {
            let whole = collect(start, &mut body, MOST_OF_AN_ANSWER).await?;
            AnswerBody::Whole(whole_answer(&expected, status, &head.headers, whole)?)
        }
        Sniffed::Html => return Err(page(target, status, &head.headers, start, body).await),
        Sniffed::Other => return Err(said_nothing_of_use(status, Cause::NotJson)),
        Sniffed::Undecided => return Err(said_nothing_of_use(status, Cause::Empty)),
    };
    Ok(Answer { quotas, body })
}

/// The most that a list of models may be: OpenRouter's of some hundred models with their descriptions is under a megabyte.
const MOST_OF_A_LIST: usize = 4 << 20;

/// Reads a response to a probe: any JSON, as long as a list of models is.
pub(crate) async fn read_json(target: &Target, response: Response<Incoming>) -> Result<Bytes, Failure> {
    let (head, mut body) = response.into_parts();
    let status = head.status.as_u16();
    if !head.status.is_success() {
        return Err(refused(target, status, &head.headers, body).await);
    }
    let (start, sniffed) = first_bytes(&mut body).await?;
    match sniffed {
        Sniffed::Json => collect(start, &mut body, MOST_OF_A_LIST).await,
        Sniffed::Html => Err(page(target, status, &head.headers, start, body).await),
        Sniffed::Events | Sniffed::Other => Err(said_nothing_of_use(status, Cause::NotJson)),
        Sniffed::Undecided => Err(said_nothing_of_use(status, Cause::Empty)),
    }
}

fn whole_answer(expected: &Expected, status: u16, headers: &HeaderMap, body: Bytes) -> Result<Whole, Failure> {
    let target = &expected.target;
    Whole::read(expected.form, body.clone(), expected.allowed).map_err(|why| match why {
        NotAnAnswer::NotJson { .. } => said_nothing_of_use(status, Cause::NotJson),
        NotAnAnswer::NoChoices => said_nothing_of_use(status, Cause::NotAnAnswer),
        NotAnAnswer::Empty => said_nothing_of_use(status, Cause::Empty),
        NotAnAnswer::BrokenOff => said_nothing_of_use(status, Cause::Truncated),
        NotAnAnswer::Error(_) => {
            let mut failure = refusal::read_within(target, body, Cause::AnswerError);
            failure.retry_after = quota::retry_after(headers).or(failure.retry_after);
            failure.quotas = quota::readings(target.kind, headers);
            failure
        }
    })
}

fn said_nothing_of_use(status: u16, cause: Cause) -> Failure {
    Failure { status: Some(status), ..cause.into() }
}

/// Reads a refusal. Whatever its body does, hang or break off, the status stands.
async fn refused(target: &Target, status: u16, headers: &HeaderMap, mut body: Incoming) -> Failure {
    let body = some_of(Bytes::new(), &mut body).await;
    refusal::read(target, status, headers, body).unwrap_or_else(|| said_nothing_of_use(status, Cause::Status))
}

/// Reads a page that came as a success: a provider that is only coming up may say so in it.
async fn page(target: &Target, status: u16, headers: &HeaderMap, start: Bytes, mut body: Incoming) -> Failure {
    let page = some_of(start, &mut body).await;
    refusal::read(target, status, headers, page).unwrap_or_else(|| said_nothing_of_use(status, Cause::Html))
}

/// The first 64 KiB of a body, or what of them came within two seconds.
async fn some_of(start: Bytes, body: &mut Incoming) -> Bytes {
    let mut read = BytesMut::from(start);
    let reading = async {
        while read.len() < MOST_OF_A_REFUSAL {
            let Some(Ok(frame)) = body.frame().await else { break };
            if let Some(data) = frame.data_ref() {
                read.extend_from_slice(&data[..data.len().min(MOST_OF_A_REFUSAL - read.len())]);
            }
        }
    };
    // A body that takes longer has said enough: what came of it is used.
    let _ = tokio::time::timeout(REFUSAL_LIMIT, reading).await;
    read.freeze()
}

/// Reads until the first bytes say what the body is. `Undecided` means that it ended before. Blank lines that keep a waiting
/// connection alive (DeepSeek sends them) are dropped.
async fn first_bytes(body: &mut Incoming) -> Result<(Bytes, Sniffed), Failure> {
    let mut start = Bytes::new();
    loop {
        let Some(frame) = body.frame().await else { return Ok((start, Sniffed::Undecided)) };
        let frame = frame.map_err(|error| match transport::cause(&error) {
            Cause::Reset => Failure::from(Cause::Reset),
            _ => Cause::Truncated.into(),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        start = if start.trim_ascii().is_empty() { data } else { [start, data].concat().into() };
        match sniff(&start) {
            Sniffed::Undecided => {}
            decided => return Ok((start, decided)),
        }
    }
}

/// Reads a body to its end. One that came in a single frame is not copied.
async fn collect(start: Bytes, body: &mut Incoming, most: usize) -> Result<Bytes, Failure> {
    let mut grown: Option<BytesMut> = None;
    loop {
        let Some(frame) = body.frame().await else { return Ok(grown.map_or(start, BytesMut::freeze)) };
        let Ok(data) = frame.map_err(|_| Failure::from(Cause::Truncated))?.into_data() else { continue };
        let whole = grown.get_or_insert_with(|| BytesMut::from(start.as_ref()));
        if whole.len() + data.len() > most {
            return Err(Cause::Oversized.into());
        }
        whole.extend_from_slice(&data);
    }
}
