//! What a tier does not take of what we add to a request or change in it: known beforehand, or learned from a refusal.
//!
//! A refusal that names one of these costs one more call to the same tier, within the same attempt: the tier is asked as the
//! caller had it. The tier's next requests are asked so from the start, until what was learned fades.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use upstream::{Cause, Failure, Measure, Takes, Window};
use wire::{Amendment, BoundName, Request};

/// How long a lesson holds. Providers change what they take without a word.
const FADES_AFTER: Duration = Duration::from_secs(60 * 60);

/// Members that bend an answer's style or only name its caller. An answer without them is still the one that was asked for.
const STYLE: [&str; 16] = [
    "presence_penalty",
    "frequency_penalty",
    "repetition_penalty",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "seed",
    "user",
    "metadata",
    "store",
    "service_tier",
    "verbosity",
    "safety_identifier",
    "prompt_cache_key",
    "return_progress",
];

/// One way in which a tier is asked otherwise than it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Adaptation {
    /// It is asked for a whole answer, which is taken apart for the caller of a stream; of requests that have this member
    /// alone, where there is one.
    Whole(Option<&'static str>),
    /// It is not asked to tell a stream's usage.
    NoStreamOptions,
    /// It knows the bound on an answer's tokens under this name alone.
    Bound(BoundName),
    /// It does not take this member, which only bends the style.
    Without(&'static str),
    /// It is not told how hard to think.
    NoEffort,
    /// This one request has room for an answer of so many tokens. It is not learned: the tier's budget is.
    Shorter(u32),
}

/// What one tier does not take.
#[derive(Debug, Default)]
pub(crate) struct Adaptations {
    /// Beforehand, by its provider's facts.
    known: Vec<Adaptation>,
    learned: Mutex<Vec<(Adaptation, Instant)>>,
}

impl Adaptations {
    /// What is known beforehand of a tier whose provider takes no more than `takes`.
    pub(crate) fn new(takes: &Takes) -> Self {
        let whole = (!takes.streams).then_some(Adaptation::Whole(None));
        let no_options = (!takes.stream_options).then_some(Adaptation::NoStreamOptions);
        let bound = takes.bound.map(|bound| Adaptation::Bound(bound.into()));
        let refused = |style: &&str| takes.refuses.iter().any(|member| member == style);
        let without = STYLE.into_iter().filter(refused).map(Adaptation::Without);
        let known = [whole, no_options, bound].into_iter().flatten().chain(without).collect();
        Self { known, learned: Mutex::default() }
    }

    /// How `request` is asked of the tier from the start. What was learned stands behind what was known, and wins.
    pub(crate) fn of(&self, request: &Request) -> Vec<Adaptation> {
        let learned = self.learned();
        let fresh = learned.iter().filter(|(_, since)| since.elapsed() < FADES_AFTER);
        let all = self.known.iter().chain(fresh.map(|(adaptation, _)| adaptation));
        all.filter(|adaptation| adaptation.concerns(request)).cloned().collect()
    }

    /// Learns from a refusal.
    pub(crate) fn learn(&self, adaptation: &Adaptation) {
        if matches!(adaptation, Adaptation::Shorter(_)) {
            return;
        }
        let mut learned = self.learned();
        // A bound has one name: a tier that now wants the other one has changed.
        let replaced = |known: &Adaptation| match (known, adaptation) {
            (Adaptation::Bound(_), Adaptation::Bound(_)) => true,
            (known, new) => known == new,
        };
        learned.retain(|(known, since)| !replaced(known) && since.elapsed() < FADES_AFTER);
        learned.push((adaptation.clone(), Instant::now()));
    }

    fn learned(&self) -> MutexGuard<'_, Vec<(Adaptation, Instant)>> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Adaptation {
    fn concerns(&self, request: &Request) -> bool {
        match self {
            Self::Whole(with) => with.is_none_or(|member| request.has_member(member)),
            Self::Without(member) => request.has_member(member),
            Self::Bound(_) | Self::NoStreamOptions | Self::NoEffort | Self::Shorter(_) => true,
        }
    }

    /// The member that a caller gave and the tier never sees, where it is one.
    pub(crate) fn ignored(&self) -> Option<&'static str> {
        match self {
            Self::Without(member) => Some(member),
            _ => None,
        }
    }

    /// What `failure`, a refusal of `request`, asks for. `streamed` says whether a stream was asked for, `bound` which bound
    /// on the answer's tokens was sent.
    pub(super) fn called_for_by(
        failure: &Failure,
        request: &Request,
        streamed: bool,
        bound: Option<u32>,
    ) -> Option<Self> {
        if let Some(shorter) = fits_the_plan(failure, bound) {
            return Some(Self::Shorter(shorter));
        }
        if !matches!(failure.cause, Cause::Rejected | Cause::Unsupported(_)) {
            return None;
        }
        let member = failure.member.as_ref()?;
        match &*member.name {
            "stream" if streamed && member.unknown => {
                let with = ["response_format", "tools"].into_iter().find(|member| request.has_member(member));
                Some(Self::Whole(with))
            }
            "stream_options" if streamed => Some(Self::NoStreamOptions),
            // The caller's own is theirs: another tier may take it.
            "reasoning_effort" if !request.has_member("reasoning_effort") => Some(Self::NoEffort),
            "max_tokens" if bound.is_some() && member.unknown => Some(Self::Bound(BoundName::MaxCompletionTokens)),
            "max_completion_tokens" if bound.is_some() && member.unknown => Some(Self::Bound(BoundName::MaxTokens)),
            name => {
                let style = STYLE.into_iter().find(|style| *style == name).filter(|style| request.has_member(style))?;
                Some(Self::Without(style))
            }
        }
    }
}

/// How long an answer may be where the provider's plan has no room for prompt and bound in one minute (Groq's 413: "tokens
/// per minute (TPM): Limit 8000, Requested 12400").
fn fits_the_plan(failure: &Failure, bound: Option<u32>) -> Option<u32> {
    let Cause::ContextTooLong { asked: Some(asked), fits: Some(fits) } = failure.cause else { return None };
    let of_the_minute = failure.quotas.iter().any(|quota| {
        quota.measure == Measure::Tokens && quota.window == Some(Window::Minute) && quota.limit == Some(fits.into())
    });
    let prompt = asked.checked_sub(bound?)?;
    let room = fits.checked_sub(prompt)?;
    (of_the_minute && room >= cascade::LEAST_ANSWER).then_some(room)
}

/// The changes to the request's own members that `adaptations` come to.
pub(super) fn amendment(adaptations: &[Adaptation]) -> Amendment {
    let mut amendment = Amendment::default();
    for adaptation in adaptations {
        match adaptation {
            Adaptation::Whole(_) => {
                amendment.without.extend([Cow::Borrowed("stream"), Cow::Borrowed("stream_options")]);
            }
            Adaptation::NoStreamOptions => amendment.without.push(Cow::Borrowed("stream_options")),
            Adaptation::Without(member) => amendment.without.push(Cow::Borrowed(member)),
            Adaptation::Bound(name) => amendment.bound = Some(*name),
            Adaptation::NoEffort | Adaptation::Shorter(_) => {}
        }
    }
    amendment
}
