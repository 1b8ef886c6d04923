//! An attempt begins: its tier is asked.

use cascade::{Start, Task};
use upstream::Outgoing;
use wire::Rewrite;

use crate::observer::Note;

use super::attempt::{AttemptLog, Running, Segment};
use super::continuation::Continuation;
use super::transcript::Transcript;
use super::{Drive, Step};

impl Drive {
    pub(super) fn start(&mut self, start: Start) {
        self.note(&Note::Trying { request: &self.order.id, tier: self.tier_name(start.tier) });
        self.reasons.push(None);
        self.logs.push(AttemptLog::default());
        let settings = self.tiers.settings(start.tier);
        let request = &self.order.request;
        let continuation = match start.task {
            Task::Answer => {
                self.transcript = Transcript::new(request.form(), request.streamed());
                None
            }
            Task::CarryOn(how) => {
                let Segment { usage, repeated } = std::mem::take(&mut self.segment);
                self.out.extend(self.transcript.next_segment(usage, repeated).into_iter().map(Step::Event));
                let sure = settings.target.kind == upstream::Kind::Local;
                Some(Continuation::new(request.form(), &self.transcript, how, sure))
            }
        };
        let upstream = self.tiers.upstream(start.tier, self.thread);
        let outgoing = self.outgoing(start, continuation.as_ref(), upstream.reports_progress());
        let sending = async move { upstream.send(outgoing).await };
        self.running.push(Running::new(start.attempt, Box::pin(sending), continuation));
    }

    fn outgoing(&self, start: Start, continuation: Option<&Continuation>, reports_progress: bool) -> Outgoing {
        let request = &self.order.request;
        // A whole answer is asked for as a stream wherever one can be put together again, so that a tier that falls
        // silent is noticed at once and not when the answer is overdue.
        let as_stream = !request.streamed() && request.assemblable();
        let left = |bound: u32, said: u32| bound.saturating_sub(said).max(1);
        let lowered = start.max_tokens.map(|bound| left(bound, self.transcript.pieces()));
        let own = request.max_tokens().map(|bound| left(bound, self.transcript.tokens(None)));
        let own = own.filter(|_| lowered.is_some() || continuation.is_some());
        let streamed = request.streamed() || as_stream;
        let target = &self.tiers.settings(start.tier).target;
        let own_tier = target.kind.hosting() == upstream::Hosting::SelfHosted;
        let rewrite = Rewrite {
            model: &target.model,
            as_stream,
            tell_usage: self.gates.measure() && request.max_tokens().is_some(),
            max_tokens: lowered.into_iter().chain(own).min(),
            report_progress: streamed && reports_progress,
            carry_on: continuation.and_then(Continuation::told),
            grammar: self.order.in_process.grammar.as_deref().filter(|_| own_tier),
        };
        Outgoing {
            form: request.form(),
            body: request.rewritten(&rewrite),
            streamed,
            request_id: self.order.id.clone(),
            deadline: Some(start.total),
        }
    }
}
