//! The driver: it does what the core says, and tells it what happened.

mod adaptation;
mod ask;
mod attempt;
mod continuation;
mod draft;
mod events;
mod fault;
mod gates;
mod quota;
mod skip;
mod transcript;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use cascade::{Action, Ask, AttemptId, Call, CancelReason, Decision, Ending, Event, Moment, Route, Skip, TierId};
use tokio::time::{Instant, Sleep};
use upstream::{Failure, StreamEvent};

use crate::decision_record::DecisionRecord;
use crate::fleet::{Gateway, Tiers};
use crate::gate::{Gate, Gates};
use crate::observer::{Note, Observer, Reason};
use crate::settings::Availability;

use attempt::{AttemptLog, Running, Segment, TierEvent};
use transcript::{Transcript, Wanted};

pub(crate) use adaptation::{Adaptation, Adaptations};
pub(crate) use skip::code as skip_code;

/// A request, as the driver needs it.
pub(crate) struct Order {
    pub(crate) request: Arc<wire::Request>,
    pub(crate) id: String,
    pub(crate) route: Arc<Route>,
    /// What the route asks of an answer.
    pub(crate) gates: Arc<[Gate]>,
    pub(crate) deadline: Option<Duration>,
    /// The longest silence within a stream that its caller bears.
    pub(crate) longest_silence: Option<Duration>,
    pub(crate) in_process: InProcess,
}

impl Order {
    /// Whether an answer that broke off can be carried on. Half a JSON value with the half that another model makes of it is
    /// seldom one, whether the request asks for JSON or its route does.
    fn can_be_carried_on(&self) -> bool {
        self.request.can_be_carried_on() && !self.gates.contains(&Gate::Json)
    }
}

/// What comes with a request from within the process, and cannot be said over HTTP.
#[derive(Default)]
pub(crate) struct InProcess {
    /// A grammar in llama.cpp's form (GBNF) for those tiers alone that are sure to take one: the user's own.
    pub(crate) grammar: Option<String>,
    /// Told of this request, beside the gateway's observer.
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

/// One request under way. It is polled, not spawned: dropping it drops the attempt, and so closes its socket.
pub(crate) struct Drive {
    gateway: Arc<Gateway>,
    tiers: Arc<Tiers>,
    thread: usize,
    order: Order,
    call: Call,
    /// The attempts that run: two at most.
    running: Vec<Running>,
    /// The one of them whose end decides over its tier's breaker.
    probe: Option<AttemptId>,
    /// The one before them, where they carry it on.
    segment: Segment,
    /// Why each attempt failed, by its index.
    reasons: Vec<Option<Reason>>,
    /// What each attempt told, by its index.
    logs: Vec<AttemptLog>,
    /// What was said of the answer for good.
    transcript: Transcript,
    gates: Gates,
    out: VecDeque<Step>,
    /// Made when it is first needed, with the moment that it is then needed for: registering it twice costs twice.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What comes of a request, one by one.
pub(crate) enum Step {
    /// An event of a stream. The first one follows on the answering tier's first token.
    Event(StreamEvent),
    /// The answering tier carries on from here what another said: so many characters.
    Seam(usize),
    /// A whole answer.
    Whole(Bytes),
    /// Nothing follows.
    End(End),
}

/// How a request ended.
pub(crate) enum End {
    Complete,
    /// No tier would have taken the request: what a provider said of it.
    Refused(Box<upstream::ProviderAnswer>),
    /// The request is too long for every tier.
    TooLong,
    /// Every tier is at its limit, until then as far as is known.
    RateLimited(Option<Moment>),
    BrokenOff,
    GaveUp,
}

impl Drive {
    pub(crate) fn begin(gateway: Arc<Gateway>, tiers: Arc<Tiers>, thread: usize, order: Order) -> Self {
        let ask = Ask {
            prompt_tokens: order.request.prompt_tokens(),
            max_tokens: order.request.max_tokens(),
            streamed: order.request.streamed(),
            deadline: order.deadline,
            longest_silence: order.longest_silence,
            fingerprint: order.request.fingerprint(),
            seed: gateway.seed(),
        };
        let now = gateway.now();
        let mut call = Call::begin(Arc::clone(&order.route), ask, &mut tiers.fleet_now(), now);
        if !order.can_be_carried_on() {
            call.cannot_be_carried_on();
        }
        let gates = Gates::new(Arc::clone(&order.gates));
        let transcript = Transcript::new(order.request.form(), wanted(&order));
        Self {
            gateway,
            tiers,
            thread,
            order,
            call,
            // One attempt that says one event at a time is nearly all of them.
            running: Vec::with_capacity(1),
            probe: None,
            segment: Segment::default(),
            reasons: Vec::with_capacity(1),
            logs: Vec::with_capacity(1),
            transcript,
            gates,
            out: VecDeque::with_capacity(1),
            timer: None,
        }
    }

    fn wanted(&self) -> Wanted {
        wanted(&self.order)
    }

    pub(crate) fn decision(&self) -> &Decision {
        self.call.decision()
    }

    pub(crate) fn order(&self) -> &Order {
        &self.order
    }

    pub(crate) fn reason(&self, attempt: usize) -> Option<&Reason> {
        self.reasons.get(attempt)?.as_ref()
    }

    pub(crate) fn log(&self, attempt: usize) -> Option<&AttemptLog> {
        self.logs.get(attempt)
    }

    /// How many tokens were said of the answer for good.
    pub(crate) fn tokens_kept(&self) -> u32 {
        self.transcript.tokens(self.running.first().map_or(self.segment.usage, |running| running.usage))
    }

    pub(crate) fn now(&self) -> Moment {
        self.gateway.now()
    }

    pub(crate) fn tier_name(&self, tier: TierId) -> &str {
        &self.tiers.settings(tier).name
    }

    /// The model that a user wants of `tier`, where `attempt` has asked it for another one.
    pub(crate) fn replaced_in(&self, attempt: usize) -> Option<(&str, &str)> {
        let wanted = self.tiers.models(self.decision().attempts[attempt].tier).wanted();
        let model = &*self.logs.get(attempt)?.model;
        (model != wanted).then_some((wanted, model))
    }

    /// The caller's members that `tier` is not told, since it refuses them.
    pub(crate) fn ignored_by(&self, tier: TierId) -> Vec<&'static str> {
        let adaptations = self.tiers.adaptations(tier).of(&self.order.request);
        adaptations.iter().filter_map(Adaptation::ignored).collect()
    }

    pub(crate) async fn next(&mut self) -> Step {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next thing that came of the request. Not to be called after [`Step::End`].
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            self.act_on_all();
            if let Some(step) = self.out.pop_front() {
                return Poll::Ready(step);
            }
            if let Poll::Ready((id, result)) = self.poll_attempts(cx) {
                self.receive(id, result);
                continue;
            }
            if self.has_had_its_turn(cx) {
                continue;
            }
            ready!(self.poll_timer(cx));
            self.tell(Event::Tick);
        }
    }

    fn poll_attempts(&mut self, cx: &mut Context<'_>) -> Poll<(AttemptId, Result<TierEvent, Failure>)> {
        for running in &mut self.running {
            if let Poll::Ready(result) = running.attempt.poll(cx) {
                return Poll::Ready((running.id, result));
            }
        }
        Poll::Pending
    }

    /// Whether the request has waited for its turn at a tier, and waits there no longer.
    fn has_had_its_turn(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(waiter) = self.call.waits_as() else { return false };
        self.tiers.wakers.register(waiter, cx.waker());
        self.tell(Event::Granted);
        self.call.waits_as() != Some(waiter)
    }

    /// Ready when the core wants to be woken. Tokens only ever move that moment away, so the timer is set again when it
    /// fires and not with each of them.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let wake = self.call.wake_at().and_then(|at| self.gateway.instant(at));
            let Some(wake) = wake else { return Poll::Pending };
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(wake)));
            if wake < timer.deadline() || timer.is_elapsed() {
                if wake <= Instant::now() {
                    return Poll::Ready(());
                }
                timer.as_mut().reset(wake);
            }
            ready!(timer.as_mut().poll(cx));
        }
    }

    fn tell(&mut self, event: Event) {
        let (now, waiter) = (self.gateway.now(), self.call.waits_as());
        // What follows on these is a decision between the tiers as they are now.
        let mut fleet = match event {
            Event::Tick | Event::Granted | Event::Failed { .. } => self.tiers.fleet_now(),
            Event::Finished { .. } | Event::CallerLeft | Event::Stopped => self.tiers.fleet(),
        };
        self.call.on(event, &mut fleet, now);
        drop(fleet);
        if let Some(waiter) = waiter.filter(|_| self.call.waits_as() != waiter) {
            self.tiers.wakers.forget(waiter);
        }
    }

    /// Ends the request with the process. What it has come to is recorded as for any other.
    pub(crate) fn stop(&mut self) {
        self.tell(Event::Stopped);
        self.act_on_all();
    }

    /// Comes to its end once the process ends.
    pub(crate) fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        self.gateway.stopping()
    }

    fn act_on_all(&mut self) {
        while let Some(action) = self.call.poll() {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Start(start) => self.start(start),
            Action::Skipped { tier, why } => self.note_skipped(tier, why),
            Action::Queued { tier, ahead } => {
                self.note(&Note::Waiting { request: &self.order.id, tier: self.tier_name(tier), ahead });
            }
            Action::Cancel { attempt, reason } => self.cancel(attempt, reason),
            Action::Deliver { attempt } => {
                if self.probe == Some(attempt) {
                    self.call.delivered(attempt, &mut self.tiers.fleet(), self.gateway.now());
                }
            }
            Action::Complete { attempt } => self.complete(attempt),
            Action::Refuse { attempt } => {
                let answer = self.reason(attempt.index()).and_then(|reason| match reason {
                    Reason::Failure(failure) => failure.provider.clone(),
                    Reason::Limit(..)
                    | Reason::FellShort(_)
                    | Reason::NoSeam
                    | Reason::CallerLeft
                    | Reason::Overtaken => None,
                });
                self.end(answer.map_or(End::GaveUp, End::Refused));
            }
            Action::BreakOff { attempt } => {
                let tier = self.tier_name(self.decision().attempts[attempt.index()].tier);
                self.note(&Note::BrokenOff { request: &self.order.id, tier });
                self.end(End::BrokenOff);
            }
            Action::GiveUp => {
                let total = self.now().since(self.decision().began);
                self.note(&Note::AllFailed { request: &self.order.id, total });
                self.end(match self.decision().ending {
                    Some(Ending::TooLong(_)) => End::TooLong,
                    Some(Ending::RateLimited { until }) => End::RateLimited(until),
                    _ => End::GaveUp,
                });
            }
        }
    }

    /// Drops an attempt, and so closes its socket.
    fn cancel(&mut self, attempt: AttemptId, reason: CancelReason) {
        let at = self.running.iter().position(|running| running.id == attempt);
        let dropped = at.map(|at| self.running.remove(at));
        if let (Some(running), false) = (&dropped, reason == CancelReason::Overtaken) {
            self.segment = Segment::of(running);
        }
        match reason {
            CancelReason::Limit(limit, length) => self.note_failed(attempt, Reason::Limit(limit, length)),
            CancelReason::CallerLeft => self.note_failed(attempt, Reason::CallerLeft),
            CancelReason::Overtaken => self.note_overtaken(attempt),
        }
    }

    fn complete(&mut self, attempt: AttemptId) {
        let now = self.now();
        let decision = self.decision();
        let record = &decision.attempts[attempt.index()];
        self.note(&Note::Succeeded {
            request: &self.order.id,
            tier: self.tier_name(record.tier),
            took: record.took(now),
            total: now.since(decision.began),
        });
        self.end(End::Complete);
    }

    fn end(&mut self, end: End) {
        self.out.push_back(Step::End(end));
    }

    fn note(&self, note: &Note<'_>) {
        self.gateway.observer().note(note);
        if let Some(observer) = &self.order.in_process.observer {
            observer.note(note);
        }
    }

    fn note_failed(&mut self, attempt: AttemptId, reason: Reason) {
        let record = &self.decision().attempts[attempt.index()];
        let took = record.took(self.now());
        let tier = self.tier_name(record.tier);
        self.note(&Note::Failed { request: &self.order.id, tier, reason: &reason, took });
        self.reasons[attempt.index()] = Some(reason);
    }

    fn note_overtaken(&mut self, attempt: AttemptId) {
        let record = &self.decision().attempts[attempt.index()];
        let (tier, took) = (self.tier_name(record.tier), record.took(self.now()));
        self.note(&Note::Overtaken { request: &self.order.id, tier, took });
        self.reasons[attempt.index()] = Some(Reason::Overtaken);
    }

    fn note_skipped(&self, tier: TierId, why: Skip) {
        let reason = self.skip_reason(tier, why);
        self.note(&Note::Skipped { request: &self.order.id, tier: self.tier_name(tier), reason: &reason });
    }

    /// Why `tier` is skipped, in words.
    pub(crate) fn skip_reason(&self, tier: TierId, why: Skip) -> String {
        match self.tiers.availability(tier) {
            Availability::Returning(why) | Availability::Unavailable(why) => format!("unavailable ({why})"),
            Availability::Ready => skip::words(why, self.now()),
        }
    }
}

/// What may be asked for of the answer to `order`.
fn wanted(order: &Order) -> Wanted {
    let request = &order.request;
    Wanted { streamed: request.streamed(), gated: !order.gates.is_empty(), carried_on: order.can_be_carried_on() }
}

impl Drop for Drive {
    fn drop(&mut self) {
        if self.decision().ending.is_none() {
            self.tell(Event::CallerLeft);
            let total = self.now().since(self.decision().began);
            self.note(&Note::CallerLeft { request: &self.order.id, total });
        }
        self.gateway.observer().decided(&DecisionRecord(self));
        if let Some(observer) = &self.order.in_process.observer {
            observer.decided(&DecisionRecord(self));
        }
    }
}
