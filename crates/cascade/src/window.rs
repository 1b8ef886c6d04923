//! What happened lately, counted.

use std::time::Duration;

use crate::moment::Moment;

const SLOTS: usize = 10;

/// Counts over ten slots of time: what is older falls out slot by slot.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    slot: Duration,
    slots: [Slot; SLOTS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Which slot of all time these counts are of.
    number: u128,
    counts: Counts,
}

/// Everything, and what of it was marked: failures among requests, say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) all: u32,
    pub(crate) marked: u32,
}

impl Window {
    /// A window over the last `span`.
    pub(crate) fn over(span: Duration) -> Self {
        Self { slot: span / SLOTS as u32, slots: [Slot::default(); SLOTS] }
    }

    pub(crate) fn add(&mut self, now: Moment, marked: bool) {
        let number = self.number(now);
        let index = usize::try_from(number % SLOTS as u128).expect("less than the number of slots");
        let slot = &mut self.slots[index];
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        slot.counts.all = slot.counts.all.saturating_add(1);
        slot.counts.marked = slot.counts.marked.saturating_add(u32::from(marked));
    }

    pub(crate) fn clear(&mut self) {
        self.slots = [Slot::default(); SLOTS];
    }

    pub(crate) fn counts(&self, now: Moment) -> Counts {
        let oldest = self.number(now).saturating_sub(SLOTS as u128 - 1);
        let alive = self.slots.iter().filter(|slot| slot.number >= oldest).map(|slot| slot.counts);
        alive.fold(Counts::default(), |sum, slot| Counts {
            all: sum.all.saturating_add(slot.all),
            marked: sum.marked.saturating_add(slot.marked),
        })
    }

    fn number(&self, now: Moment) -> u128 {
        now.since(Moment::ZERO).as_nanos() / self.slot.as_nanos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_span_is_forgotten() {
        let mut window = Window::over(Duration::from_secs(30));
        let at = |seconds| Moment::after(Duration::from_secs(seconds));
        (0..5).for_each(|_| window.add(at(1), true));
        assert_eq!(window.counts(at(29)), Counts { all: 5, marked: 5 });
        assert_eq!(window.counts(at(31)), Counts::default());
        window.add(at(31), false);
        assert_eq!(window.counts(at(31)), Counts { all: 1, marked: 0 });
    }
}
