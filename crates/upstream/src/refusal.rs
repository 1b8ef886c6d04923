//! Reads a refusal (a status that is not success, or an error object inside a success) into a [`Cause`]: first in the
//! provider's own words, then by the rules that hold for all.

mod member;

use std::sync::LazyLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName};
use memchr::memmem;
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use wire::ProviderError;

use crate::answer::{Sniffed, sniff};
use crate::failure::{Cause, Failure, ProviderAnswer};
use crate::kind::Kind;
use crate::quota::{self, Measure, QuotaReading, Window};
use crate::target::Target;

/// What there is to judge a refusal by: its status, its error object's codes, and that object's words. A body that is no
/// error object may echo the prompt, and is read for nothing but a server's own page under a 5xx or a success.
pub(crate) struct Refusal<'a> {
    status: Option<u16>,
    body: &'a [u8],
    html: bool,
    /// The error object, where the body holds one.
    pub(crate) said: Option<ProviderError>,
    /// The error's message in lower case, without what it quotes at length; a 5xx's or a success's whole body where it has
    /// no error object.
    words: String,
}

/// Cloudflare's word for a page that asks for proof of a person
/// (<https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/>).
const CHALLENGE: HeaderName = HeaderName::from_static("cf-mitigated");

/// Codes and types of "the model is not here": OpenAI's and Groq's 404, Groq's 400 for a retired one, the Hugging Face
/// router's 400, Mistral's, Azure's.
const NO_MODEL_CODES: [&str; 6] = [
    "model_not_found",
    "model_decommissioned",
    "model_not_supported",
    "model_not_available",
    "invalid_model",
    "deploymentnotfound",
];

/// Words of "the model is not here" that are clear under any status.
const NO_MODEL_WORDS: [&str; 11] = [
    "model not exist",
    "model does not exist",
    "model not found",
    "unknown model",
    "no such model",
    "invalid model name",
    "not a valid model",
    "model has been deprecated",
    "decommissioned",
    // OpenRouter's, of a model that is served by nobody any more, or by nobody for nothing.
    "no endpoints found for ",
    "model is unavailable for free",
];

/// A number of the plan in Groq's words: "tokens per minute (TPM): Limit 8000, Requested 12400", "requests per day (RPD): Limit
/// 1000, Used 1000, Requested 1" (<https://console.groq.com/docs/rate-limits>).
static PLAN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?<measure>requests|tokens) per (?<window>minute|day) \([rt]p[md]\): limit (?<limit>\d+)(?:, used (?<used>\d+))?";
    Regex::new(pattern).expect("the pattern is constant")
});

/// Words that mean it where the status is 404 or 410 and the message speaks of a model.
const GONE_WORDS: [&str; 6] = ["not found", "not exist", "not supported", "no longer", "was removed", "deprecated"];

/// Codes and types of "too long": OpenAI's and Groq's, llama.cpp's, Anthropic's, GitHub's.
const TOO_LONG_CODES: [&str; 4] =
    ["context_length_exceeded", "exceed_context_size_error", "request_too_large", "tokens_limit_reached"];

/// Words of "too long": OpenAI and vLLM, llama.cpp, Anthropic, TGI, Gemini, Mistral, Groq.
const TOO_LONG_WORDS: [&str; 10] = [
    "maximum context length",
    "maximum model length",
    "context length exceeded",
    "available context size",
    "context window",
    "prompt is too long",
    "max_new_tokens` must be <=",
    "maximum number of tokens",
    "reduce the length of the messages",
    "`max_tokens` must be less than or equal",
];

/// What stands before the number of tokens that fit.
const ROOM_MARKS: [&str; 8] = [
    "context length is",
    "model length of",
    "context size (",
    "limit ",
    "must be <=",
    "tokens allowed (",
    "must be less than or equal to",
    "model with ",
];

/// Codes and types of an account that is closed or limited: Groq's, OpenAI's, Anthropic's.
const RESTRICTED_CODES: [&str; 7] = [
    "organization_restricted",
    "account_deactivated",
    "organization_disabled",
    "access_terminated",
    "unsupported_country_region_territory",
    "terms_not_accepted",
    "model_terms_required",
];

/// Codes and types of "nothing is left to pay with": OpenAI's, DeepSeek's, Z.ai's, OpenRouter's.
const BILLING_CODES: [&str; 5] =
    ["insufficient_quota", "billing_not_active", "billing_hard_limit_reached", "insufficient_balance", "credit_limit"];

/// The longest that a `Retry-After` is believed, and that of a 402: a provider's slip must not bench a tier for a year.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
const LONGEST_WAIT_FOR_CREDIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Codes and types of a content filter: OpenAI's and Azure's.
const FILTER_CODES: [&str; 4] =
    ["content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"];

impl<'a> Refusal<'a> {
    /// Takes a refusal apart. No status means an error event in a stream, which names none.
    pub(crate) fn new(status: Option<u16>, body: &'a [u8]) -> Self {
        let html = matches!(sniff(body), Sniffed::Html);
        let said = if html { None } else { ProviderError::read(body) };
        let words = match &said {
            Some(error) => without_quotations(&error.message.to_lowercase()),
            None if status.is_some_and(|status| (400..500).contains(&status)) => String::new(),
            None => String::from_utf8_lossy(body).to_lowercase(),
        };
        Self { status, body, html, said, words }
    }

    pub(crate) fn is(&self, status: u16) -> bool {
        self.status == Some(status)
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the body is an HTML page.
    pub(crate) fn html(&self) -> bool {
        self.html
    }

    /// Whether the error's code or type is one of these (in lower case).
    pub(crate) fn code_in(&self, codes: &[&str]) -> bool {
        let Some(said) = &self.said else { return false };
        [&said.code, &said.kind].into_iter().flatten().any(|code| codes.contains(&code.to_lowercase().as_str()))
    }

    /// Whether the message (or the page) has these words, in lower case.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    pub(crate) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|words| self.says(words))
    }

    /// Hugging Face's `estimated_time`: seconds until a model is loaded.
    pub(crate) fn estimated_time(&self) -> Option<Duration> {
        #[derive(Deserialize)]
        struct Loading {
            estimated_time: f64,
        }
        let loading: Loading = serde_json::from_slice(self.body).ok()?;
        Duration::try_from_secs_f64(loading.estimated_time).ok()
    }

    /// "Too long", with the numbers as far as the provider gives them.
    pub(crate) fn too_long(&self) -> Cause {
        let (asked, fits) = self.counted().unwrap_or_else(|| self.numbers_said());
        Cause::ContextTooLong { asked, fits }
    }

    /// One number of the plan, where the message says it, and what is left of it until `reset`.
    fn plan_said(&self, reset: Option<Duration>) -> Option<QuotaReading> {
        let said = PLAN.captures(&self.words)?;
        let count = |name: &str| said.name(name)?.as_str().parse::<u64>().ok();
        let limit = count("limit")?;
        let remaining = count("used").filter(|_| reset.is_some()).map(|used| limit.saturating_sub(used));
        Some(QuotaReading {
            measure: if &said["measure"] == "tokens" { Measure::Tokens } else { Measure::Requests },
            window: Some(if &said["window"] == "day" { Window::Day } else { Window::Minute }),
            limit: Some(limit),
            remaining,
            reset: remaining.and(reset),
        })
    }

    /// What is left of a day's time on a lent GPU, and when all of it is back: "(60s requested vs. 21s left). Try again in
    /// 0:06:53" (ZeroGPU; formerly "46s left vs. 60s requested").
    fn gpu_time_said(&self) -> Option<QuotaReading> {
        let left = self.words[..self.words.find("s left")?].rsplit([' ', '(']).next()?.parse().ok();
        let (remaining, reset) = (left.filter(|_| self.says("s requested"))?, self.wait_said());
        let window = Some(Window::Day);
        Some(QuotaReading { measure: Measure::GpuSeconds, window, limit: None, remaining: Some(remaining), reset })
    }

    /// What the message says of the provider's quotas; `wait`: what the headers say of when to come back.
    fn quotas_said(&self, wait: Option<Duration>) -> impl Iterator<Item = QuotaReading> {
        self.plan_said(wait.or_else(|| self.wait_said())).into_iter().chain(self.gpu_time_said())
    }

    /// llama.cpp's server gives the two numbers as members of its error.
    fn counted(&self) -> Option<(Option<u32>, Option<u32>)> {
        #[derive(Deserialize)]
        struct Body {
            error: Counts,
        }
        #[derive(Deserialize)]
        struct Counts {
            n_prompt_tokens: u32,
            n_ctx: u32,
        }
        let counts = serde_json::from_slice::<Body>(self.body).ok()?.error;
        Some((Some(counts.n_prompt_tokens), Some(counts.n_ctx)))
    }

    /// The numbers out of the message: what fits stands behind a mark (or is the smaller of two), what was asked for is the
    /// largest one over it.
    fn numbers_said(&self) -> (Option<u32>, Option<u32>) {
        let marked = ROOM_MARKS.iter().find_map(|mark| {
            let at = self.words.find(mark)?;
            numbers(&self.words[at + mark.len()..]).next()
        });
        let fits = marked.or_else(|| numbers(&self.words).min().filter(|_| numbers(&self.words).nth(1).is_some()));
        let asked = fits.and_then(|fits| numbers(&self.words).filter(|number| *number > fits).max());
        (asked, fits)
    }

    /// How long the message itself says to wait: "Please try again in 7m12.5s" (OpenAI, Groq), "Please retry in 36.5s" (Gemini),
    /// "Try again in 0:06:53" (ZeroGPU).
    fn wait_said(&self) -> Option<Duration> {
        const MARKS: [&str; 2] = ["try again in ", "retry in "];
        let tail = MARKS.iter().find_map(|mark| Some(&self.words[self.words.find(mark)? + mark.len()..]))?;
        quota::clock(tail).or_else(|| quota::duration(tail.split_whitespace().next()?.trim_end_matches('.')))
    }

    /// The rules that hold for all providers; `None` where a status that is not success is missing.
    fn general(&self) -> Option<Cause> {
        let client_error = self.status.is_none_or(|status| (400..500).contains(&status));
        if self.is(401) || (self.is(400) && self.key_refused()) {
            return Some(Cause::Unauthorized);
        }
        if (client_error && self.code_in(&FILTER_CODES)) || self.says("content management policy") {
            return Some(Cause::ContentFilter);
        }
        if client_error && self.code_in(&RESTRICTED_CODES) {
            return Some(Cause::Restricted);
        }
        if client_error && self.code_in(&BILLING_CODES) {
            return Some(Cause::QuotaExhausted);
        }
        if self.code_in(&TOO_LONG_CODES) || (client_error && !self.is(429) && self.says_any(&TOO_LONG_WORDS)) {
            return Some(self.too_long());
        }
        if client_error && self.no_model() {
            return Some(Cause::ModelNotFound);
        }
        match self.status? {
            402 => Some(Cause::QuotaExhausted),
            403 if self.said.is_none() && !self.body.trim_ascii().is_empty() => Some(Cause::Blocked),
            403 => Some(Cause::Forbidden),
            // Gemini says the same of a minute's quota, and when to come back.
            429 if self.says("exceeded your current quota") && self.wait_said().is_none() => {
                Some(Cause::QuotaExhausted)
            }
            429 => Some(Cause::RateLimited),
            529 => Some(Cause::Overloaded),
            400 | 406 | 411 | 413 | 414 | 415 | 422 | 431 => Some(Cause::Rejected),
            status if (200..300).contains(&status) => None,
            _ => Some(Cause::Status),
        }
    }

    /// xAI and Gemini answer 400 to a key that they do not know.
    fn key_refused(&self) -> bool {
        self.says("api key") && self.says_any(&["invalid", "incorrect", "not valid"])
    }

    fn no_model(&self) -> bool {
        let gone = matches!(self.status, Some(404 | 410));
        self.code_in(&NO_MODEL_CODES)
            || self.says_any(&NO_MODEL_WORDS)
            || (gone && self.says("model") && self.says_any(&GONE_WORDS))
    }

    pub(crate) fn cause(&self, kind: Kind) -> Option<Cause> {
        kind.cause(self).or_else(|| self.general())
    }
}

/// The numbers of a text that stand alone (`4096`, `(4,096)`), not those inside names (`llama-3.1-8b`).
fn numbers(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.split([' ', '(', ')', '`', '\n', ';']).filter_map(|word| {
        let digits = word.trim_matches(['.', ',', ':', '\'', '"', '!']);
        if digits.contains(',') { digits.replace(',', "").parse().ok() } else { digits.parse().ok() }
    })
}

/// A message without what it quotes at length: a prompt may stand there, and a model's name is short and has no blank.
fn without_quotations(message: &str) -> String {
    let mut words = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['"', '`']) {
        let quote = rest.as_bytes()[at];
        let Some(length) = memchr::memchr(quote, &rest.as_bytes()[at + 1..]) else { break };
        let (quoted, end) = (&rest[at + 1..at + 1 + length], at + length + 2);
        let kept = if quoted.contains(char::is_whitespace) { at } else { end };
        words.push_str(&rest[..kept]);
        rest = &rest[end..];
    }
    words + rest
}

/// Reads a refusal into a failure; `None` where it is no refusal at all: a success without an error in it.
pub(crate) fn read(target: &Target, status: u16, headers: &HeaderMap, body: Bytes) -> Option<Failure> {
    let body = blot_out(body, target.key.as_ref());
    let refusal = Refusal::new(Some(status), &body);
    let challenged = headers.get(CHALLENGE).is_some_and(|value| value == "challenge");
    let cause = if challenged { Cause::Blocked } else { refusal.cause(target.kind)? };
    let mut quotas = quota::readings(target.kind, headers);
    quotas.extend(refusal.quotas_said(quota::retry_after(headers)));
    let spent_until = || (cause == Cause::RateLimited).then(|| quota::spent_until(&quotas)).flatten();
    let retry_after = quota::retry_after(headers).or_else(|| refusal.wait_said()).or_else(spent_until);
    let believed = if cause == Cause::QuotaExhausted { LONGEST_WAIT_FOR_CREDIT } else { LONGEST_WAIT };
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let member = refusal.said.as_ref().and_then(member::named);
    let provider = Some(Box::new(ProviderAnswer { status, content_type, body }));
    let retry_after = retry_after.map(|wait| wait.min(believed));
    Some(Failure { cause, status: Some(status), retry_after, quotas, challenged, member, provider })
}

/// Reads an error object that came inside a success; `otherwise` says what it is when nothing more exact is known.
pub(crate) fn read_within(target: &Target, body: Bytes, otherwise: impl FnOnce(String) -> Cause) -> Failure {
    let body = blot_out(body, target.key.as_ref());
    let status = ProviderError::read(&body).and_then(|error| error.status).filter(|status| *status >= 400);
    let refusal = Refusal::new(status, &body);
    let cause = match refusal.cause(target.kind) {
        Some(Cause::Status) | None => {
            otherwise(refusal.said.as_ref().map(|said| crate::failure::quote(&said.message)).unwrap_or_default())
        }
        Some(cause) => cause,
    };
    let retry_after = refusal.wait_said().map(|wait| wait.min(LONGEST_WAIT));
    let member = refusal.said.as_ref().and_then(member::named);
    let quotas = refusal.quotas_said(None).collect();
    let content_type = Some("application/json".to_owned());
    let provider = Some(Box::new(ProviderAnswer { status: status.unwrap_or(400), content_type, body }));
    Failure { status, retry_after, quotas, member, provider, ..cause.into() }
}

/// A key shorter than this may be a word of the provider's own ("token").
const SHORTEST_KEY: usize = 8;

/// A refusal that echoes our own key back must not carry it to a caller or a log.
fn blot_out(body: Bytes, key: Option<&SecretString>) -> Bytes {
    let key = key.map(|key| key.expose_secret().as_bytes()).filter(|key| key.len() >= SHORTEST_KEY);
    let Some(key) = key.filter(|key| memmem::find(&body, key).is_some()) else { return body };
    let is_word = |at: usize| body.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut clean = BytesMut::with_capacity(body.len());
    let mut rest = 0;
    for at in memmem::find_iter(&body, key) {
        let end = at + key.len();
        let within = (at > 0 && is_word(at - 1)) || is_word(end);
        if !within {
            clean.extend_from_slice(&body[rest..at]);
            clean.extend_from_slice(b"***");
            rest = end;
        }
    }
    clean.extend_from_slice(&body[rest..]);
    clean.freeze()
}

#[cfg(test)]
mod tests;
