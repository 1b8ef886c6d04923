//! What a tier says: told to the core, and shown to the caller, or held until it can be.

use bytes::Bytes;
use cascade::{AttemptId, Event, FaultKind, Sign};
use upstream::{Cause, Failure, Hosting, QuotaReading, StreamEvent};
use wire::{Chunk, Piece, Usage, Whole, sse};

use crate::observer::{Note, Reason};
use crate::waking;

use super::attempt::Said;
use super::carrying::Heard;
use super::{Drive, Step, fault, quota};

/// What a tier says before its first token, and is kept until that has come: a role, an empty delta. More than a few of
/// those say nothing new.
const HELD_EVENTS: usize = 16;
/// A tool call of more pieces than this is none.
const TOOL_CALL_EVENTS: usize = 65_536;

impl Drive {
    pub(super) fn hear(&mut self, id: AttemptId, said: Result<Said, Failure>) {
        match said {
            Ok(Said::Head(quotas)) => self.correct_budget(id, &quotas),
            Ok(Said::Event(event)) => self.hear_event(id, event),
            Ok(Said::Whole(quotas, whole)) => {
                self.correct_budget(id, &quotas);
                self.hear_whole(id, *whole);
            }
            Ok(Said::End) => self.hear_end(id),
            Err(Failure { cause: Cause::Empty, .. }) if self.nothing_to_add() => self.hear_end(id),
            Err(failure) => {
                self.correct_budget(id, &failure.quotas);
                self.wake_where_asleep(id, &failure);
                self.fail(id, fault::of(&failure), Reason::Failure(failure));
            }
        }
    }

    fn correct_budget(&self, id: AttemptId, quotas: &[QuotaReading]) {
        if quotas.is_empty() {
            return;
        }
        let (tier, now) = (self.decision().attempts[id.index()].tier, self.gateway.now());
        let mut fleet = self.tiers.fleet();
        quotas.iter().filter_map(quota::reading).for_each(|reading| fleet.correct_budget(tier, reading, now));
    }

    fn wake_where_asleep(&self, id: AttemptId, failure: &Failure) {
        let tier = self.decision().attempts[id.index()].tier;
        let upstream = self.tiers.upstream(tier, self.thread);
        if matches!(failure.cause, Cause::Waking { .. }) && upstream.target().kind.hosting() == Hosting::SelfHosted {
            waking::wake(&self.gateway, &self.tiers, tier, upstream);
        }
    }

    fn hear_whole(&mut self, id: AttemptId, whole: Whole) {
        if self.order.request.streamed() || self.carrying.is_some() {
            for raw in whole.into_events(true) {
                self.hear_event(id, carried_event(raw));
            }
            return self.hear_end(id);
        }
        self.heard(id, Sign::Token { kept: false });
        self.costs(id, whole.usage);
        self.kept.take_whole(whole.body, !self.gates.is_empty());
        self.judge(id);
    }

    fn hear_event(&mut self, id: AttemptId, event: StreamEvent) {
        match event.piece {
            None => self.heard(id, Sign::Progress),
            Some(Piece::Chunk(chunk)) => {
                self.costs(id, chunk.usage);
                self.hear_chunk(id, chunk, event);
            }
            // The end of the stream follows, and what is no chunk is not passed on.
            Some(Piece::Done | Piece::Error(_) | Piece::Malformed) => {}
        }
    }

    fn hear_chunk(&mut self, id: AttemptId, chunk: Chunk, event: StreamEvent) {
        let streamed = self.order.request.streamed();
        if chunk.progress && !chunk.token {
            self.heard(id, Sign::Progress);
            if !self.order.request.speaks_of_progress() {
                return;
            }
        }
        let in_a_tool_call = chunk.tool_call || !self.tool_call.is_empty();
        if streamed && in_a_tool_call && self.order.route.hold_tool_calls {
            return self.hold_tool_call(id, event);
        }
        if chunk.tool_call && (streamed || self.carrying.is_some()) {
            self.call.cannot_be_carried_on();
        }
        if let Some(carrying) = &mut self.carrying {
            let heard = event.data.as_ref().map_or(Heard::Nothing, |data| carrying.hear(data));
            return self.hear_carried(id, chunk, heard);
        }
        if chunk.token {
            self.heard(id, Sign::Token { kept: streamed });
            self.show_held();
            self.show(event);
        } else if self.decision().attempts[id.index()].first_token.is_some() {
            self.show(event);
        } else if self.held.len() < HELD_EVENTS {
            self.held.push(event);
        }
    }

    fn hold_tool_call(&mut self, id: AttemptId, event: StreamEvent) {
        self.heard(id, Sign::Token { kept: false });
        if self.tool_call.len() >= TOOL_CALL_EVENTS {
            let failure = Failure::from(Cause::Oversized);
            return self.fail(id, fault::of(&failure), Reason::Failure(failure));
        }
        self.tool_call.push(event);
    }

    fn hear_carried(&mut self, id: AttemptId, chunk: Chunk, heard: Heard) {
        if chunk.token {
            self.heard(id, Sign::Token { kept: matches!(heard, Heard::Seam(_) | Heard::More(_)) });
        }
        match heard {
            Heard::Nothing => {}
            Heard::More(event) => self.show(event),
            Heard::Seam(events) => {
                self.note_seam(id);
                events.into_iter().for_each(|event| self.show(event));
            }
            Heard::NoSeam => self.fail(id, FaultKind::NoSeam.into(), Reason::NoSeam),
        }
    }

    fn hear_end(&mut self, id: AttemptId) {
        let heard = self.carrying.as_mut().map_or(Heard::Nothing, super::Carrying::end);
        self.hear_carried(id, Chunk::default(), heard);
        if self.attempt.is_none() {
            return;
        }
        if !self.tool_call.is_empty() {
            self.heard(id, Sign::Token { kept: true });
            let events = std::mem::take(&mut self.tool_call);
            let held = std::mem::take(&mut self.held);
            held.into_iter().chain(events).for_each(|event| self.show_in_its_stream(event));
        }
        // Where no token came, a filter held the answer back; that it did is the answer.
        self.show_held();
        self.judge(id);
    }

    /// Whether the answer was complete but for its end when it broke off, as the carrying tier says.
    fn nothing_to_add(&self) -> bool {
        self.carrying.as_ref().is_some_and(super::Carrying::had_nothing_to_add)
    }

    fn show_in_its_stream(&mut self, event: StreamEvent) {
        let event = match (&self.carrying, &event.data) {
            (Some(carrying), Some(data)) => carrying.in_its_stream(data),
            _ => event,
        };
        self.show(event);
    }

    fn show_held(&mut self) {
        std::mem::take(&mut self.held).into_iter().for_each(|event| self.show(event));
    }

    /// Gives the caller of a stream an event to see, but for its end where that has to pass gates first.
    fn show(&mut self, event: StreamEvent) {
        if !self.order.request.streamed() {
            return self.kept.add(&event);
        }
        if !self.gates.is_empty() && is_end(&event) {
            return self.kept.hold_end(event);
        }
        self.kept.add(&event);
        self.out.push_back(Step::Event(event));
    }

    fn note_seam(&mut self, id: AttemptId) {
        let Some(seam) = self.carrying.as_ref().map(super::Carrying::seam_at) else { return };
        let tier = self.tier_name(self.decision().attempts[id.index()].tier);
        self.note(&Note::CarriedOn { request: &self.order.id, tier, seam });
        self.told[id.index()].seam = Some(seam);
        self.out.push_back(Step::Seam(seam));
    }

    /// Takes down what the tier says that the attempt costs, where it does.
    fn costs(&mut self, id: AttemptId, usage: Option<Usage>) {
        self.usage = usage.or(self.usage);
        self.told[id.index()].usage = self.usage;
    }

    fn heard(&mut self, id: AttemptId, sign: Sign) {
        if matches!(sign, Sign::Token { .. }) {
            self.told[id.index()].heard += 1;
        }
        self.call.heard(id, sign, self.gateway.now());
    }

    pub(super) fn finish(&mut self, id: AttemptId) {
        self.attempt = None;
        self.tell(Event::Finished { attempt: id, tokens: self.usage.map(|usage| usage.total_tokens) });
    }

    pub(super) fn fail(&mut self, id: AttemptId, fault: cascade::Fault, reason: Reason) {
        self.attempt = None;
        self.note_failed(id, reason);
        let tokens = self.usage.map(|usage| usage.total_tokens);
        self.tell(Event::Failed { attempt: id, fault, tokens });
    }
}

/// Whether the event says that an answer has ended, or what it cost.
fn is_end(event: &StreamEvent) -> bool {
    let Some(Piece::Chunk(chunk)) = &event.piece else { return false };
    chunk.finish.is_some() || (chunk.usage.is_some() && !chunk.choices)
}

/// An event of our own making, `data: …` and a blank line, read back.
pub(super) fn carried_event(raw: Bytes) -> StreamEvent {
    let data = raw.slice(sse::DATA.len()..raw.len() - sse::END.len());
    StreamEvent { piece: Some(Piece::read(&data)), data: Some(data), raw }
}
