//! What must be true once every request has ended: nothing is held back for ever.

use std::sync::Arc;
use std::time::Duration;

use cascade::{Action, Admission, Ask, Call, Condition, Event, Fleet, Moment, Need, Quota, Route, Sign, Start};

use crate::watch::Watch;
use crate::world::{World, moment};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NOTHING: Need = Need { prompt: 0, answer: 0 };
/// A quota of more requests is not counted out.
const FEW: u32 = 50;

impl World<'_> {
    /// Heals every tier, and asks each again.
    pub(crate) fn aftermath(&mut self) -> Result<(), String> {
        self.check_fleets()?;
        let places = |watch: &Watch| watch.ids.iter().any(|&id| watch.fleet.running(id) + watch.fleet.waiting(id) > 0);
        if self.fleets.iter().any(places) {
            return Err("everybody has gone, and a place is taken".to_owned());
        }
        self.tiers.iter_mut().for_each(crate::tier::SimTier::heal);
        let mut last = moment(self.now);
        let watch = self.fleets.last_mut().expect("there is a fleet");
        for &id in &watch.ids {
            watch.fleet.set_condition(id, Condition::Ready);
            watch.fleet.set_load(id, None);
        }
        for tier in 0..watch.ids.len() {
            let back = comes_back(watch, tier, moment(self.now));
            last = last.max(back.map_err(|why| format!("afterwards, tier {}: {why}", tier + 1))?);
        }
        for (tier, books) in self.books.iter().enumerate().filter(|(_, books)| !books.shared) {
            quota_is_whole(watch, tier, books.quota, last + 2 * DAY)
                .map_err(|why| format!("two days later, tier {}: {why}", tier + 1))?;
        }
        let unbounded = |number: u32| self.tiers[number as usize - 1].allows == Quota::default();
        the_first_tier_is_the_first(watch, unbounded, last + 4 * DAY)
    }
}

/// A healthy tier's breaker closes with the first request after its time; when that is.
fn comes_back(watch: &mut Watch, tier: usize, now: Moment) -> Result<Moment, String> {
    let id = watch.ids[tier];
    let then = match watch.fleet.breaker(id).admission(now) {
        Admission::No { until: None, .. } => return Err("it is being probed for ever".to_owned()),
        Admission::No { until: Some(until), .. } => until,
        Admission::Yes | Admission::Probe => now,
    };
    let share = watch.fleet.tier(id).share_of("alone");
    let then = match watch.fleet.budget(id).room_within(share, Need { prompt: 10, answer: 10 }, then) {
        Ok(_) => then,
        Err(full) => full.until.ok_or("its quota is too small for ten tokens")?,
    };
    let mut route = Route::through("alone", &watch.fleet, |_| true);
    route.tiers = vec![id];
    let start = answered(route, 10, 10, &mut watch.fleet, then)?;
    if start.tier != id || watch.fleet.breaker(id).admission(then) != Admission::Yes {
        return Err("it answers, and its breaker stays open".to_owned());
    }
    Ok(then)
}

/// A quota that nobody has used for longer than it counts is all there.
fn quota_is_whole(watch: &Watch, tier: usize, quota: Quota, now: Moment) -> Result<(), String> {
    let mut budget = watch.fleet.budget(watch.ids[tier]).clone();
    let tokens = [quota.tpm, quota.tpd].into_iter().flatten().min().unwrap_or(u32::MAX);
    let left = budget.room(Need { prompt: 0, answer: u32::MAX }, now);
    if left != Ok(tokens) {
        return Err(format!("of {tokens} tokens, {left:?} are left"));
    }
    let requests = [quota.rpm, quota.rpd].into_iter().flatten().min().filter(|&requests| requests <= FEW);
    for request in 0..requests.unwrap_or(0) {
        if budget.room(NOTHING, now).is_err() {
            return Err(format!("of {requests:?} requests, {request} are left"));
        }
        budget.reserve(NOTHING, now);
    }
    Ok(())
}

/// Days after whatever went wrong, a route begins with its first tier again, also for a long prompt.
fn the_first_tier_is_the_first(watch: &mut Watch, unbounded: impl Fn(u32) -> bool, now: Moment) -> Result<(), String> {
    let mut route = Route::through("all", &watch.fleet, |tier| unbounded(tier.number));
    route.deadline = Some(Duration::from_secs(600));
    let Some(&first) = route.tiers.first() else { return Ok(()) };
    let start = answered(route, 2_000, 100, &mut watch.fleet, now)?;
    if start.tier == first { Ok(()) } else { Err(format!("days later, tier {} is passed over", first.number())) }
}

/// Asks, and lets whoever is asked answer.
fn answered(route: Route, prompt: u32, most: u32, fleet: &mut Fleet, now: Moment) -> Result<Start, String> {
    let ask = Ask { prompt_tokens: prompt, max_tokens: Some(most), ..Ask::default() };
    let mut call = Call::begin(Arc::new(route), ask, fleet, now);
    let mut actions = std::iter::from_fn(|| call.poll());
    let start = actions.find_map(|action| if let Action::Start(start) = action { Some(start) } else { None });
    let start = start.ok_or("nobody is asked")?;
    let attempt = start.attempt;
    call.heard(attempt, Sign::Token { kept: true }, now);
    call.on(Event::Finished { attempt, tokens: Some(prompt + 1) }, fleet, now);
    let last = std::iter::from_fn(|| call.poll()).last();
    if last == Some(Action::Complete { attempt }) { Ok(start) } else { Err(format!("an answer ends with {last:?}")) }
}
