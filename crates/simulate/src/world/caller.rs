//! A caller: what they asked, and what has come of it.

use cascade::{AttemptId, Call, ContinuationMode, Task, WaiterId};

use crate::server::{Nanos, Work};
use crate::traffic::Arrival;

/// So many tokens does a tier repeat that was asked to, before it goes on: eight words.
pub(super) const REPEATED: u32 = 11;

/// See the module.
pub(super) struct Caller {
    pub(super) call: Call,
    pub(super) arrival: Arrival,
    /// When they were first shown something; for a whole answer, when the first token came of the last attempt.
    pub(super) first_token: Option<Nanos>,
    /// When the call is next looked at.
    pub(super) tick: Option<Nanos>,
    pub(super) live: Vec<Live>,
    /// Under which name they wait for their turn at a tier.
    pub(super) waits: Option<WaiterId>,
}

/// An attempt that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) id: AttemptId,
    pub(super) tier: usize,
    pub(super) work: Work,
    /// How many of the tokens that its tier says are repeated, and not shown.
    pub(super) repeats: u32,
    /// How many of its tokens the call has heard of.
    pub(super) heard: u32,
    /// Whether its answer is shorter than it would be, for want of room in the tier's quota.
    pub(super) shortened: bool,
    /// Where the tier's books have it.
    pub(super) place: usize,
    /// Where its provider's own count has it; `None` where it has not come there, or was refused.
    pub(super) counted: Option<usize>,
}

impl Caller {
    pub(super) fn live(&self, attempt: usize) -> Option<&Live> {
        self.live.iter().find(|live| live.id.index() == attempt)
    }

    /// The most that the tier is asked to write; `most` bounds the whole answer where the quota has no room for the caller's
    /// own bound.
    pub(super) fn most(&self, most: Option<u32>) -> Option<u32> {
        most.or(self.arrival.max_tokens).map(|most| most.saturating_sub(self.seen()).max(1))
    }

    /// How many tokens they have been shown.
    fn seen(&self) -> u32 {
        self.call.decision().attempts.iter().map(|attempt| attempt.kept).sum()
    }

    /// Takes an attempt off, with what it has cost: as the core counts it.
    pub(super) fn take(&mut self, attempt: usize) -> Option<Live> {
        let place = self.live.iter().position(|live| live.id.index() == attempt)?;
        Some(self.live.remove(place))
    }

    /// What the tier is to read and to say, before anything goes wrong, and how much of that it repeats; `most` bounds the
    /// whole answer where the quota has no room for the caller's own bound.
    pub(super) fn left(&self, task: Task, most: Option<u32>) -> (u32, u32, u32) {
        let repeats = if task == Task::CarryOn(ContinuationMode::Repeat) { REPEATED } else { 0 };
        let most = most.or(self.arrival.max_tokens).unwrap_or(u32::MAX);
        let left = self.arrival.answer.min(most).saturating_sub(self.seen()).max(1);
        let says = left.saturating_add(repeats).min(most.saturating_sub(self.seen())).max(1);
        (self.arrival.prompt.saturating_add(self.seen()), says, repeats)
    }
}

impl Live {
    /// What it has cost so far, in tokens.
    pub(super) fn cost(&self) -> u32 {
        if self.heard == 0 { 0 } else { self.work.reads.saturating_add(self.heard) }
    }
}
