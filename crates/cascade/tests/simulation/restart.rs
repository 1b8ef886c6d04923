//! The process ends in the middle of everything, and another one goes on with the budgets that the first had written down.

use std::time::Duration;

use cascade::{Fleet, Moment, Spent};

use crate::history::Seen;
use crate::watch::Watch;
use crate::world::{World, moment};

impl World<'_> {
    pub(crate) fn restarts(&mut self) -> Result<(), String> {
        self.note(|| "the process ends".to_owned());
        let kept = self.budgets();
        self.everybody_is_cut_off()?;
        let longest = self.random.pick(&[0, 1_000, 60_000, 7_200_000]);
        let down = self.random.between(0, longest);
        self.now += down;
        self.resumed = self.now;
        let last = self.fleets.last().expect("there is a fleet");
        let next = restored(last, kept, Duration::from_millis(down), moment(self.now));
        if next.ids.iter().any(|&id| !next.fleet.budget(id).spent(moment(self.now)).is_empty()) {
            self.tally.add(Seen::SpentBeforeRestart);
        }
        self.fleets.push(next);
        self.tally.add(Seen::Restart);
        self.note(|| format!("another one begins, {down} ms later"));
        self.check_fleets()
    }

    /// What is written down of each tier.
    fn budgets(&self) -> Vec<Vec<Spent>> {
        let (last, now) = (self.fleets.last().expect("there is a fleet"), self.moment());
        last.ids.iter().map(|&id| last.fleet.budget(id).spent(now)).collect()
    }

    /// Their calls end unheard: the provider charges what they cost, and the core goes on counting what they had reserved.
    fn everybody_is_cut_off(&mut self) -> Result<(), String> {
        for c in 0..self.callers.len() {
            let caller = &mut self.callers[c];
            if caller.ended.is_some() {
                continue;
            }
            caller.held = false;
            self.tally.add(Seen::RestartUnderWay);
            let unsettled =
                caller.lives.iter().map(|live| (live.tier, live.charge, self.books[live.tier].most_of(live.charge)));
            let unsettled: Vec<_> = unsettled.collect();
            self.leaves(c)?;
            for (tier, charge, most) in unsettled {
                self.books[tier].was_never_settled(charge, most);
            }
        }
        Ok(())
    }
}

/// The same tiers in a new process: of how they stood, it knows what was spent.
fn restored(last: &Watch, kept: Vec<Vec<Spent>>, down: Duration, now: Moment) -> Watch {
    let mut next = Watch::new(Fleet::new(last.fleet.tiers().map(|(_, tier)| tier.clone()).collect()));
    for (&id, spent) in last.ids.iter().zip(kept) {
        let spent: Vec<_> = spent.into_iter().filter_map(|spent| spent.after(down)).collect();
        next.fleet.restore_budget(id, &spent, now);
        next.fleet.set_condition(id, last.fleet.condition(id));
    }
    next
}
