//! A tier's places: how many requests it is asked at once, and who waits for one.

use std::collections::VecDeque;
use std::time::Duration;

/// A request that waits for a place of a tier: no other of its fleet has the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaiterId(pub(crate) u64);

/// A place that is taken. Whoever has it gives it back.
#[derive(Debug)]
#[must_use = "a permit that is not given back is lost to the tier"]
pub(crate) struct Permit(());

/// When a request could have a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueState {
    /// At once. What it asks for is begun after this time, where the tier itself says so.
    Free(Duration),
    /// After all that wait before it: about then, where that can be told.
    Taken(Option<Duration>),
    /// Nobody more may wait; somebody may again about then.
    Full(Option<Duration>),
}

/// The places of one tier, and the queue for them: first come, first served.
#[derive(Debug)]
pub(crate) struct Queue {
    /// How many places there are; `None` is as many as are asked for.
    concurrency: Option<u32>,
    /// How many may wait.
    bound: u32,
    taken: u32,
    waiting: VecDeque<WaiterId>,
    /// Those whose turn has come, and who have not taken their place up yet. It counts as taken.
    granted: Vec<WaiterId>,
}

impl Queue {
    pub(crate) const fn new(concurrency: Option<u32>, bound: u32) -> Self {
        Self { concurrency, bound, taken: 0, waiting: VecDeque::new(), granted: Vec::new() }
    }

    /// How many requests have a place.
    pub(crate) const fn taken(&self) -> u32 {
        self.taken
    }

    /// How many wait for one.
    pub(crate) fn waiting(&self) -> u32 {
        u32::try_from(self.waiting.len()).unwrap_or(u32::MAX)
    }

    /// When one more request could have a place; `own` is what the tier says that it would wait there, `answer` how long
    /// its answers take.
    pub(crate) fn queue_state(&self, own: Option<Duration>, answer: Option<Duration>) -> QueueState {
        if self.has_room() {
            QueueState::Free(own.unwrap_or_default())
        } else if self.waiting() < self.bound {
            QueueState::Taken(self.wait_behind(self.waiting(), own, answer))
        } else {
            QueueState::Full(self.between(answer))
        }
    }

    /// How long `waiter` still waits, as [`Queue::turn`] has it.
    pub(crate) fn wait_of(
        &self,
        waiter: WaiterId,
        own: Option<Duration>,
        answer: Option<Duration>,
    ) -> Option<Duration> {
        let ahead = self.waiting.iter().position(|&other| other == waiter)?;
        self.wait_behind(u32::try_from(ahead).unwrap_or(u32::MAX), own, answer)
    }

    /// A place falls free each time that an answer ends.
    fn wait_behind(&self, ahead: u32, own: Option<Duration>, answer: Option<Duration>) -> Option<Duration> {
        let between = self.between(answer);
        let first = own.or(between)?;
        Some(first.saturating_add(between.unwrap_or_default().saturating_mul(ahead)))
    }

    fn between(&self, answer: Option<Duration>) -> Option<Duration> {
        Some(answer? / self.concurrency?.max(1))
    }

    fn has_room(&self) -> bool {
        self.concurrency.is_none_or(|concurrency| self.taken < concurrency.max(1))
    }

    /// Takes a place, where one is free.
    pub(crate) fn take(&mut self) -> Option<Permit> {
        self.has_room().then(|| {
            self.taken += 1;
            Permit(())
        })
    }

    /// Lets `waiter` wait behind all others.
    pub(crate) fn wait(&mut self, waiter: WaiterId) {
        self.waiting.push_back(waiter);
    }

    /// The place of `waiter`, once its turn has come.
    pub(crate) fn claim(&mut self, waiter: WaiterId) -> Option<Permit> {
        let at = self.granted.iter().position(|&other| other == waiter)?;
        self.granted.swap_remove(at);
        Some(Permit(()))
    }

    /// `waiter` waits no longer. Where its turn had come, it is the next one's: who that is.
    pub(crate) fn leave(&mut self, waiter: WaiterId) -> Option<WaiterId> {
        self.waiting.retain(|&other| other != waiter);
        let permit = self.claim(waiter)?;
        self.give_back(permit)
    }

    /// A place falls free, and passes to whoever has waited longest: who that is.
    pub(crate) fn give_back(&mut self, _: Permit) -> Option<WaiterId> {
        let next = self.waiting.pop_front();
        match next {
            Some(waiter) => self.granted.push(waiter),
            None => self.taken -= 1,
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn full(concurrency: u32, bound: u32) -> (Queue, Vec<Permit>) {
        let mut queue = Queue::new(Some(concurrency), bound);
        let taken = (0..concurrency).map(|_| queue.take().expect("there is room")).collect();
        (queue, taken)
    }

    #[test]
    fn a_place_that_falls_free_is_the_first_ones_who_waits() {
        let (mut queue, mut concurrency) = full(2, 9);
        assert!(queue.take().is_none());
        (1..=3).for_each(|waiter| queue.wait(WaiterId(waiter)));
        assert!(queue.claim(WaiterId(1)).is_none(), "not yet");
        assert_eq!(queue.give_back(concurrency.remove(0)), Some(WaiterId(1)));
        assert!(queue.take().is_none(), "the permit is taken, though nobody has come for it");
        assert!(queue.claim(WaiterId(2)).is_none(), "it is not the second one's");
        let permit = queue.claim(WaiterId(1)).expect("granted");
        assert_eq!(queue.give_back(permit), Some(WaiterId(2)));
    }

    #[test]
    fn who_leaves_passes_on_what_was_granted() {
        let (mut queue, mut concurrency) = full(1, 9);
        (1..=3).for_each(|waiter| queue.wait(WaiterId(waiter)));
        assert_eq!(queue.leave(WaiterId(2)), None, "nothing was granted to the second");
        assert_eq!(queue.give_back(concurrency.remove(0)), Some(WaiterId(1)));
        assert_eq!(queue.leave(WaiterId(1)), Some(WaiterId(3)));
        assert_eq!(queue.leave(WaiterId(3)), None);
        assert_eq!((queue.taken(), queue.waiting()), (0, 0));
    }

    #[test]
    fn the_wait_grows_with_those_ahead_and_shrinks_with_the_places() {
        let (mut queue, _places) = full(2, 2);
        assert_eq!(queue.queue_state(None, Some(4 * SECOND)), QueueState::Taken(Some(2 * SECOND)));
        queue.wait(WaiterId(1));
        assert_eq!(queue.queue_state(None, Some(4 * SECOND)), QueueState::Taken(Some(4 * SECOND)));
        assert_eq!(
            queue.queue_state(Some(SECOND), Some(4 * SECOND)),
            QueueState::Taken(Some(3 * SECOND)),
            "the tier knows better"
        );
        assert_eq!(queue.queue_state(Some(SECOND), None), QueueState::Taken(Some(SECOND)));
        assert_eq!(queue.queue_state(None, None), QueueState::Taken(None));
        queue.wait(WaiterId(2));
        assert_eq!(queue.queue_state(None, Some(4 * SECOND)), QueueState::Full(Some(2 * SECOND)));
        assert_eq!(queue.wait_of(WaiterId(1), None, Some(4 * SECOND)), Some(2 * SECOND));
    }

    #[test]
    fn without_a_bound_nobody_waits_but_for_what_the_tier_itself_says() {
        let mut queue = Queue::new(None, 0);
        assert!((0..1_000).all(|_| queue.take().is_some()));
        assert_eq!(queue.queue_state(None, Some(SECOND)), QueueState::Free(Duration::ZERO));
        assert_eq!(queue.queue_state(Some(SECOND), None), QueueState::Free(SECOND));
    }
}
