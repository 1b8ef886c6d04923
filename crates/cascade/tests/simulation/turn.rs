//! Callers who wait for their turn at a tier.

use cascade::Event;

use crate::caller::Caller;
use crate::drive::LATE;
use crate::history::Seen;
use crate::world::{What, World};

type Check = Result<(), String>;

impl World<'_> {
    /// Their turn at a tier may have come: the driver asks, also where it is mistaken.
    pub(crate) fn has_a_turn(&mut self, c: usize) -> Check {
        if self.callers[c].ended.is_some() { Ok(()) } else { self.tell(c, Event::Granted, None) }
    }

    /// Notes whose turn has come, and has them told a little later.
    pub(crate) fn grant(&mut self, fleet: usize) -> Check {
        for waiter in self.fleets[fleet].fleet.take_granted() {
            let waits = |caller: &Caller| caller.fleet == fleet && caller.call.waits_as() == Some(waiter);
            let c = self.callers.iter().position(waits).ok_or("a turn is given to nobody")?;
            let tier = self.callers[c].waits.ok_or("a turn is given to one who does not wait")?;
            self.fleets[fleet].lines[tier].grant(c)?;
            let late = self.random.between(0, LATE);
            self.schedule(self.now + late, What::Turn(c));
        }
        Ok(())
    }

    pub(crate) fn queues_up(&mut self, c: usize, tier: usize, ahead: u32) -> Check {
        let caller = &mut self.callers[c];
        self.tally.add(match (caller.seen, caller.pausing) {
            (0, None) => Seen::Queued,
            (0, Some(_)) => Seen::QueuedAgain,
            _ => Seen::QueuedToCarryOn,
        });
        self.fleets[caller.fleet].lines[tier].queue_up(c, ahead)?;
        caller.waits = Some(tier);
        if self.random.chance(20) {
            self.schedule(self.now, What::Turn(c));
        }
        Ok(())
    }

    /// Takes the caller out of the line that they wait in, if they do.
    pub(crate) fn stop_waiting(&mut self, c: usize) -> bool {
        let caller = &mut self.callers[c];
        let Some(tier) = caller.waits.take() else { return false };
        self.fleets[caller.fleet].lines[tier].give_up(c);
        true
    }
}
