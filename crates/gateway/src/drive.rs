//! The driver: it does what the core says, and tells it what happened.

mod attempt;
mod carrying;
mod fault;
mod hear;
mod judge;
mod kept;
mod quota;
mod skip;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use cascade::{Action, Ask, AttemptId, Because, Call, Decision, Event, Moment, Route, Skip, Start, Task, TierId};
use tokio::time::{Instant, Sleep};
use upstream::{Outgoing, StreamEvent};
use wire::{Rewrite, Usage};

use crate::decided::Decided;
use crate::fleet::{Gateway, Tiers};
use crate::gate::{Gate, Gates};
use crate::observer::{Note, Reason};
use crate::settings::Availability;

use attempt::{Attempt, Told};
use carrying::Carrying;
use kept::Kept;

pub(crate) use skip::code as skip_code;

/// A request, as the driver needs it.
pub(crate) struct Order {
    pub(crate) request: Arc<wire::Request>,
    pub(crate) id: String,
    pub(crate) route: Arc<Route>,
    /// What the route asks of an answer.
    pub(crate) gates: Arc<[Gate]>,
    pub(crate) deadline: Option<Duration>,
}

/// One request under way. It is polled, not spawned: dropping it drops the attempt, and so closes its socket.
pub(crate) struct Drive {
    gateway: Arc<Gateway>,
    tiers: Arc<Tiers>,
    thread: usize,
    order: Order,
    call: Call,
    attempt: Option<(AttemptId, Attempt)>,
    /// Why each attempt failed, by its index.
    reasons: Vec<Option<Reason>>,
    /// What each attempt told, by its index.
    told: Vec<Told>,
    held: Vec<StreamEvent>,
    /// A tool call that is not whole yet, and what came behind it.
    tool_call: Vec<StreamEvent>,
    /// What was said of the answer for good.
    kept: Kept,
    gates: Gates,
    /// Where the running attempt carries on what was said before.
    carrying: Option<Carrying>,
    /// What the running attempt's tier says that it cost.
    usage: Option<Usage>,
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
    /// The caller's own fault, in the provider's words.
    Refused(Box<upstream::ProviderAnswer>),
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
            seed: gateway.seed(),
        };
        let now = gateway.now();
        let mut call = Call::begin(Arc::clone(&order.route), ask, &mut tiers.fleet_now(), now);
        if !order.request.can_be_carried_on() {
            call.cannot_be_carried_on();
        }
        let kept = Kept::new(order.request.form(), order.request.streamed());
        let gates = Gates::new(Arc::clone(&order.gates));
        Self {
            gateway,
            tiers,
            thread,
            order,
            call,
            attempt: None,
            reasons: Vec::new(),
            told: Vec::new(),
            held: Vec::new(),
            tool_call: Vec::new(),
            kept,
            gates,
            carrying: None,
            usage: None,
            out: VecDeque::new(),
            timer: None,
        }
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

    pub(crate) fn told(&self, attempt: usize) -> Option<&Told> {
        self.told.get(attempt)
    }

    /// How many tokens were said of the answer for good.
    pub(crate) fn tokens_kept(&self) -> u32 {
        self.kept.tokens(self.usage)
    }

    pub(crate) fn now(&self) -> Moment {
        self.gateway.now()
    }

    pub(crate) fn tier_name(&self, tier: TierId) -> &str {
        &self.tiers.settings(tier).name
    }

    pub(crate) fn tier_model(&self, tier: TierId) -> &str {
        &self.tiers.settings(tier).target.model
    }

    pub(crate) async fn next(&mut self) -> Step {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next thing that came of the request. Not to be called after [`Step::End`].
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            while let Some(action) = self.call.poll() {
                self.act(action);
            }
            if let Some(step) = self.out.pop_front() {
                return Poll::Ready(step);
            }
            if let Some((id, attempt)) = &mut self.attempt
                && let Poll::Ready(said) = attempt.poll(cx)
            {
                let id = *id;
                self.hear(id, said);
                continue;
            }
            if self.has_had_its_turn(cx) {
                continue;
            }
            ready!(self.poll_timer(cx));
            self.tell(Event::Tick);
        }
    }

    /// Whether the request has waited for its turn at a tier, and waits there no longer.
    fn has_had_its_turn(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(waiter) = self.call.waits_as() else { return false };
        self.tiers.turns.await_turn(waiter, cx.waker());
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
            Event::Finished { .. } | Event::CallerLeft => self.tiers.fleet(),
        };
        self.call.on(event, &mut fleet, now);
        drop(fleet);
        if let Some(waiter) = waiter.filter(|_| self.call.waits_as() != waiter) {
            self.tiers.turns.forget(waiter);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Start(start) => self.start(start),
            Action::Skipped { tier, why } => self.note_skipped(tier, why),
            Action::Queued { tier, ahead } => {
                self.note(&Note::Waiting { request: &self.order.id, tier: self.tier_name(tier), ahead });
            }
            Action::Cancel { attempt, because } => {
                self.attempt = None;
                let reason = match because {
                    Because::Limit(limit, length) => Reason::Limit(limit, length),
                    Because::CallerLeft => Reason::CallerLeft,
                };
                self.note_failed(attempt, reason);
            }
            Action::Deliver { .. } => {}
            Action::Complete { attempt } => self.complete(attempt),
            Action::Refuse { attempt } => {
                let answer = self.reason(attempt.index()).and_then(|reason| match reason {
                    Reason::Failure(failure) => failure.provider.clone(),
                    Reason::Limit(..) | Reason::FellShort(_) | Reason::NoSeam | Reason::CallerLeft => None,
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
                self.end(End::GaveUp);
            }
        }
    }

    fn start(&mut self, start: Start) {
        self.note(&Note::Trying { request: &self.order.id, tier: self.tier_name(start.tier) });
        self.held.clear();
        self.tool_call.clear();
        self.reasons.push(None);
        self.told.push(Told::default());
        let settings = self.tiers.settings(start.tier);
        let usage = self.usage.take();
        let request = &self.order.request;
        self.carrying = match start.task {
            Task::Answer => {
                self.kept = Kept::new(request.form(), request.streamed());
                None
            }
            Task::CarryOn(how) => {
                let repeated = self.carrying.as_ref().is_some_and(Carrying::repeats);
                self.out.extend(self.kept.next_part(usage, repeated).into_iter().map(Step::Event));
                let sure = settings.target.kind == upstream::Kind::Local;
                Some(Carrying::new(request.form(), &self.kept, how, sure))
            }
        };
        let upstream = self.tiers.upstream(start.tier, self.thread);
        let outgoing = self.outgoing(start, upstream.reports_progress());
        let sending = async move { upstream.send(outgoing).await };
        self.attempt = Some((start.attempt, Attempt::Sending(Box::pin(sending))));
    }

    fn outgoing(&self, start: Start, reports_progress: bool) -> Outgoing {
        let request = &self.order.request;
        // A whole answer is asked for as a stream wherever one can be put together again, so that a tier that falls
        // silent is noticed at once and not when the answer is overdue.
        let as_stream = !request.streamed() && request.assemblable();
        let left = |bound: u32, said: u32| bound.saturating_sub(said).max(1);
        let lowered = start.max_tokens.map(|bound| left(bound, self.kept.pieces()));
        let own = request.max_tokens().map(|bound| left(bound, self.kept.tokens(None)));
        let own = own.filter(|_| lowered.is_some() || self.carrying.is_some());
        let streamed = request.streamed() || as_stream;
        let rewrite = Rewrite {
            model: &self.tiers.settings(start.tier).target.model,
            as_stream,
            tell_usage: self.gates.measure() && request.max_tokens().is_some(),
            max_tokens: lowered.into_iter().chain(own).min(),
            report_progress: streamed && reports_progress,
            carry_on: self.carrying.as_ref().and_then(Carrying::told),
        };
        Outgoing {
            form: request.form(),
            body: request.rewritten(&rewrite),
            streamed,
            request_id: self.order.id.clone(),
            deadline: Some(start.total),
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
    }

    fn note_failed(&mut self, attempt: AttemptId, reason: Reason) {
        let record = &self.decision().attempts[attempt.index()];
        let took = record.took(self.now());
        let tier = self.tier_name(record.tier);
        self.note(&Note::Failed { request: &self.order.id, tier, reason: &reason, took });
        self.reasons[attempt.index()] = Some(reason);
    }

    fn note_skipped(&self, tier: TierId, why: Skip) {
        let reason = self.skip_reason(tier, why);
        self.note(&Note::Skipped { request: &self.order.id, tier: self.tier_name(tier), reason: &reason });
    }

    /// Why `tier` is skipped, in words.
    pub(crate) fn skip_reason(&self, tier: TierId, why: Skip) -> String {
        match self.tiers.availability(tier) {
            Availability::Unavailable(why) => format!("unavailable ({why})"),
            Availability::Ready => skip::words(why, self.now()),
        }
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        if self.decision().ending.is_none() {
            self.tell(Event::CallerLeft);
            let total = self.now().since(self.decision().began);
            self.note(&Note::CallerLeft { request: &self.order.id, total });
        }
        self.gateway.observer().decided(&Decided(self));
    }
}
