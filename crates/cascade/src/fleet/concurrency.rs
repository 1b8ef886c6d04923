//! Who has a place at a tier, and who waits for one.

use super::{Duration, Fleet, Permit, QueueState, TierId, TierState, WaiterId};

impl Fleet {
    /// How many requests have a place at `id`: they run, or are about to.
    #[must_use]
    pub fn running(&self, id: TierId) -> u32 {
        self.tiers[id.index()].queue.taken()
    }

    /// How many requests wait for a place at `id`.
    #[must_use]
    pub fn waiting(&self, id: TierId) -> u32 {
        self.tiers[id.index()].queue.waiting()
    }

    /// Notes how long a new request would wait at `id` before its prompt is read, where the tier itself says so.
    pub fn set_load(&mut self, id: TierId, wait: Option<Duration>) {
        self.tiers[id.index()].load = wait;
    }

    /// As [`Fleet::set_load`], of every tier.
    pub fn set_loads(&mut self, of: impl Fn(TierId) -> Option<Duration>) {
        for (index, state) in (0_u16..).zip(&mut self.tiers) {
            state.load = of(TierId { index, number: state.tier.number });
        }
    }

    /// Whose turn has come since this was last asked. Each is to be told [`crate::Event::Granted`]: its place is kept for it
    /// until then.
    pub fn take_granted(&mut self) -> Vec<WaiterId> {
        std::mem::take(&mut self.granted)
    }

    /// When one more request could have a place at `id`.
    pub(crate) fn queue_state(&self, id: TierId) -> QueueState {
        let TierState { queue, load, pace, .. } = &self.tiers[id.index()];
        queue.queue_state(*load, pace.answer())
    }

    /// How long `waiter` still waits for its turn at `id`, where that can be told.
    pub(crate) fn wait_of(&self, id: TierId, waiter: WaiterId) -> Option<Duration> {
        let TierState { queue, load, pace, .. } = &self.tiers[id.index()];
        queue.wait_of(waiter, *load, pace.answer())
    }

    /// Whether `id` has a place for one more request.
    pub(crate) fn is_free(&self, id: TierId) -> bool {
        matches!(self.queue_state(id), QueueState::Free(_))
    }

    /// Takes a place at `id`, where one is free.
    pub(crate) fn take_permit(&mut self, id: TierId) -> Option<Permit> {
        self.tiers[id.index()].queue.take()
    }

    /// Waits for a place at `id` behind all who do.
    pub(crate) fn queue_up(&mut self, id: TierId) -> WaiterId {
        self.waiters += 1;
        let waiter = WaiterId(self.waiters);
        self.tiers[id.index()].queue.wait(waiter);
        waiter
    }

    /// The place of `waiter` at `id`, once its turn has come.
    pub(crate) fn claim(&mut self, id: TierId, waiter: WaiterId) -> Option<Permit> {
        self.tiers[id.index()].queue.claim(waiter)
    }

    /// `waiter` waits for `id` no longer.
    pub(crate) fn leave_queue(&mut self, id: TierId, waiter: WaiterId) {
        let next = self.tiers[id.index()].queue.leave(waiter);
        self.granted.extend(next);
    }

    /// Gives back a place at `id` that nothing was asked in.
    pub(crate) fn give_back(&mut self, id: TierId, permit: Permit) {
        let next = self.tiers[id.index()].queue.give_back(permit);
        self.granted.extend(next);
    }
}
