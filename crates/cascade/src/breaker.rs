//! A tier's breaker: whether it is asked at all, and when it is tried again.

pub(crate) mod backoff;

use std::time::Duration;

use crate::fault::{Fault, FaultKind};
use crate::moment::Moment;
use crate::random::Random;
use crate::window::Window;

/// This many failures in a row open it, as in Envoy's outlier detection (`consecutive_5xx`).
const IN_A_ROW: u32 = 5;
/// A silent tier costs a caller a whole limit each time, so that silence counts for more than one failure.
const SILENCE: u32 = 2;
/// The failure rate is taken over so long a time.
const WINDOW: Duration = Duration::from_secs(30);
/// Of at least so many requests in it …
const LEAST_COUNT: u32 = 10;
/// … this share opens it too: a tier that fails every other time never fails often in a row.
const FAILING_PERCENT: u32 = 50;
/// Envoy's `base_ejection_time`, scaled from its 30 s to callers who wait.
const FIRST: Duration = Duration::from_secs(5);
/// The longest for what may mend itself.
const LONGEST: Duration = Duration::from_secs(60);
/// For what a person must mend: a wrong key, a model that is not there.
const NEEDS_A_PERSON: Duration = Duration::from_secs(600);
/// More ejections than make the longest time are not counted, so that as many healthy intervals take all of them off.
const MOST_EJECTIONS: u32 = (LONGEST.as_secs() / FIRST.as_secs()) as u32;
/// A tier of which nothing was heard for so long is taken for what it was at the start.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// Closed, open or half-open.
///
/// The time that it stays open follows Envoy's outlier detection: the first time × how often it has been opened, that
/// count falling again with each healthy interval; jittered upwards, so that replicas do not probe together.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    in_a_row: u32,
    window: Window,
    /// How often it was opened lately.
    ejections: u32,
    /// How many probes there were: the last one's number is the one whose end decides.
    probes: u32,
    /// Since when it has been healthy, or since when that last took an ejection off.
    healthy_since: Moment,
    /// When a request last ended.
    heard_at: Moment,
    /// What a person would have to mend, by the word of one request.
    suspicion: Option<Suspicion>,
}

/// One request was told that a key is refused, or that a model is gone. A provider that is confused says so too, and one that
/// quotes a prompt may seem to: another request, or the list of models, must say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suspicion {
    kind: FaultKind,
    /// Which request it was: equal ones have equal numbers.
    fingerprint: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        until: Moment,
        cause: Cause,
    },
    /// One request is under way to see whether it may close.
    Probing {
        /// Until when it was open: an early probe that says nothing shortens that no more than a failure does.
        until: Moment,
        cause: Cause,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cause {
    kind: FaultKind,
    /// Until when the tier asked to be left alone, however long it is open beyond that.
    asked_until: Moment,
}

/// Why a breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The failure that opened it.
    pub kind: FaultKind,
    /// Whether the tier itself asked to be left alone for now: that holds, whatever else.
    pub asked: bool,
}

/// A request whose end decides over a breaker, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe(u32);

/// Whether a tier may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Yes,
    /// It may, by this one request, whose end decides.
    Probe,
    /// It may not until then; `None` while a probe is under way.
    No {
        /// When it may be probed.
        until: Option<Moment>,
        /// Why it is open.
        opening: Opening,
    },
}

impl Opening {
    /// Whether an early probe could find the tier mended.
    #[must_use]
    pub const fn may_mend(self) -> bool {
        !self.asked && !self.kind.needs_a_person()
    }
}

impl Cause {
    fn at(self, now: Moment) -> Opening {
        Opening { kind: self.kind, asked: now < self.asked_until }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed,
            in_a_row: 0,
            window: Window::over(WINDOW),
            ejections: 0,
            probes: 0,
            healthy_since: Moment::ZERO,
            heard_at: Moment::ZERO,
            suspicion: None,
        }
    }
}

impl Breaker {
    /// Whether the tier may be asked at `now`. Changes nothing: [`Breaker::enter`] does, once it is.
    #[must_use]
    pub fn admission(&self, now: Moment) -> Admission {
        match self.state {
            State::Closed => Admission::Yes,
            State::Open { until, .. } if now >= until => Admission::Probe,
            State::Open { until, cause } => Admission::No { until: Some(until), opening: cause.at(now) },
            State::Probing { cause, .. } => Admission::No { until: None, opening: cause.at(now) },
        }
    }

    /// Notes that the tier is being asked. Names the probe that this is, where it is one: also early, where the caller has
    /// no other tier.
    pub(crate) fn enter(&mut self) -> Option<Probe> {
        let State::Open { until, cause } = self.state else { return None };
        self.state = State::Probing { until, cause };
        self.probes = self.probes.wrapping_add(1);
        Some(Probe(self.probes))
    }

    /// Whether the end of `probe` decides: it is the one under way, and not one that the tier's waking has overtaken.
    fn decides(&self, probe: Option<Probe>) -> bool {
        matches!(self.state, State::Probing { .. }) && probe == Some(Probe(self.probes))
    }

    /// Notes an answer; `probe` as [`Breaker::enter`] said of that request.
    pub(crate) fn on_success(&mut self, probe: Option<Probe>, now: Moment) {
        self.forget_where_idle(now);
        self.window.add(now, false);
        self.in_a_row = 0;
        self.suspicion = None;
        if self.state == State::Closed {
            self.forget(now);
        } else if self.decides(probe) {
            self.on_mended(now);
        }
    }

    /// Notes the first token of a request. A probe has shown enough with it: an answer of minutes must not keep others out.
    pub(crate) fn on_first_token(&mut self, probe: Option<Probe>, now: Moment) {
        if self.decides(probe) {
            self.on_mended(now);
        }
    }

    /// Whether one request was told what a person would have to mend.
    pub(crate) const fn is_suspected(&self) -> bool {
        self.suspicion.is_some()
    }

    /// Somebody has looked at the tier, and it is so.
    pub(crate) fn on_confirmation(&mut self, now: Moment, random: &mut Random) {
        // A probe that is under way decides by its own end.
        if matches!(self.state, State::Probing { .. }) {
            return;
        }
        if let Some(suspicion) = self.suspicion.take() {
            self.open(suspicion.kind.into(), true, now, random);
        }
    }

    /// Closes, whatever was before.
    pub(crate) fn on_mended(&mut self, now: Moment) {
        self.state = State::Closed;
        self.in_a_row = 0;
        self.window.clear();
        self.suspicion = None;
        self.healthy_since = now;
    }

    /// Notes a failure of the request that `fingerprint` stands for; `probe` as [`Breaker::enter`] said of it.
    pub(crate) fn on_failure(
        &mut self,
        fault: Fault,
        fingerprint: u64,
        probe: Option<Probe>,
        now: Moment,
        random: &mut Random,
    ) {
        if !counts(fault.kind) {
            return self.on_no_verdict(probe);
        }
        self.forget_where_idle(now);
        let certain = fault.kind.needs_a_person() && self.confirms(fault.kind, fingerprint);
        if fault.kind.needs_a_person() && !certain && !self.decides(probe) {
            return;
        }
        self.window.add(now, true);
        self.in_a_row += if matches!(fault.kind, FaultKind::Timeout(_)) { SILENCE } else { 1 };
        let lately = self.window.counts(now);
        let enough = self.in_a_row >= IN_A_ROW
            || (lately.all >= LEAST_COUNT && lately.marked * 100 >= lately.all * FAILING_PERCENT);
        let tells_more_than_itself = certain
            || fault.retry_after.is_some_and(|asked| asked > backoff::CAP)
            || matches!(fault.kind, FaultKind::Unavailable | FaultKind::Blocked);
        let probe = self.decides(probe);
        match self.state {
            // The probe's own end decides, and there is never a second one beside it.
            State::Probing { .. } if !probe => {}
            _ if probe || enough || tells_more_than_itself => self.open(fault, certain, now, random),
            _ => {}
        }
    }

    /// Whether a failure of the request that `fingerprint` stands for confirms what another one was told; else it is the one
    /// that is to be confirmed.
    fn confirms(&mut self, kind: FaultKind, fingerprint: u64) -> bool {
        let confirms = self.suspicion.is_some_and(|first| first.kind == kind && first.fingerprint != fingerprint);
        if confirms {
            self.suspicion = None;
        } else if self.suspicion.is_none_or(|first| first.kind != kind) {
            self.suspicion = Some(Suspicion { kind, fingerprint });
        }
        confirms
    }

    /// Notes that a request ended without telling anything of the tier: the caller left.
    pub(crate) fn on_no_verdict(&mut self, probe: Option<Probe>) {
        if self.decides(probe) {
            self.end_probe();
        }
    }

    /// As it is under settings that were read anew: the probe that is under way ends elsewhere, and what the tier asked for is
    /// forgotten, since whoever changes the settings may have mended it.
    pub(crate) fn reloaded(&self, now: Moment) -> Self {
        let mut breaker = self.clone();
        breaker.end_probe();
        if matches!(breaker.state, State::Open { cause, .. } if cause.asked_until > now) {
            breaker.on_mended(now);
        }
        breaker
    }

    fn end_probe(&mut self) {
        if let State::Probing { until, cause } = self.state {
            self.state = State::Open { until, cause };
        }
    }

    /// Opens for a time that `fault` deserves; `certain` where it is known that a person must mend it.
    fn open(&mut self, fault: Fault, certain: bool, now: Moment, random: &mut Random) {
        if !matches!(self.state, State::Open { .. }) {
            self.ejections = (self.ejections + 1).min(MOST_EJECTIONS);
        }
        let own = if certain { NEEDS_A_PERSON } else { FIRST.saturating_mul(self.ejections).min(LONGEST) };
        let until = now + own + random.up_to(own / 10);
        let named = fault.retry_after.map_or(now, |asked| now + asked);
        let until = until.max(named);
        let earlier = match self.state {
            State::Closed => None,
            State::Open { until, cause } | State::Probing { until, cause } => Some((until, cause)),
        };
        let asked_until = earlier.map_or(named, |(_, cause)| cause.asked_until.max(named));
        // A longer time is never shortened by a later failure, and keeps its reason.
        let (until, kind) = match earlier {
            Some((longer, cause)) if longer > until => (longer, cause.kind),
            _ => (until, fault.kind),
        };
        self.state = State::Open { until, cause: Cause { kind, asked_until } };
        self.in_a_row = 0;
    }

    /// After an hour without a request, what was before says nothing any more.
    fn forget_where_idle(&mut self, now: Moment) {
        if now.since(self.heard_at) >= FORGOTTEN {
            self.in_a_row = 0;
            self.ejections = 0;
            self.suspicion = None;
            self.healthy_since = now;
        }
        self.heard_at = now;
    }

    /// Takes an ejection off for each healthy interval.
    fn forget(&mut self, now: Moment) {
        while self.ejections > 0 && now.since(self.healthy_since) >= LONGEST {
            self.ejections -= 1;
            self.healthy_since = self.healthy_since + LONGEST;
        }
        if self.ejections == 0 {
            self.healthy_since = now;
        }
    }
}

/// Whether a failure tells anything against the tier.
const fn counts(kind: FaultKind) -> bool {
    !matches!(
        kind,
        FaultKind::Callers
            | FaultKind::Rejected
            | FaultKind::InTheWay
            | FaultKind::NoSeam
            | FaultKind::TooLong
            | FaultKind::Unsupported
            | FaultKind::Timeout(crate::limits::Limit::Deadline)
    )
}

#[cfg(test)]
mod tests;
