//! Every way in which a call to a tier can fail, in one enum, each with its words and its short code.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::quota::QuotaReading;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No connection within the tier's connect limit, which covers DNS, TCP and TLS together.
    ConnectTimeout(Duration),
    /// No list of models ([`Upstream::models`](crate::Upstream::models)) in time.
    Timeout(Duration),
    /// Nobody listens there.
    Refused,
    /// The connection was reset or closed before an answer.
    Reset,
    /// The host's name does not resolve.
    Dns,
    /// The TLS handshake failed, and how.
    Tls(String),
    /// The network says no in another way, and which.
    Unreachable(String),
    /// The other side speaks something else than HTTP.
    NotHttp,
    /// A status that is not success and that nothing below says better.
    Status,
    /// The key is missing, wrong or expired.
    Unauthorized,
    /// The key may not do this.
    Forbidden,
    /// The provider does not have the model (any more).
    ModelNotFound,
    /// The prompt with its `max_tokens` is more than the model, or the provider's plan, takes: tokens, as far as it says.
    ContextTooLong {
        /// What the request comes to.
        asked: Option<u32>,
        /// What there is room for.
        fits: Option<u32>,
    },
    /// The request asks for what the engine cannot do, in its words; another tier may.
    Unsupported(String),
    /// The provider's content filter refused; that is the answer.
    ContentFilter,
    /// The tier refuses this request: another one may take it.
    Rejected,
    /// The provider has closed or limited this account.
    Restricted,
    /// Something on the way says no and not the provider: a challenge of a content delivery network, a firewall.
    Blocked,
    /// A redirect that is not followed, to this place: another host, or none.
    Redirected(String),
    /// This process has no file descriptor left for a connection. It is nobody else's fault.
    OutOfFiles,
    /// Too many requests or tokens for now.
    RateLimited,
    /// The plan's quota or credit is used up; waiting a minute does not help.
    QuotaExhausted,
    /// The provider is at capacity.
    Overloaded,
    /// Asleep, building or loading; it comes up by itself.
    Waking {
        /// How long it says it will take.
        estimated: Option<Duration>,
    },
    /// It cannot answer, and says why.
    Unavailable(String),
    /// A success whose body is no JSON.
    NotJson,
    /// A success whose body is an HTML page.
    Html,
    /// JSON, but no completion.
    NotAnAnswer,
    /// It ended without having said anything.
    Empty,
    /// A stream broke off before its end.
    Cut,
    /// A whole answer broke off before its end.
    Truncated,
    /// An error event in the stream, in the provider's words, shortened.
    StreamError(String),
    /// An error object in the body of a success, in the provider's words, shortened.
    AnswerError(String),
    /// The answer, or one event of it, is larger than any real one.
    Oversized,
}

/// A call that failed. Its `Display` is the reason in the log line, and holds no key, no prompt and no more of the
/// provider's words than [`Cause`] carries.
#[derive(Debug, Clone, thiserror::Error)]
pub struct Failure {
    /// Why.
    pub cause: Cause,
    /// The HTTP status, where there was one; for an error inside a success, the status that the error names.
    pub status: Option<u16>,
    /// When the provider says it may be asked again: `Retry-After` in either form, its own words for it, or, for a 429 that
    /// has neither, when the quota that is spent resets.
    pub retry_after: Option<Duration>,
    /// What the rate headers of the refusal said.
    pub quotas: Vec<QuotaReading>,
    /// Whether a content delivery network asks for proof of a person: no program gets through.
    pub challenged: bool,
    /// The member of the request that the refusal names.
    pub member: Option<Member>,
    /// The refusal itself, for what goes back to the caller as the provider gave it.
    pub provider: Option<Box<ProviderAnswer>>,
}

/// A member of the request, by its name at the top level of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether the tier does not take the member at all, whatever it says.
    pub unknown: bool,
}

/// A provider's refusal as it came. An authorization value that it echoes is blotted out.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Its content type.
    pub content_type: Option<String>,
    /// Its body: at most 64 KiB.
    pub body: Bytes,
}

impl fmt::Debug for ProviderAnswer {
    /// Says how long the body is and not what it is: refusals quote prompts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderAnswer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_len", &self.body.len())
            .finish()
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            status: None,
            retry_after: None,
            quotas: Vec::new(),
            challenged: false,
            member: None,
            provider: None,
        }
    }
}

impl Failure {
    /// The short token for `x-tierfall-attempts`: the status number where a status is the cause, a word otherwise.
    pub fn code(&self) -> Cow<'static, str> {
        let word = match &self.cause {
            Cause::ConnectTimeout(_) | Cause::Timeout(_) => "timeout",
            Cause::Refused => "refused",
            Cause::Reset => "reset",
            Cause::Dns => "dns",
            Cause::Tls(_) => "tls",
            Cause::Unreachable(_) => "unreachable",
            Cause::NotHttp => "not-http",
            Cause::ModelNotFound => "model-not-found",
            Cause::ContextTooLong { .. } => "too-long",
            Cause::Unsupported(_) => "unsupported",
            Cause::ContentFilter => "content-filter",
            Cause::Restricted => "restricted",
            Cause::Blocked if self.challenged => "blocked",
            Cause::Redirected(_) => "redirected",
            Cause::OutOfFiles => "out-of-files",
            Cause::Waking { .. } => "waking",
            Cause::Unavailable(_) => "unavailable",
            Cause::NotJson => "not-json",
            Cause::Html => "html",
            Cause::NotAnAnswer => "not-an-answer",
            Cause::Empty => "empty",
            Cause::Cut | Cause::Truncated => "cut",
            Cause::StreamError(_) | Cause::AnswerError(_) => "error",
            Cause::Oversized => "oversized",
            Cause::Status
            | Cause::Unauthorized
            | Cause::Forbidden
            | Cause::Blocked
            | Cause::Rejected
            | Cause::RateLimited
            | Cause::QuotaExhausted
            | Cause::Overloaded => return Cow::Owned(self.number().to_string()),
        };
        Cow::Borrowed(word)
    }

    /// The status that the words and the code name: the one that came, or what the cause stands for.
    fn number(&self) -> u16 {
        self.status.unwrap_or(match self.cause {
            Cause::Unauthorized => 401,
            Cause::QuotaExhausted => 402,
            Cause::Forbidden | Cause::Restricted | Cause::Blocked => 403,
            Cause::RateLimited => 429,
            Cause::Rejected => 400,
            _ => 503,
        })
    }

    fn waking(&self, estimated: Option<Duration>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (estimated, self.status) {
            (Some(estimated), _) => write!(f, "waking (about {} s)", estimated.as_secs_f64().ceil()),
            (None, Some(status)) if status >= 300 => write!(f, "waking ({})", StatusLine(status)),
            (None, _) => f.write_str("waking (HTML instead of JSON)"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::ConnectTimeout(limit) | Cause::Timeout(limit) => write!(f, "timeout after {}ms", limit.as_millis()),
            Cause::Refused => f.write_str("connection refused"),
            Cause::Reset => f.write_str("connection reset"),
            Cause::Dns => f.write_str("host not found"),
            Cause::Tls(how) => write!(f, "TLS: {how}"),
            Cause::Unreachable(how) => write!(f, "unreachable: {how}"),
            Cause::NotHttp => f.write_str("not HTTP"),
            Cause::ModelNotFound => f.write_str("model not found"),
            Cause::ContextTooLong { asked: Some(asked), fits: Some(fits) } => {
                write!(f, "prompt too long: {asked} tokens, {fits} fit")
            }
            Cause::ContextTooLong { fits: Some(fits), .. } => write!(f, "prompt too long: {fits} tokens fit"),
            Cause::ContextTooLong { .. } => f.write_str("prompt too long"),
            Cause::Unsupported(what) => write!(f, "not supported ({what})"),
            Cause::ContentFilter => f.write_str("refused by the content filter"),
            Cause::Restricted => write!(f, "the account is restricted ({})", StatusLine(self.number())),
            Cause::Blocked if self.challenged => write!(f, "blocked on the way ({})", StatusLine(self.number())),
            Cause::Redirected(to) => write!(f, "redirected to {to}"),
            Cause::OutOfFiles => f.write_str("too many open files here"),
            Cause::Waking { estimated } => self.waking(*estimated, f),
            Cause::Unavailable(why) => write!(f, "unavailable ({why})"),
            Cause::NotJson => f.write_str("not JSON"),
            Cause::Html => f.write_str("HTML instead of JSON"),
            Cause::NotAnAnswer => f.write_str("not an answer"),
            Cause::Empty => f.write_str("empty answer"),
            Cause::Cut => f.write_str("stream cut off"),
            Cause::Truncated => f.write_str("answer cut off"),
            Cause::StreamError(what) => write!(f, "error in the stream: {what}"),
            Cause::AnswerError(what) => write!(f, "error in the answer: {what}"),
            Cause::Oversized => f.write_str("answer too large"),
            Cause::Unauthorized if self.number() != 401 => write!(f, "key refused ({})", StatusLine(self.number())),
            Cause::Status
            | Cause::Unauthorized
            | Cause::Forbidden
            | Cause::Blocked
            | Cause::Rejected
            | Cause::RateLimited
            | Cause::QuotaExhausted
            | Cause::Overloaded => StatusLine(self.number()).fmt(f),
        }
    }
}

/// `503 Service Unavailable`: a status and its canonical reason, with those that RFC 9110 does not know.
struct StatusLine(u16);

impl fmt::Display for StatusLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = StatusCode::from_u16(self.0).ok().and_then(|status| status.canonical_reason());
        let reason = match self.0 {
            498 => Some("Capacity Exceeded"),
            529 => Some("Overloaded"),
            _ => known,
        };
        match reason {
            Some(reason) => write!(f, "{} {reason}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A provider's words as one short line for the log.
pub(crate) fn quote(words: &str) -> String {
    const LONGEST: usize = 120;
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|char| !char.is_control()).collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cause: Cause, status: u16) -> Failure {
        Failure { status: Some(status), ..Failure::from(cause) }
    }

    #[test]
    fn words_and_codes_are_the_contracts() {
        let table = [
            (Cause::ConnectTimeout(Duration::from_secs(5)).into(), "timeout after 5000ms", "timeout"),
            (Cause::Refused.into(), "connection refused", "refused"),
            (Cause::Dns.into(), "host not found", "dns"),
            (with(Cause::Unauthorized, 401), "401 Unauthorized", "401"),
            (with(Cause::Forbidden, 403), "403 Forbidden", "403"),
            (with(Cause::ModelNotFound, 404), "model not found", "model-not-found"),
            (with(Cause::RateLimited, 429), "429 Too Many Requests", "429"),
            (with(Cause::Status, 503), "503 Service Unavailable", "503"),
            (with(Cause::Overloaded, 529), "529 Overloaded", "529"),
            (with(Cause::Status, 599), "599", "599"),
            (
                Cause::ContextTooLong { asked: Some(5000), fits: Some(4096) }.into(),
                "prompt too long: 5000 tokens, 4096 fit",
                "too-long",
            ),
            (Cause::Unavailable("loading 43 %".into()).into(), "unavailable (loading 43 %)", "unavailable"),
            (with(Cause::Waking { estimated: None }, 503), "waking (503 Service Unavailable)", "waking"),
            (Cause::Waking { estimated: Some(Duration::from_millis(20_500)) }.into(), "waking (about 21 s)", "waking"),
        ];
        for (failure, words, code) in table {
            assert_eq!(failure.to_string(), words);
            assert_eq!(failure.code(), code, "{words}");
        }
    }

    #[test]
    fn a_quote_is_one_short_line() {
        assert_eq!(quote("CUDA error:\n  out of\tmemory\u{7}"), "CUDA error: out of memory");
        assert_eq!(quote(&"é".repeat(500)).chars().count(), 121);
    }

    #[test]
    fn debug_shows_nothing_of_a_refusals_body() {
        let body = Bytes::from_static(b"the prompt was: my secret");
        let answer = ProviderAnswer { status: 400, content_type: None, body };
        assert!(!format!("{answer:?}").contains("secret"));
    }
}
