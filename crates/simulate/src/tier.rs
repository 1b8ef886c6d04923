//! A simulated tier: its server, whether that is awake, and what goes wrong with it.

use std::time::Duration;

use cascade::{Fault, FaultKind};

use crate::allowance::Allowance;
use crate::draws::Draws;
use crate::profile::Profile;
use crate::server::{Nanos, Server};
use crate::trouble::{self, Outage, Trouble};

/// See the module.
#[derive(Debug)]
pub(crate) struct SimTier {
    pub(crate) profile: Profile,
    pub(crate) server: Server,
    pub(crate) allowance: Allowance,
    /// Which of the events that were scheduled for the server is the one that counts.
    pub(crate) turn: u64,
    /// When it was last at work.
    busy: Nanos,
    /// When it will be awake, where it is waking.
    awake_at: Option<Nanos>,
    /// Whether a call is on its way that is to wake it.
    pub(crate) being_woken: bool,
}

/// What an attempt meets with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fate {
    pub(crate) trouble: Option<Trouble>,
    /// What the tier says in place of an answer.
    pub(crate) fault: Option<Fault>,
}

impl SimTier {
    pub(crate) fn new(profile: Profile) -> Self {
        let server = Server::new(profile.speed.clone());
        let allowance =
            Allowance::new(profile.settings.quota, profile.settings.day_ends, profile.settings.limits.total);
        Self { profile, server, allowance, turn: 0, busy: 0, awake_at: None, being_woken: false }
    }

    /// What an attempt that begins at `now` meets with.
    pub(crate) fn fate(&mut self, now: Nanos, random: &mut Draws) -> Fate {
        let (drawn, percent) = (trouble::draw(&self.profile.failures, random), random.share() * 100.0);
        let outage = self.outage(now).filter(|outage| percent < outage.percent);
        let (trouble, retry_after) = match outage {
            Some(outage) => (Some(outage.trouble), outage.retry_after),
            None => (drawn, None),
        };
        let fault = trouble.and_then(|trouble| trouble.fault(retry_after));
        // Whoever reaches it wakes it, whatever goes wrong after that.
        let reached = !matches!(trouble, Some(Trouble::Connection | Trouble::Unreachable));
        if reached && !self.is_awake(now) {
            return Fate { trouble: Some(Trouble::Unavailable), fault: Some(FaultKind::Unavailable.into()) };
        }
        Fate { trouble, fault }
    }

    /// Whether it is awake; a call to one that sleeps makes it wake.
    pub(crate) fn is_awake(&mut self, now: Nanos) -> bool {
        let Some(sleep) = self.profile.sleep else { return true };
        if let Some(at) = self.awake_at.filter(|&at| now >= at) {
            (self.busy, self.awake_at) = (at, None);
        }
        let slept = self.server.is_idle() && now.saturating_sub(self.busy) > nanos(sleep.after);
        if self.awake_at.is_none() && slept {
            self.awake_at = Some(now + nanos(sleep.wakes_in));
        }
        if self.awake_at.is_none() {
            self.busy = now;
        }
        self.awake_at.is_none()
    }

    /// Notes that it was at work at `now`.
    pub(crate) fn worked(&mut self, now: Nanos) {
        self.busy = self.busy.max(now);
    }

    /// What is wrong with it at this time of the day.
    pub(crate) fn outage(&self, now: Nanos) -> Option<&Outage> {
        let time_of_day = Duration::from_nanos(now % nanos(crate::DAY));
        self.profile.outages.iter().find(|outage| outage.covers(time_of_day))
    }
}

/// `duration` in nanoseconds.
pub(crate) fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
