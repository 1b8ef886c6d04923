//! The events of a tier: the core learns of each, and the caller is shown it, or it waits until it can be shown.

use std::sync::Arc;

use cascade::{AttemptId, Event, FaultKind, Sign};
use upstream::{Cause, Failure, Hosting, QuotaReading, StreamEvent};
use wire::{Chunk, Piece, Usage, Whole};

use crate::fleet::{ModelNews, confirmation, wake_up};
use crate::observer::{Note, Reason};

use super::attempt::{Running, Segment, TierEvent};
use super::continuation::{Continuation, SeamProgress};
use super::{Drive, Step, fault, quota};

/// What a tier says before its first token, and is kept until that has come: a role, an empty delta. More than a few of
/// those say nothing new.
const HELD_EVENTS: usize = 16;

impl Drive {
    /// Takes in what an attempt that runs has said.
    pub(super) fn receive(&mut self, id: AttemptId, result: Result<TierEvent, Failure>) {
        let Some(at) = self.running.iter().position(|running| running.id == id) else { return };
        let mut running = self.running.remove(at);
        self.receive_result(&mut running, result);
        if running.over {
            self.segment = Segment::of(&running);
        } else {
            self.running.insert(0, running);
        }
    }

    fn receive_result(&mut self, running: &mut Running, result: Result<TierEvent, Failure>) {
        let id = running.id;
        match result {
            Ok(TierEvent::Asked(model)) => self.note_model(id, model),
            Ok(TierEvent::Head(quotas)) => self.correct_budget(id, &quotas),
            Ok(TierEvent::Event(event)) => self.receive_event(running, event),
            Ok(TierEvent::Whole(quotas, whole)) => {
                self.correct_budget(id, &quotas);
                self.receive_whole(running, *whole);
            }
            Ok(TierEvent::End) => self.receive_end(running),
            Err(Failure { cause: Cause::Empty, .. }) if running.had_nothing_to_add() => self.receive_end(running),
            Err(failure) => {
                self.correct_budget(id, &failure.quotas);
                self.wake_where_asleep(id, &failure);
                let list_was_read = failure.cause == Cause::ModelNotFound && self.mends(id);
                self.fail_by(running, failure);
                if !list_was_read {
                    self.confirm_where_suspected(id);
                }
            }
        }
    }

    /// Takes down which model an attempt has asked for, and tells where that is not the tier's own.
    fn note_model(&mut self, id: AttemptId, model: Arc<str>) {
        let tier = self.decision().attempts[id.index()].tier;
        let models = self.tiers.models(tier);
        let (request, name) = (&*self.order.id, self.tier_name(tier));
        match models.news_of(&model) {
            Some(ModelNews::Replaced { first }) => {
                self.note(&Note::Replaced { request, tier: name, gone: models.wanted(), model: &model, first });
            }
            Some(ModelNews::Restored) => self.note(&Note::Restored { request, tier: name, model: &model }),
            None => {}
        }
        self.logs[id.index()].model = model;
    }

    fn correct_budget(&self, id: AttemptId, quotas: &[QuotaReading]) {
        if !quotas.is_empty() {
            let tier = self.decision().attempts[id.index()].tier;
            self.tiers.correct_budget(tier, quota::readings(quotas), self.gateway.now());
        }
    }

    fn mends(&self, id: AttemptId) -> bool {
        self.tiers.settings(self.decision().attempts[id.index()].tier).models.mend
    }

    fn confirm_where_suspected(&self, id: AttemptId) {
        let tier = self.decision().attempts[id.index()].tier;
        if self.tiers.fleet().is_suspected(tier) {
            confirmation::look(&self.gateway, &self.tiers, tier, self.tiers.upstream(tier, self.thread));
        }
    }

    fn wake_where_asleep(&self, id: AttemptId, failure: &Failure) {
        let tier = self.decision().attempts[id.index()].tier;
        let upstream = self.tiers.upstream(tier, self.thread);
        if matches!(failure.cause, Cause::Waking { .. }) && upstream.target().kind.hosting == Hosting::SelfHosted {
            wake_up::wake(&self.gateway, &self.tiers, tier, upstream);
        }
    }

    fn receive_whole(&mut self, running: &mut Running, whole: Whole) {
        if self.order.request.streamed() || running.continuation.is_some() {
            for raw in whole.into_events(true) {
                self.receive_event(running, StreamEvent::made(raw));
                if running.over {
                    return;
                }
            }
            return self.receive_end(running);
        }
        self.sign(running, Sign::Token { kept: false });
        if running.over {
            return;
        }
        self.costs(running, whole.usage);
        self.transcript.take_whole(whole.body, !self.gates.is_empty());
        self.judge(running);
    }

    fn receive_event(&mut self, running: &mut Running, event: StreamEvent) {
        match event.piece {
            None => self.sign(running, Sign::Progress),
            Some(Piece::Chunk(chunk)) => {
                self.costs(running, chunk.usage);
                self.receive_chunk(running, chunk, event);
                self.may_keep(running, 0);
            }
            // The end of the stream follows, and what is no chunk is not passed on.
            Some(Piece::Done | Piece::Error(_) | Piece::Malformed) => {}
        }
    }

    fn receive_chunk(&mut self, running: &mut Running, chunk: Chunk, event: StreamEvent) {
        let streamed = self.order.request.streamed();
        if chunk.progress && !chunk.token {
            self.sign(running, Sign::Progress);
            if !self.order.request.speaks_of_progress() {
                return;
            }
        }
        let in_a_tool_call = chunk.tool_call || !running.tool_call.is_empty();
        let waits = in_a_tool_call || running.continuation.as_ref().is_some_and(Continuation::is_searching);
        if waits && !self.may_keep(running, event.raw.len()) {
            return;
        }
        if streamed && in_a_tool_call && self.order.route.hold_tool_calls {
            return self.hold_tool_call(running, event);
        }
        if chunk.tool_call && (streamed || running.continuation.is_some()) {
            self.call.cannot_be_carried_on();
        }
        if let Some(continuation) = &mut running.continuation {
            let progress = event.data.as_ref().map_or(SeamProgress::Nothing, |data| continuation.push(data));
            return self.receive_continued(running, chunk, progress);
        }
        if chunk.token {
            self.sign(running, Sign::Token { kept: streamed });
            if !running.over {
                self.show_held(running);
                self.show(event);
            }
        } else if self.has_spoken(running) {
            self.show(event);
        } else if running.held.len() < HELD_EVENTS && self.may_keep(running, event.raw.len()) {
            running.held.push(event.into_owned());
        }
    }

    /// Whether `bytes` more may be kept of what the attempt says. What it was given to carry on counts too. Where they may not,
    /// the attempt has failed.
    fn may_keep(&mut self, running: &mut Running, bytes: usize) -> bool {
        running.waiting += bytes;
        let may = running.over || running.waiting + self.transcript.bytes() <= self.tiers.most_kept;
        if !may {
            self.fail_by(running, Cause::Oversized.into());
        }
        may
    }

    fn hold_tool_call(&mut self, running: &mut Running, event: StreamEvent) {
        self.sign(running, Sign::Token { kept: false });
        running.tool_call.push(event.into_owned());
    }

    fn receive_continued(&mut self, running: &mut Running, chunk: Chunk, progress: SeamProgress) {
        if chunk.token {
            self.sign(running, Sign::Token { kept: matches!(progress, SeamProgress::Seam(_) | SeamProgress::More(_)) });
        }
        match progress {
            SeamProgress::Nothing => {}
            SeamProgress::More(event) => {
                self.show(event);
                self.end_at_the_bound(running);
            }
            SeamProgress::Seam(events) => {
                self.note_seam(running);
                events.into_iter().for_each(|event| self.show(event));
                self.end_at_the_bound(running);
            }
            SeamProgress::NoSeam => self.fail(running, FaultKind::NoSeam.into(), Reason::NoSeam),
        }
    }

    /// Ends an answer at its caller's own bound: a tier that repeats words first is given more room than that.
    fn end_at_the_bound(&mut self, running: &mut Running) {
        let bound = self.order.request.max_tokens().filter(|&bound| self.transcript.tokens(None) >= bound);
        let repeats = running.continuation.as_ref().filter(|continuation| continuation.repeats());
        let (Some(bound), Some(continuation), false) = (bound, repeats, running.over) else { return };
        for event in continuation.cut_at(bound, self.order.request.prompt_tokens()) {
            self.show(event);
        }
        self.judge(running);
    }

    fn receive_end(&mut self, running: &mut Running) {
        let calls_tool = !running.tool_call.is_empty();
        let progress = running.continuation.as_mut().map_or(SeamProgress::Nothing, |c| c.finish(calls_tool));
        self.receive_continued(running, Chunk::default(), progress);
        if running.over {
            return;
        }
        if !running.tool_call.is_empty() {
            self.sign(running, Sign::Token { kept: true });
            let events = std::mem::take(&mut running.tool_call);
            let held = std::mem::take(&mut running.held);
            held.into_iter().chain(events).for_each(|event| self.show_in_its_stream(running, event));
        }
        // Of two attempts, one that ends without a token is not the first to say something.
        if !self.running.is_empty() && !self.has_spoken(running) {
            let failure = Failure::from(Cause::Empty);
            return self.fail_by(running, failure);
        }
        // Where no token came, a filter held the answer back; that it did is the answer.
        self.show_held(running);
        self.judge(running);
    }

    fn has_spoken(&self, running: &Running) -> bool {
        self.decision().attempts[running.id.index()].first_token.is_some()
    }

    fn show_in_its_stream(&mut self, running: &Running, event: StreamEvent) {
        let event = match (&running.continuation, &event.data) {
            (Some(continuation), Some(data)) => continuation.in_its_stream(data),
            _ => event,
        };
        self.show(event);
    }

    fn show_held(&mut self, running: &mut Running) {
        std::mem::take(&mut running.held).into_iter().for_each(|event| self.show(event));
    }

    /// Gives the caller of a stream an event to see, but for its end where that has to pass gates first.
    fn show(&mut self, event: StreamEvent) {
        if !self.order.request.streamed() {
            return self.transcript.add(&event);
        }
        if !self.gates.is_empty() && is_end(&event) {
            return self.transcript.hold_end(event);
        }
        self.transcript.add(&event);
        self.out.push_back(Step::Event(event));
    }

    fn note_seam(&mut self, running: &Running) {
        let Some(seam) = running.continuation.as_ref().map(Continuation::seam_at) else { return };
        let tier = self.tier_name(self.decision().attempts[running.id.index()].tier);
        self.note(&Note::CarriedOn { request: &self.order.id, tier, seam });
        self.logs[running.id.index()].seam = Some(seam);
        self.out.push_back(Step::Seam(seam));
    }

    /// Takes down what the tier says that the attempt costs, where it does.
    fn costs(&mut self, running: &mut Running, usage: Option<Usage>) {
        running.usage = usage.or(running.usage);
        self.logs[running.id.index()].usage = running.usage;
    }

    fn sign(&mut self, running: &mut Running, sign: Sign) {
        if matches!(sign, Sign::Token { .. }) {
            self.logs[running.id.index()].tokens += 1;
        }
        self.call.heard(running.id, sign, self.gateway.now());
        // It was the first to say something: the one beside it is ended before anything more is heard.
        if matches!(sign, Sign::Token { .. }) && !self.running.is_empty() {
            self.tell(Event::Tick);
            self.act_on_all();
            running.over = self.decision().attempts[running.id.index()].ended.is_some();
        }
    }

    pub(super) fn finish(&mut self, running: &mut Running) {
        running.over = true;
        self.tell(Event::Finished { attempt: running.id, tokens: running.tokens() });
    }

    pub(super) fn fail_by(&mut self, running: &mut Running, failure: Failure) {
        let tier = self.decision().attempts[running.id.index()].tier;
        let day = self.tiers.settings(tier).target.facts().day;
        self.fail(running, fault::of(&failure, day), Reason::Failure(failure));
    }

    pub(super) fn fail(&mut self, running: &mut Running, fault: cascade::Fault, reason: Reason) {
        running.over = true;
        self.note_failed(running.id, reason);
        self.tell(Event::Failed { attempt: running.id, fault, tokens: running.tokens() });
    }
}

/// Whether the event says that an answer has ended, or what it cost.
fn is_end(event: &StreamEvent) -> bool {
    let Some(Piece::Chunk(chunk)) = &event.piece else { return false };
    chunk.finish.is_some() || (chunk.usage.is_some() && !chunk.choices)
}
