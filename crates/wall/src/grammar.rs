//! From a model's name to its script: parts joined with `+`, an optional `#tag` at the end.

use std::str::FromStr;
use std::time::Duration;

use crate::fault::{Body, Break, ContentType, Fault, Filler, FinishReason, Part, Quota, Rate, RetryAfter, Script};
use crate::redirect::Redirect;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::voice::Voice;

/// The most tokens that a name may ask for: a name comes from outside and must not be able to take all memory.
const MOST_TOKENS: u32 = 1_000_000;

/// Finish reasons that providers give.
const REASONS: [&str; 20] = [
    "stop",
    "length",
    "tool_calls",
    "function_call",
    "content_filter",
    // DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion
    "insufficient_system_resource",
    // Z.ai: https://docs.z.ai/api-reference/llm/chat-completion
    "network_error",
    "sensitive",
    "model_context_window_exceeded",
    // vLLM and SGLang
    "abort",
    "repetition",
    "cancelled",
    // OpenRouter, Mistral
    "error",
    "model_length",
    // TGI
    "eos_token",
    "stop_sequence",
    // Anthropic's and Gemini's own, as proxies let them through
    "end_turn",
    "max_tokens",
    "SAFETY",
    "MALFORMED_FUNCTION_CALL",
];

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A name that means nothing to the wall.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{part}` is no fault that the wall knows")]
pub struct UnknownFault {
    /// The part of the name that was not understood.
    pub part: String,
}

impl FromStr for Script {
    type Err = UnknownFault;

    /// Reads a model's name. What follows `#` only sets the counters of one user apart from those of another.
    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let faults = name.split_once('#').map_or(name, |(faults, _tag)| faults);
        let parts = faults.split('+').map(part).collect::<Result<_, _>>()?;
        Ok(Script { parts })
    }
}

fn part(word: &str) -> Result<Part, UnknownFault> {
    let (word_alone, times) = split_times(word);
    let fault = fault(word_alone).ok_or_else(|| UnknownFault { part: word.to_owned() })?;
    Ok(Part { fault, times })
}

/// `reset-once` → (`reset`, 1); `reset-3-times` → (`reset`, 3).
fn split_times(word: &str) -> (&str, Option<u32>) {
    if let Some(rest) = word.strip_suffix("-once") {
        return (rest, Some(1));
    }
    word.strip_suffix("-times")
        .and_then(|rest| rest.rsplit_once('-'))
        .and_then(|(rest, times)| Some((rest, Some(times.parse().ok()?))))
        .unwrap_or((word, None))
}

fn fault(word: &str) -> Option<Fault> {
    plain(word).or_else(|| named(word)).or_else(|| status(word)).or_else(|| measured(word))
}

fn plain(word: &str) -> Option<Fault> {
    Some(match word {
        "ok" => Fault::Words(60),
        "other-words" => Fault::OtherWords,
        "page" => Fault::Says(Text::Page),
        "half-page" => Fault::Says(Text::HalfPage),
        "json" => Fault::Says(Text::Json),
        "markdown" => Fault::Says(Text::Markdown),
        "half-json" => Fault::Says(Text::HalfJson),
        "fenced-json" => Fault::Says(Text::FencedJson),
        "blank" => Fault::Says(Text::Blank),
        "anew" => Fault::Anew,
        "tool-call" => Fault::ToolCall,
        "tool-call-cut" => Fault::ToolCallCut,
        "hang" => Fault::Hang,
        "reset" => Fault::Reset,
        "close" => Fault::Close,
        "cut-in-head" => Fault::CutInHead,
        "404-model" => Fault::ModelNotFound,
        "content-filter" => Fault::ContentFilter,
        "refuse-prefill" => Fault::RefusePrefill,
        "loading" => Fault::Loading(None),
        "html" => Fault::Body(Body::Html),
        "garbage" => Fault::Body(Body::Garbage),
        "empty" => Fault::Body(Body::Empty),
        "empty-stream" => Fault::Body(Body::EmptyStream),
        "no-choices" => Fault::Body(Body::NoChoices),
        "no-finish" => Fault::NoReason,
        "insert-nothing" => Fault::InsertsNothing,
        "apology" => Fault::Apologizes,
        "repeats" => Fault::Repeats,
        "trim" => Fault::Trims,
        "tool-calls-same-index" => Fault::SameIndex,
        "parts" => Fault::Parts,
        "surrogate-halves" => Fault::SurrogateHalves,
        "broken-usage" => Fault::BrokenUsage,
        "event-ids" => Fault::EventIds,
        "no-done" => Fault::NoDone,
        "no-usage" => Fault::NoUsage,
        "role-only-then-hang" => Fault::Only(Filler::Role),
        "comments-only" => Fault::Only(Filler::Comments),
        "empty-deltas-only" => Fault::Only(Filler::EmptyDeltas),
        "whole-only" => Fault::WholeOnly,
        "stream-only" => Fault::StreamOnly,
        "lie-content-type-json" => Fault::ContentType(ContentType::Json),
        "lie-content-type-stream" => Fault::ContentType(ContentType::EventStream),
        "lie-content-type-html" => Fault::ContentType(ContentType::Html),
        "lie-content-type-none" => Fault::ContentType(ContentType::None),
        "crlf" => Fault::Crlf,
        "bytewise" => Fault::Bytewise,
        _ => return None,
    })
}

/// Names of a table of their own: `refuse-challenge`, `redirect-308-https`, `finish-network_error`.
fn named(word: &str) -> Option<Fault> {
    if let Some(reason) = word.strip_prefix("finish-") {
        return REASONS.iter().find(|known| **known == reason).copied().map(Fault::Reason);
    }
    if let Some(redirect) = word.strip_prefix("redirect-") {
        return Redirect::named(redirect).map(|(status, target)| Fault::Redirects(status, target));
    }
    if let Some(rest) = word.strip_prefix("silence-") {
        let (time, tokens) = rest.split_once("-after-")?;
        return Some(Fault::Silence(duration(time)?, tokens_of(tokens)?));
    }
    if let Some(provider) = word.strip_prefix("as-") {
        return Voice::named(provider).map(Fault::Speaks);
    }
    Refusal::named(word).map(Fault::Refuses)
}

/// `503`, `status-503`, `status-429-retry-after-2`, `…-retry-after-200ms`, `…-retry-after-date-2`.
fn status(word: &str) -> Option<Fault> {
    let word = word.strip_prefix("status-").unwrap_or(word);
    let (code, retry_after) = match word.split_once("-retry-after-") {
        Some((code, when)) => (code, Some(retry_after(when)?)),
        None => (word, None),
    };
    let code = code.parse().ok().filter(|code| (400..600).contains(code))?;
    Some(Fault::Status(code, retry_after))
}

fn retry_after(when: &str) -> Option<RetryAfter> {
    if let Some(seconds) = when.strip_prefix("date-") {
        return seconds.parse().ok().map(RetryAfter::Date);
    }
    if let Some(milliseconds) = when.strip_suffix("ms") {
        return milliseconds.parse().ok().map(RetryAfter::Milliseconds);
    }
    when.strip_suffix('s').unwrap_or(when).parse().ok().map(RetryAfter::Seconds)
}

/// Names that end in a measure: `stall-after-20`, `slow-first-3000ms`, `rate-limit-30rpm`.
fn measured(word: &str) -> Option<Fault> {
    if let Some(tokens) = word.strip_prefix("reasoning-").and_then(|rest| rest.strip_suffix("-then-ok")) {
        return tokens_of(tokens).map(Fault::Reasoning);
    }
    let (name, measure) = word.rsplit_once('-')?;
    if let Some(tokens) = tokens_of(measure) {
        return counted(name, tokens);
    }
    if let Some(duration) = duration(measure) {
        return timed(name, duration);
    }
    (name == "rate-limit").then(|| rate(measure))?.map(Fault::RateLimit)
}

fn counted(name: &str, tokens: u32) -> Option<Fault> {
    Some(match name {
        "ok" => Fault::Words(tokens),
        "reasoning" => Fault::Reasoning(tokens),
        "length" => Fault::Finish(tokens, FinishReason::Length),
        "content-filter-after" => Fault::Finish(tokens, FinishReason::ContentFilter),
        "context" => Fault::Context(tokens),
        "loading-estimated" => Fault::Loading(Some(tokens)),
        "cut-after" => Fault::Break(tokens, Break::Cut),
        "reset-after" => Fault::Break(tokens, Break::Reset),
        "stall-after" => Fault::Break(tokens, Break::Stall),
        "end-after" => Fault::Break(tokens, Break::End),
        "bad-chunk-after" => Fault::Break(tokens, Break::BadChunk),
        "error-frame-after" => Fault::Break(tokens, Break::ErrorFrame),
        "error-in-choice-after" => Fault::Finish(tokens, FinishReason::Error),
        "refuse-tpm" => Fault::Refuses(Refusal::TokensPerMinute(tokens)),
        "refuse-body-over" => Fault::Refuses(Refusal::BodyOver(tokens)),
        "malformed-event-at" => Fault::MalformedEvent(tokens),
        _ => return None,
    })
}

fn timed(name: &str, duration: Duration) -> Option<Fault> {
    Some(match name {
        "slow-head" => Fault::SlowHead(duration),
        "slow-first" => Fault::SlowFirst(duration),
        "reads" => Fault::Reads(duration),
        "trickle" => Fault::Trickle(duration),
        "flap" if !duration.is_zero() => Fault::Flap(duration),
        "sleep-then-wake" => Fault::Wake(duration),
        _ => return None,
    })
}

fn tokens_of(text: &str) -> Option<u32> {
    text.parse().ok().filter(|tokens| *tokens <= MOST_TOKENS)
}

/// `50ms`, `5s`, `2m`.
fn duration(text: &str) -> Option<Duration> {
    if let Some(milliseconds) = text.strip_suffix("ms") {
        return milliseconds.parse::<u32>().ok().map(|ms| Duration::from_millis(ms.into()));
    }
    if let Some(seconds) = text.strip_suffix('s') {
        return seconds.parse::<u32>().ok().map(|s| Duration::from_secs(s.into()));
    }
    text.strip_suffix('m')?.parse::<u32>().ok().map(|m| MINUTE * m)
}

/// `30rpm`, `3rps`, `1000rpd`, `6000tpm`.
fn rate(text: &str) -> Option<Rate> {
    let (limit, unit) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let (of, window) = match unit {
        "rps" => (Quota::Requests, Duration::from_secs(1)),
        "rpm" => (Quota::Requests, MINUTE),
        "rpd" => (Quota::Requests, DAY),
        "tpm" => (Quota::Tokens, MINUTE),
        _ => return None,
    };
    Some(Rate { limit: limit.parse().ok()?, of, window })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(name: &str) -> Fault {
        let script: Script = name.parse().unwrap();
        assert_eq!(script.parts.len(), 1);
        script.parts[0].fault
    }

    #[test]
    fn names_with_measures_are_read() {
        assert_eq!(only("ok-60"), Fault::Words(60));
        assert_eq!(only("slow-first-3000ms"), Fault::SlowFirst(Duration::from_secs(3)));
        assert_eq!(only("stall-after-20"), Fault::Break(20, Break::Stall));
        assert_eq!(only("reasoning-20-then-ok"), Fault::Reasoning(20));
        assert_eq!(only("context-4096"), Fault::Context(4096));
        assert_eq!(only("flap-5s"), Fault::Flap(Duration::from_secs(5)));
        let rate = Rate { limit: 30, of: Quota::Requests, window: MINUTE };
        assert_eq!(only("rate-limit-30rpm"), Fault::RateLimit(rate));
    }

    #[test]
    fn names_out_of_a_table_are_read() {
        assert_eq!(only("refuse-tpm-8000"), Fault::Refuses(Refusal::TokensPerMinute(8_000)));
        assert_eq!(only("refuse-challenge"), Fault::Refuses(Refusal::Challenge));
        assert_eq!(only("redirect-308"), Fault::Redirects(308, Redirect::Path));
        assert_eq!(only("redirect-307-port-8080"), Fault::Redirects(307, Redirect::Port(8080)));
        assert_eq!(only("finish-network_error"), Fault::Reason("network_error"));
        assert_eq!(only("silence-12s-after-3"), Fault::Silence(Duration::from_secs(12), 3));
        assert_eq!(only("error-in-choice-after-3"), Fault::Finish(3, FinishReason::Error));
        assert_eq!(only("as-llama-cpp"), Fault::Speaks(Voice::named("llama-cpp").unwrap()));
    }

    #[test]
    fn a_status_may_stand_alone_and_may_say_when_to_come_back() {
        assert_eq!(only("401"), Fault::Status(401, None));
        assert_eq!(only("status-503"), Fault::Status(503, None));
        assert_eq!(only("status-429-retry-after-2"), Fault::Status(429, Some(RetryAfter::Seconds(2))));
        assert_eq!(only("status-429-retry-after-2s"), Fault::Status(429, Some(RetryAfter::Seconds(2))));
        assert_eq!(only("status-429-retry-after-20ms"), Fault::Status(429, Some(RetryAfter::Milliseconds(20))));
        assert_eq!(only("429-retry-after-date-2"), Fault::Status(429, Some(RetryAfter::Date(2))));
    }

    #[test]
    fn once_and_times_bound_a_part() {
        let script: Script = "status-500-once+reset-3-times+ok-5#seven".parse().unwrap();
        assert_eq!(script.parts[0], Part { fault: Fault::Status(500, None), times: Some(1) });
        assert_eq!(script.parts[1], Part { fault: Fault::Reset, times: Some(3) });
        assert_eq!(script.parts[2], Part { fault: Fault::Words(5), times: None });
    }

    #[test]
    fn a_name_that_means_nothing_says_which_part() {
        for (name, part) in [
            ("gpt-4o", "gpt-4o"),
            ("ok+cut-after-many", "cut-after-many"),
            ("status-200", "status-200"),
            ("slow-first-3", "slow-first-3"),
            ("rate-limit-pm", "rate-limit-pm"),
            ("ok-4000000000", "ok-4000000000"),
            ("flap-0s", "flap-0s"),
            ("as-nobody", "as-nobody"),
            ("refuse-everything", "refuse-everything"),
            ("redirect-200", "redirect-200"),
            ("redirect-308-port-many", "redirect-308-port-many"),
            ("finish-whenever", "finish-whenever"),
            ("", ""),
        ] {
            assert_eq!(name.parse::<Script>(), Err(UnknownFault { part: part.to_owned() }));
        }
    }
}
