//! Gates: what an answer must be before it counts.

mod finished;
mod html;
mod json;
mod not_empty;

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use wire::{Finish, PartialChoice, Request};

pub use html::NotAPage;
pub use json::NotTheJson;

/// A check that an answer must pass before it counts. Each choice of an answer must pass each gate of its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// It says something.
    NotEmpty,
    /// It was not cut off by its length, but for the caller's own bound.
    Finished,
    /// It is JSON, and fits the schema that the request asks for.
    Json,
    /// It holds a whole HTML page.
    Html,
}

/// Why an answer is not what its route asks for. Its `Display` is the words of the log: none of them is the answer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// It says nothing.
    Empty,
    /// It was cut off by its length.
    CutByLength,
    /// It is not the JSON asked for.
    Json(NotTheJson),
    /// It is not a whole page.
    Html(NotAPage),
}

/// The gates of one request.
pub(crate) struct Gates {
    gates: Arc<[Gate]>,
    schema: json::Wanted,
}

impl Gates {
    pub(crate) fn new(gates: Arc<[Gate]>) -> Self {
        Self { gates, schema: json::Wanted::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.gates.is_empty()
    }

    /// Whether an answer's length is looked at: then what it cost must be known.
    pub(crate) fn measure(&self) -> bool {
        self.gates.contains(&Gate::Finished)
    }

    /// The first shortfall of an answer to `request`; `as_long_as_wanted` says whether the caller's own bound has been
    /// reached. One that was cut off is not looked at further: its rest may be all that it lacks.
    pub(crate) fn shortfall<'a>(
        &self,
        request: &Request,
        choices: impl Iterator<Item = PartialChoice<'a>>,
        as_long_as_wanted: bool,
    ) -> Option<Shortfall> {
        let own: Vec<_> = choices.filter(|choice| !is_beyond_gates(choice)).collect();
        let all = |check: &dyn Fn(&PartialChoice<'a>) -> Option<Shortfall>| own.iter().find_map(check);
        let check = |gate: Gate| match gate {
            Gate::Finished => all(&|choice| finished::shortfall(choice, as_long_as_wanted)),
            Gate::NotEmpty => all(&not_empty::shortfall),
            Gate::Json => all(&|choice| self.schema.shortfall(request, choice)),
            Gate::Html => all(&html::shortfall),
        };
        let in_order = [Gate::Finished, Gate::NotEmpty, Gate::Json, Gate::Html];
        in_order.into_iter().filter(|gate| self.gates.contains(gate)).find_map(check)
    }
}

/// A tool call is no text, and what a filter held back is not asked for elsewhere.
fn is_beyond_gates(choice: &PartialChoice<'_>) -> bool {
    choice.tool_call || choice.finish == Some(Finish::ContentFilter)
}

impl Shortfall {
    /// A short token, as in `x-tierfall-attempts`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "gate-not-empty",
            Self::CutByLength => "length",
            Self::Json(_) => "gate-json",
            Self::Html(_) => "gate-html",
        }
    }

    /// Whether more text could still make it what is asked for. JSON is never put together from two answers.
    #[must_use]
    pub const fn can_be_mended(self) -> bool {
        match self {
            Self::Empty | Self::CutByLength => true,
            Self::Json(_) => false,
            Self::Html(why) => why.can_be_mended(),
        }
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("says nothing"),
            Self::CutByLength => f.write_str("cut off by its length"),
            Self::Json(why) => write!(f, "not the JSON asked for: {why}"),
            Self::Html(why) => write!(f, "not a whole page: {why}"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;
    use wire::Form;

    use super::*;

    pub(crate) fn choice(text: &str) -> PartialChoice<'_> {
        PartialChoice { text, refusal: "", tool_call: false, finish: Some(Finish::Stop) }
    }

    pub(crate) fn request(format: &str) -> Request {
        let body = format!(r#"{{"messages":[{{}}],"response_format":{format}}}"#);
        Request::parse(Form::Chat, Bytes::from(body)).expect("well formed")
    }

    fn shortfall(gates: &[Gate], choices: &[PartialChoice<'_>], as_long_as_wanted: bool) -> Option<Shortfall> {
        Gates::new(gates.into()).shortfall(&request("null"), choices.iter().copied(), as_long_as_wanted)
    }

    #[test]
    fn without_a_gate_every_answer_counts() {
        let cut = PartialChoice { finish: Some(Finish::Length), ..choice("") };
        assert_eq!(shortfall(&[], &[cut], false), None);
    }

    #[test]
    fn every_choice_must_pass() {
        let gates = [Gate::Json];
        assert_eq!(shortfall(&gates, &[choice("1"), choice("[]")], false), None);
        assert!(matches!(shortfall(&gates, &[choice("1"), choice("one")], false), Some(Shortfall::Json(_))));
    }

    #[test]
    fn an_answer_that_was_cut_off_is_that_first() {
        let cut = PartialChoice { finish: Some(Finish::Length), ..choice("[1,") };
        assert_eq!(shortfall(&[Gate::Json, Gate::Finished], &[cut], false), Some(Shortfall::CutByLength));
        assert!(matches!(shortfall(&[Gate::Json, Gate::Finished], &[cut], true), Some(Shortfall::Json(_))));
    }

    #[test]
    fn tool_calls_and_what_a_filter_held_back_pass_untouched() {
        let all = [Gate::NotEmpty, Gate::Finished, Gate::Json, Gate::Html];
        let call = PartialChoice { tool_call: true, finish: Some(Finish::Length), ..choice("") };
        let filtered = PartialChoice { finish: Some(Finish::ContentFilter), ..choice("half") };
        assert_eq!(shortfall(&all, &[call, filtered], false), None);
    }
}
