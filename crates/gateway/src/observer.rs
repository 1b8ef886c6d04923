//! Who is told what happens to a request, and in which words.

use std::fmt;
use std::time::Duration;

use cascade::Limit;
use upstream::{Cause, Failure};

use crate::decision_record::DecisionRecord;
use crate::gate::Shortfall;

/// Told of every step of every request, on the thread that serves it: an implementation must not wait.
pub trait Observer: Send + Sync + 'static {
    /// Something happened.
    fn note(&self, note: &Note<'_>);

    /// A request has ended, in whatever way.
    fn decided(&self, _: &DecisionRecord<'_>) {}
}

/// One step of a request. No note holds a key or a word of a prompt.
#[derive(Clone, Copy, Debug)]
pub enum Note<'a> {
    /// An attempt begins.
    Trying {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
    },
    /// A tier is passed over.
    Skipped {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// Why, in words.
        reason: &'a str,
    },
    /// A tier's model is gone, and it is asked for another one.
    Replaced {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// The model that is gone.
        gone: &'a str,
        /// The one in its place.
        model: &'a str,
        /// Whether this is the first that is told of it.
        first: bool,
    },
    /// A tier's own model, which was gone, answers again.
    Restored {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// The model.
        model: &'a str,
    },
    /// The request waits for its turn at a tier that has enough to do.
    Waiting {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// How many wait there before it.
        ahead: u32,
    },
    /// An attempt failed.
    Failed {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// Why.
        reason: &'a Reason,
        /// How long the attempt took.
        took: Duration,
    },
    /// A tier has answered.
    Succeeded {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// How long the attempt took.
        took: Duration,
        /// How long the request took.
        total: Duration,
    },
    /// Another tier, which was started beside this one, was the first to say something.
    Overtaken {
        /// The request's id.
        request: &'a str,
        /// The name of the tier that was too late.
        tier: &'a str,
        /// How long the attempt took.
        took: Duration,
    },
    /// No tier could answer.
    AllFailed {
        /// The request's id.
        request: &'a str,
        /// How long the request took.
        total: Duration,
    },
    /// A tier carries on what another has said in sight of the caller.
    CarriedOn {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// How much of the answer was said before, in characters.
        seam: usize,
    },
    /// An answer ended in the middle, in sight of the caller.
    BrokenOff {
        /// The request's id.
        request: &'a str,
        /// The name of the tier whose answer it was.
        tier: &'a str,
    },
    /// The caller went before the answer was whole.
    CallerLeft {
        /// The request's id.
        request: &'a str,
        /// How long the caller had waited.
        total: Duration,
    },
}

/// Which model stands in another's place, in words.
#[derive(Clone, Copy, Debug)]
pub struct InPlace<'a> {
    /// The model that is gone.
    pub gone: &'a str,
    /// The one that is asked for.
    pub model: &'a str,
}

/// What a tier is asked for where its user names no model.
const ANY_MODEL: &str = "auto";

impl fmt::Display for InPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { gone: ANY_MODEL, model } => write!(f, "no model is named: asked {model}"),
            Self { gone, model } => write!(f, "{gone} is gone: asked {model} instead"),
        }
    }
}

/// Why an attempt failed. Its `Display` is the words of the log.
#[derive(Debug)]
pub enum Reason {
    /// The tier failed.
    Failure(Failure),
    /// It reached a limit of this length.
    Limit(Limit, Duration),
    /// Its answer is not what the route asks for.
    FellShort(Shortfall),
    /// Asked to carry an answer on, it said something else.
    NoSeam,
    /// The caller left.
    CallerLeft,
    /// Another attempt, which ran beside it, was first.
    Overtaken,
}

impl Reason {
    /// A short token, as in `x-tierfall-attempts`.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Failure(failure) => failure.code().to_string(),
            Self::Limit(..) => "timeout".to_owned(),
            Self::FellShort(shortfall) => shortfall.code().to_owned(),
            Self::NoSeam => "no-seam".to_owned(),
            Self::CallerLeft => "caller-left".to_owned(),
            Self::Overtaken => "overtaken".to_owned(),
        }
    }

    /// The words of the error body, where an attempt's time and status stand beside them.
    #[must_use]
    pub fn bare(&self) -> String {
        if self.code() == "timeout" { "timeout".to_owned() } else { self.to_string() }
    }

    /// The limit that the attempt reached, where it did.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        match self {
            Self::Limit(_, length) => Some(*length),
            Self::Failure(Failure { cause: Cause::ConnectTimeout(length), .. }) => Some(*length),
            Self::Failure(_) | Self::FellShort(_) | Self::NoSeam | Self::CallerLeft | Self::Overtaken => None,
        }
    }

    /// The status that the tier answered with, where it did.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Failure(failure) => failure.status,
            Self::Limit(..) | Self::FellShort(_) | Self::NoSeam | Self::CallerLeft | Self::Overtaken => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::Limit(_, length) => write!(f, "timeout after {}ms", length.as_millis()),
            Self::FellShort(shortfall) => shortfall.fmt(f),
            Self::NoSeam => f.write_str("did not carry the answer on"),
            Self::CallerLeft => f.write_str("the caller left"),
            Self::Overtaken => f.write_str("another tier was first"),
        }
    }
}
