//! The driver: it does what the core says, and tells it what happened.

mod attempt;
mod carrying;
mod fault;
mod hear;
mod quota;
mod skip;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use cascade::{Action, Ask, AttemptId, Because, Call, Decision, Event, Moment, Route, Skip, Start, Task, TierId};
use tokio::time::{Instant, Sleep};
use upstream::{Outgoing, StreamEvent};
use wire::{Rewrite, Whole};

use crate::fleet::{Gateway, Tiers};
use crate::observer::{Note, Reason};
use crate::settings::Availability;

use attempt::Attempt;
use carrying::{Carrying, Shown};

/// A request, as the driver needs it.
pub(crate) struct Order {
    pub(crate) request: Arc<wire::Request>,
    pub(crate) id: String,
    pub(crate) route: Arc<Route>,
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
    held: Vec<StreamEvent>,
    /// A tool call that is not whole yet, and what came behind it.
    tool_call: Vec<StreamEvent>,
    /// What the caller of a stream has seen.
    shown: Shown,
    /// Where the running attempt carries on what another has said.
    carrying: Option<Carrying>,
    /// What the running attempt's tier says that it cost, prompt and answer together.
    tokens: Option<u32>,
    out: VecDeque<Step>,
    /// Made when it is first needed, with the moment that it is then needed for: registering it twice costs twice.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What comes of a request, one by one.
pub(crate) enum Step {
    /// What came so far, unseen by the caller, counts for nothing: another tier begins anew.
    Anew,
    /// An event of the answering tier's stream. The first one follows on its first token.
    Event(StreamEvent),
    /// The answering tier carries on from here what another said: so many characters.
    Seam(usize),
    /// A whole answer in one piece.
    Whole(Box<Whole>),
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
            deadline: order.deadline,
            seed: gateway.seed(),
        };
        let now = gateway.now();
        let mut call = Call::begin(Arc::clone(&order.route), ask, &mut tiers.fleet_now(), now);
        if !order.request.can_be_carried_on() {
            call.cannot_be_carried_on();
        }
        Self {
            gateway,
            tiers,
            thread,
            order,
            call,
            attempt: None,
            reasons: Vec::new(),
            held: Vec::new(),
            tool_call: Vec::new(),
            shown: Shown::default(),
            carrying: None,
            tokens: None,
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

    pub(crate) fn now(&self) -> Moment {
        self.gateway.now()
    }

    pub(crate) fn tier_name(&self, tier: TierId) -> &str {
        &self.tiers.settings(tier).name
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
                    Reason::Limit(..) | Reason::NoSeam | Reason::CallerLeft => None,
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
        self.tokens = None;
        self.reasons.push(None);
        let settings = self.tiers.settings(start.tier);
        self.carrying = match start.task {
            Task::Answer => None,
            Task::CarryOn(how) => {
                let sure = settings.target.kind == upstream::Kind::Local;
                Some(Carrying::new(self.order.request.form(), &self.shown, how, sure))
            }
        };
        if self.carrying.is_none() && self.decision().attempts.iter().any(|attempt| attempt.first_token.is_some()) {
            self.out.push_back(Step::Anew);
        }
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
        let streamed = request.streamed() || as_stream;
        let bound = start.max_tokens.or_else(|| request.max_tokens().filter(|_| self.carrying.is_some()));
        let rewrite = Rewrite {
            model: &self.tiers.settings(start.tier).target.model,
            as_stream,
            max_tokens: bound.map(|bound| bound.saturating_sub(self.shown.pieces()).max(1)),
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
    }
}
