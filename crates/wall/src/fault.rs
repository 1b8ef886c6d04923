//! The ways in which the wall can answer, and the script that joins them for one model name.

use std::time::Duration;

use crate::redirect::Redirect;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::voice::Voice;

/// One thing that the wall does to a call. Parts of a [`Script`] that do not contradict each other add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Says this many words, `w1 w2 …`: no fault at all. Without it an answer has sixty.
    Words(u32),
    /// Says words that have nothing in common with the usual ones (`v1 v2 …`), always from the first.
    OtherWords,
    /// Says a fixed text in place of numbered words.
    Says(Text),
    /// Takes no notice of text that was said before: always begins at the first word.
    Anew,
    /// Thinks this many words (`reasoning_content`) before it answers. The text form has no place for them.
    Reasoning(u32),
    /// Calls a tool. The text form has no tools: it says words.
    ToolCall,
    /// Calls a tool, and the connection is closed in the midst of its arguments.
    ToolCallCut,
    /// Ends properly after so many words, for a reason other than having finished.
    Finish(u32, FinishReason),
    /// Ends properly and gives this as the reason.
    Reason(&'static str),
    /// Ends properly and gives no reason.
    NoReason,
    /// Says nothing where it is asked to insert text before a `suffix`.
    InsertsNothing,
    /// Asked to carry on, it apologizes and begins anew.
    Apologizes,
    /// It says whatever it is asked to repeat, then its words from the first.
    Repeats,
    /// Carries on from what it is given without the white space at its end.
    Trims,
    /// Calls two tools, each whole and each with the index 0.
    SameIndex,
    /// Says its text as a list of parts, its thoughts too.
    Parts,
    /// Says an emoji in two halves, a surrogate in each of two chunks.
    SurrogateHalves,

    /// Answers and refuses in a provider's dialect.
    Speaks(Voice),

    /// Waits, then sends the head of the answer.
    SlowHead(Duration),
    /// Sends the head and the role of a stream at once, then waits before its first token. A whole answer waits before
    /// its head.
    SlowFirst(Duration),
    /// Reads the prompt for so long, as llama.cpp's server does and by its name: silent, or with reports of its progress where
    /// `return_progress` asks for them in a stream.
    Reads(Duration),
    /// Waits so long between any two tokens.
    Trickle(Duration),
    /// Says nothing for so long after so many tokens, and goes on.
    Silence(Duration, u32),

    /// Reads the call and never answers.
    Hang,
    /// Resets the connection (TCP RST) before a byte of the answer.
    Reset,
    /// Closes the connection before a byte of the answer.
    Close,
    /// Closes the connection inside the answer's head.
    CutInHead,
    /// Answers with a status and the error body that goes with it.
    Status(u16, Option<RetryAfter>),
    /// 404 with OpenAI's code `model_not_found`.
    ModelNotFound,
    /// 400 with the code `content_filter`.
    ContentFilter,
    /// 400 with the code `context_length_exceeded`, where the prompt is larger than so many tokens.
    Context(u32),
    /// 400 where the last message is an assistant's.
    RefusePrefill,
    /// Refuses as a provider in the field does.
    Refuses(Refusal),
    /// Sends the call somewhere else with this status.
    Redirects(u16, Redirect),
    /// 503 of a server that is still loading its model, with the seconds it believes to need (Hugging Face's form) or
    /// without (llama.cpp's form).
    Loading(Option<u32>),
    /// 200 with a body that is no answer.
    Body(Body),

    /// So long up, so long down (503), and again, from the first call on.
    Flap(Duration),
    /// Asleep at the first call, which wakes it: 503 with a page of HTML until so long has passed.
    Wake(Duration),
    /// 429 for what is more than a quota.
    RateLimit(Rate),

    /// Breaks the answer after so many tokens. An answer that has fewer is not broken.
    Break(u32, Break),
    /// Puts an event that is no JSON before the token of this number. The text stays whole.
    MalformedEvent(u32),
    /// Sends no `[DONE]`.
    NoDone,
    /// Never says what was used.
    NoUsage,
    /// Says what was used in forms that are none.
    BrokenUsage,
    /// Gives its events an `id` and a `retry`.
    EventIds,
    /// Never says anything: only this.
    Only(Filler),

    /// Answers whole, even when asked to stream.
    WholeOnly,
    /// Streams, even when asked for a whole answer.
    StreamOnly,
    /// Says another content type than what it sends.
    ContentType(ContentType),
    /// Ends the lines of its events with CR LF.
    Crlf,
    /// Writes each byte on its own.
    Bytewise,
}

/// Why an answer ended before all was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// `length`: the limit on tokens was met.
    Length,
    /// `content_filter`: the rest was held back.
    ContentFilter,
    /// `error`, with the error inside the choice.
    Error,
}

/// The forms of `Retry-After` (RFC 9110, 10.2.3) and the one in milliseconds that OpenAI's SDKs know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryAfter {
    /// `retry-after: 2`
    Seconds(u32),
    /// `retry-after: Sun, 06 Nov 1994 08:49:37 GMT`, so many seconds from now.
    Date(u32),
    /// `retry-after-ms: 200`
    Milliseconds(u32),
}

/// A body that is no answer, sent with status 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// A page of HTML.
    Html,
    /// Bytes that are no JSON, called JSON.
    Garbage,
    /// No body, called JSON.
    Empty,
    /// An event stream without an event.
    EmptyStream,
    /// JSON whose `choices` are empty.
    NoChoices,
}

/// A quota, counted over a window that slides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How much fits in a window.
    pub limit: u32,
    /// What is counted.
    pub of: Quota,
    /// The window's length.
    pub window: Duration,
}

/// What a [`Rate`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quota {
    /// Calls.
    Requests,
    /// Tokens of the prompt plus `max_tokens`, as Groq counts them.
    Tokens,
}

/// How an answer breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Break {
    /// The connection is closed inside a chunk and inside an event; a whole answer short of its content length.
    Cut,
    /// The connection is reset (TCP RST).
    Reset,
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The body ends as HTTP wants it, without a finish reason and without `[DONE]`; a whole answer is half a JSON text.
    End,
    /// The next chunk has no size.
    BadChunk,
    /// An event carries an error, and the body ends. Whole: status 200 with that error as its body.
    ErrorFrame,
}

/// What a stream can carry that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filler {
    /// The delta with the role, once; then silence.
    Role,
    /// SSE comments, again and again; in a whole answer, blanks.
    Comments,
    /// Deltas whose content is empty, again and again; in a whole answer, blanks.
    EmptyDeltas,
}

/// A content type that the wall claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentType {
    /// `application/json`
    Json,
    /// `text/event-stream`
    EventStream,
    /// `text/html`
    Html,
    /// No content type at all.
    None,
}

/// What the wall does for one model name. Of the parts that refuse a call, the first that applies wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub(crate) parts: Vec<Part>,
}

/// One fault of a script, and for how many calls it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) fault: Fault,
    pub(crate) times: Option<u32>,
}

impl Script {
    /// Adds a fault that holds for every call.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.parts.push(Part { fault, times: None });
        self
    }

    /// Adds a fault that holds for the first `times` calls that meet it.
    #[must_use]
    pub fn and_times(mut self, fault: Fault, times: u32) -> Self {
        self.parts.push(Part { fault, times: Some(times) });
        self
    }
}

impl From<Fault> for Script {
    fn from(fault: Fault) -> Self {
        Script::default().and(fault)
    }
}
