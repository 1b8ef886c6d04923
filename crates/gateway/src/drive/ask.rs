//! An attempt begins: its tier is asked.

use std::sync::Arc;

use cascade::{ContinuationMode, Start, Task};

use crate::observer::Note;

use super::attempt::{AttemptLog, Running, Segment};
use super::continuation::Continuation;
use super::draft::Draft;
use super::transcript::Transcript;
use super::{Drive, Step};

/// More tokens than the last words have that a tier is asked to repeat: they must not come out of the caller's own bound.
const REPEATED_TOKENS: u32 = 64;

impl Drive {
    pub(super) fn start(&mut self, start: Start) {
        self.note(&Note::Trying { request: &self.order.id, tier: self.tier_name(start.tier) });
        if start.probe {
            self.probe = Some(start.attempt);
        }
        self.reasons.push(None);
        let model = self.tiers.models(start.tier).ask(self.gateway.now());
        self.logs.push(AttemptLog { model: Arc::clone(&model), ..AttemptLog::default() });
        let request = &self.order.request;
        let continuation = match start.task {
            Task::Answer => {
                self.transcript = Transcript::new(request.form(), self.wanted());
                None
            }
            Task::CarryOn(mode) => {
                let Segment { usage, repeated } = std::mem::take(&mut self.segment);
                self.out.extend(self.transcript.next_segment(usage, repeated).into_iter().map(Step::Event));
                let prefill = self.tiers.prefill(start.tier).filter(|_| mode == ContinuationMode::Prefill);
                Some(Continuation::new(request.form(), &self.transcript, prefill))
            }
        };
        if continuation.is_some() {
            let upstream = self.tiers.upstream(start.tier, self.thread);
            tokio::spawn(async move { upstream.look_for_prefill().await });
        }
        let draft = self.draft(start, model, continuation.as_ref());
        self.running.push(Running::new(start.attempt, Box::pin(draft.send()), continuation));
    }

    fn draft(&self, start: Start, model: Arc<str>, continuation: Option<&Continuation>) -> Draft {
        let request = &self.order.request;
        let left = |bound: u32, said: u32| bound.saturating_sub(said).max(1);
        let lowered = start.max_tokens.map(|bound| left(bound, self.transcript.pieces()));
        let own = request.max_tokens().map(|bound| left(bound, self.transcript.tokens(None)));
        let repeats = continuation.is_some_and(Continuation::repeats);
        let own = own.map(|bound| bound.saturating_add(if repeats { REPEATED_TOKENS } else { 0 }));
        let own = own.filter(|_| lowered.is_some() || continuation.is_some());
        let upstream = self.tiers.upstream(start.tier, self.thread);
        let own_tier = upstream.target().kind.hosting == upstream::Hosting::SelfHosted;
        Draft {
            request: Arc::clone(request),
            gateway: Arc::clone(&self.gateway),
            tiers: Arc::clone(&self.tiers),
            tier: start.tier,
            model,
            request_id: self.order.id.clone(),
            deadline: start.total,
            resumption: continuation.map(Continuation::resumption),
            grammar: self.order.in_process.grammar.clone().filter(|_| own_tier),
            max_tokens: lowered.into_iter().chain(own).min(),
            measured: self.gates.measure() && request.max_tokens().is_some(),
            adaptations: self.tiers.adaptations(start.tier).of(request),
            upstream,
        }
    }
}
