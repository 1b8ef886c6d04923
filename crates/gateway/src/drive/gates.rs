//! An answer at its end: it counts where it passes the gates of its route, and falls short where it does not.

use cascade::FaultKind;
use upstream::{Cause, Failure};

use crate::gate::Shortfall;
use crate::observer::Reason;

use super::attempt::{Running, Segment};
use super::{Drive, Step};

impl Drive {
    pub(super) fn judge(&mut self, running: &mut Running) {
        if let Some(shortfall) = self.shortfall(running) {
            return self.fall_short(running, shortfall);
        }
        if self.order.request.streamed() {
            self.out.extend(self.transcript.take_ends().into_iter().map(Step::Event));
        } else {
            let Some(answer) = self.transcript.take_answer() else {
                let failure = Failure::from(Cause::Empty);
                return self.fail_by(running, failure);
            };
            self.out.push_back(Step::Whole(answer));
        }
        self.finish(running);
    }

    fn shortfall(&self, running: &Running) -> Option<Shortfall> {
        if self.gates.is_empty() {
            return None;
        }
        let request = &self.order.request;
        // What its tier says that a segment cost counts the words that it was asked to repeat.
        let usage = running.usage.filter(|_| !Segment::of(running).repeated);
        let as_long_as_wanted = request.max_tokens().is_some_and(|bound| self.transcript.tokens(usage) >= bound);
        self.transcript.seen_by(|answer| self.gates.shortfall(request, answer.choices(), as_long_as_wanted)).flatten()
    }

    fn fall_short(&mut self, running: &mut Running, shortfall: Shortfall) {
        // What the caller has seen stands, and no text behind it would make it what was asked for.
        if self.order.request.streamed() && !shortfall.can_be_mended() {
            self.call.cannot_be_carried_on();
        }
        let kind = if shortfall == Shortfall::CutByLength { FaultKind::CutByLength } else { FaultKind::Gate };
        self.fail(running, kind.into(), Reason::FellShort(shortfall));
    }
}
