//! From a script, what is remembered of its model, and one request: what to do with this call.

use std::time::{Duration, Instant};

use crate::ask::Ask;
use crate::fault::{Break, ContentType, Fault, Filler, FinishReason, Quota, Rate, RetryAfter, Script};
use crate::rate::{self, Room, Window};
use crate::reply::Reply;
use crate::spoken::TOOL_CALL_PIECES;
use crate::text::Text;
use crate::voice::Voice;

/// What happens to one call.
#[derive(Debug)]
pub(crate) struct Plan {
    /// How long nothing is sent.
    pub(crate) before: Duration,
    pub(crate) act: Act,
}

/// The kinds of outcome.
#[derive(Debug)]
pub(crate) enum Act {
    Silence,
    Reset,
    Close,
    CutInHead,
    Reply(Reply),
    Answer(Answer),
}

/// How to give an answer. Equal answers to equal requests are the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Answer {
    pub(crate) voice: Option<Voice>,
    pub(crate) words: u32,
    pub(crate) text: Option<Text>,
    pub(crate) other_words: bool,
    pub(crate) anew: bool,
    pub(crate) reasoning: u32,
    pub(crate) tool_call: bool,
    /// Calls two tools under one index.
    pub(crate) same_index: bool,
    pub(crate) finish: Option<(u32, FinishReason)>,
    /// The reason of a proper end; `Some(None)` where it gives none.
    pub(crate) reason: Option<Option<&'static str>>,
    pub(crate) apologizes: bool,
    pub(crate) repeats: bool,
    pub(crate) trims: bool,
    pub(crate) parts: bool,
    pub(crate) surrogate_halves: bool,
    pub(crate) first: Duration,
    pub(crate) reads: Duration,
    pub(crate) pace: Duration,
    pub(crate) silence: Option<(Duration, u32)>,
    pub(crate) breaks: Option<(u32, Break)>,
    pub(crate) malformed_at: Option<u32>,
    pub(crate) done: bool,
    pub(crate) usage: bool,
    pub(crate) broken_usage: bool,
    pub(crate) event_ids: bool,
    pub(crate) filler: Option<Filler>,
    /// Whether to stream, where the script has a will of its own.
    pub(crate) streamed: Option<bool>,
    pub(crate) content_type: Option<ContentType>,
    pub(crate) crlf: bool,
    pub(crate) bytewise: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Default for Answer {
    fn default() -> Self {
        Answer {
            voice: None,
            words: 60,
            text: None,
            other_words: false,
            anew: false,
            reasoning: 0,
            tool_call: false,
            same_index: false,
            finish: None,
            reason: None,
            apologizes: false,
            repeats: false,
            trims: false,
            parts: false,
            surrogate_halves: false,
            first: Duration::ZERO,
            reads: Duration::ZERO,
            pace: Duration::ZERO,
            silence: None,
            breaks: None,
            malformed_at: None,
            done: true,
            usage: true,
            broken_usage: false,
            event_ids: false,
            filler: None,
            streamed: None,
            content_type: None,
            crlf: false,
            bytewise: false,
            headers: Vec::new(),
        }
    }
}

/// What a model remembers from call to call.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    first_call: Option<Instant>,
    parts: Vec<PartMemory>,
}

#[derive(Debug, Default)]
struct PartMemory {
    used: u32,
    window: Window,
}

impl Plan {
    /// Applies the script's parts in their order. The first that refuses the call decides; the others still set the pace.
    pub(crate) fn new(script: &Script, memory: &mut Memory, ask: &Ask<'_>, now: Instant) -> Plan {
        let since_first = now.duration_since(*memory.first_call.get_or_insert(now));
        memory.parts.resize_with(script.parts.len(), PartMemory::default);
        let voice = script.parts.iter().find_map(|part| match part.fault {
            Fault::Speaks(voice) => Some(voice),
            _ => None,
        });
        let mut draft =
            Draft { before: Duration::ZERO, refusal: None, voice, answer: Answer::default(), since_first, now };
        for (part, memory) in script.parts.iter().zip(&mut memory.parts) {
            if part.times.is_some_and(|times| memory.used >= times) {
                continue;
            }
            if draft.apply(part.fault, &mut memory.window, ask) {
                memory.used = memory.used.saturating_add(1);
            }
        }
        Plan { before: draft.before, act: draft.refusal.unwrap_or(Act::Answer(draft.answer)) }
    }
}

struct Draft {
    before: Duration,
    refusal: Option<Act>,
    voice: Option<Voice>,
    answer: Answer,
    since_first: Duration,
    now: Instant,
}

impl Draft {
    /// Takes a fault into the plan, and says whether this call meets it.
    fn apply(&mut self, fault: Fault, window: &mut Window, ask: &Ask<'_>) -> bool {
        if shape(&mut self.answer, fault) {
            return true;
        }
        if let Fault::SlowHead(time) = fault {
            self.before = time;
            return true;
        }
        if fault == Fault::InsertsNothing {
            self.answer.words = if ask.suffix.is_some() { 0 } else { self.answer.words };
            return true;
        }
        if self.refusal.is_some() {
            return false;
        }
        self.refusal = match fault {
            Fault::RateLimit(rate) => self.rate_limit(rate, window, ask),
            Fault::Flap(period) => is_down(self.since_first, period).then(|| Act::Reply(Reply::status(503, None))),
            Fault::Wake(after) => (self.since_first < after).then(|| Act::Reply(Reply::asleep())),
            Fault::Status(status, retry_after) => Some(Act::Reply(self.status(status, retry_after, ask))),
            _ => refusal(fault, ask),
        };
        self.refusal.is_some()
    }

    /// In the words of the voice, where it has some for this status.
    fn status(&self, status: u16, retry_after: Option<RetryAfter>, ask: &Ask<'_>) -> Reply {
        match self.voice.and_then(|voice| voice.refusal(status, &ask.model)) {
            Some(reply) => reply.after(retry_after),
            None => Reply::status(status, retry_after),
        }
    }

    fn rate_limit(&mut self, rate: Rate, window: &mut Window, ask: &Ask<'_>) -> Option<Act> {
        let cost = match rate.of {
            Quota::Requests => 1,
            Quota::Tokens => ask.prompt_tokens().saturating_add(ask.max_tokens().unwrap_or(self.answer.words)),
        };
        match window.take(rate, cost, self.now) {
            Room::Enough { left, reset } => {
                self.answer.headers.extend(rate::headers(rate, left, reset));
                None
            }
            Room::Later { wait, left } => {
                Some(Act::Reply(Reply::rate_limited(wait).with(rate::headers(rate, left, wait))))
            }
            Room::Never => Some(Act::Reply(Reply::over_quota(&ask.model, rate.limit, cost))),
        }
    }
}

/// Up in the first period, down in the second, and so on.
fn is_down(since_first: Duration, period: Duration) -> bool {
    (since_first.as_nanos() / period.as_nanos().max(1)) % 2 == 1
}

/// What ends a call before it has an answer.
fn refusal(fault: Fault, ask: &Ask<'_>) -> Option<Act> {
    let reply = match fault {
        Fault::Refuses(refusal) => refusal.reply(ask)?,
        Fault::Redirects(status, target) => target.reply(status, ask)?,
        Fault::Hang => return Some(Act::Silence),
        Fault::Reset => return Some(Act::Reset),
        Fault::Close => return Some(Act::Close),
        Fault::CutInHead => return Some(Act::CutInHead),
        Fault::ModelNotFound => Reply::model_not_found(&ask.model),
        Fault::ContentFilter => Reply::content_filter(),
        Fault::Loading(estimated) => Reply::loading(estimated),
        Fault::Body(body) => Reply::body(body),
        Fault::Context(limit) if ask.prompt_tokens() > limit => Reply::context(limit, ask.prompt_tokens()),
        Fault::RefusePrefill if ask.messages.last.as_ref().is_some_and(|last| last.is_from_assistant()) => {
            Reply::refuse_prefill()
        }
        _ => return None,
    };
    Some(Act::Reply(reply))
}

/// Faults that change how an answer is given. Says whether this is one.
fn shape(answer: &mut Answer, fault: Fault) -> bool {
    match fault {
        Fault::Speaks(voice) => {
            answer.voice = Some(voice);
            answer.headers.extend(voice.headers());
        }
        Fault::Words(words) => answer.words = words,
        Fault::Says(text) => answer.text = Some(text),
        Fault::OtherWords => (answer.other_words, answer.anew) = (true, true),
        Fault::Anew => answer.anew = true,
        Fault::Reasoning(words) => answer.reasoning = words,
        Fault::ToolCall => answer.tool_call = true,
        Fault::ToolCallCut => {
            answer.tool_call = true;
            answer.breaks = Some((TOOL_CALL_PIECES - 1, Break::Cut));
        }
        Fault::Finish(after, reason) => answer.finish = Some((after, reason)),
        Fault::Reason(reason) => answer.reason = Some(Some(reason)),
        Fault::NoReason => answer.reason = Some(None),
        Fault::Apologizes => answer.apologizes = true,
        Fault::Repeats => answer.repeats = true,
        Fault::Trims => answer.trims = true,
        Fault::SameIndex => (answer.tool_call, answer.same_index) = (true, true),
        Fault::Parts => answer.parts = true,
        Fault::SurrogateHalves => answer.surrogate_halves = true,
        Fault::BrokenUsage => answer.broken_usage = true,
        Fault::EventIds => answer.event_ids = true,
        Fault::Silence(time, after) => answer.silence = Some((time, after)),
        Fault::SlowFirst(time) => answer.first = time,
        Fault::Reads(time) => {
            answer.reads = time;
            answer.headers.push(("server", "llama.cpp".to_owned()));
        }
        Fault::Trickle(time) => answer.pace = time,
        Fault::Break(after, how) => answer.breaks = Some((after, how)),
        Fault::MalformedEvent(at) => answer.malformed_at = Some(at),
        Fault::NoDone => answer.done = false,
        Fault::NoUsage => answer.usage = false,
        Fault::Only(filler) => answer.filler = Some(filler),
        Fault::WholeOnly => answer.streamed = Some(false),
        Fault::StreamOnly => answer.streamed = Some(true),
        Fault::ContentType(content_type) => answer.content_type = Some(content_type),
        Fault::Crlf => answer.crlf = true,
        Fault::Bytewise => answer.bytewise = true,
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Model {
        script: Script,
        memory: Memory,
        start: Instant,
    }

    impl Model {
        fn new(name: &str) -> Model {
            Model { script: name.parse().unwrap(), memory: Memory::default(), start: Instant::now() }
        }

        /// The status of a call so many milliseconds after the first.
        fn status_at(&mut self, milliseconds: u64) -> u16 {
            let ask = Ask::read(br#"{"model":"m","messages":[{"role":"user","content":"hello"}]}"#).unwrap();
            let now = self.start + Duration::from_millis(milliseconds);
            match Plan::new(&self.script, &mut self.memory, &ask, now).act {
                Act::Reply(reply) => reply.status,
                Act::Answer(_) => 200,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn once_means_once() {
        let mut model = Model::new("status-500-once+ok-3");
        assert_eq!([0, 1, 2].map(|ms| model.status_at(ms)), [500, 200, 200]);
    }

    #[test]
    fn parts_with_counts_follow_each_other() {
        let mut model = Model::new("status-500-2-times+429-once");
        assert_eq!([0, 1, 2, 3].map(|ms| model.status_at(ms)), [500, 500, 429, 200]);
    }

    #[test]
    fn flapping_begins_up() {
        let mut model = Model::new("flap-5s");
        assert_eq!([0, 4_999, 5_000, 9_999, 10_000].map(|ms| model.status_at(ms)), [200, 200, 503, 503, 200]);
    }

    #[test]
    fn the_first_call_wakes_a_sleeper() {
        let mut model = Model::new("sleep-then-wake-4s");
        assert_eq!([0, 3_999, 4_000].map(|ms| model.status_at(ms)), [503, 503, 200]);
    }

    #[test]
    fn calls_over_the_rate_are_refused_until_the_window_has_moved_on() {
        let mut model = Model::new("rate-limit-2rpm");
        assert_eq!([0, 1_000, 59_999, 60_000, 60_001].map(|ms| model.status_at(ms)), [200, 200, 429, 200, 429]);
    }

    #[test]
    fn a_refusal_does_not_use_up_a_later_one() {
        let mut model = Model::new("status-503-once+rate-limit-1rpm");
        assert_eq!([0, 1, 2].map(|ms| model.status_at(ms)), [503, 200, 429]);
    }
}
