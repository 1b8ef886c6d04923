//! Requests that wait for their turn at a tier, and how they are woken.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use cascade::{Fleet, WaiterId};

/// Whom to wake when a turn comes. A request puts its waker here before it asks whether its turn has come, and whoever
/// grants a turn looks here after that: whichever is first, no turn is missed.
#[derive(Debug, Default)]
pub(crate) struct Wakers(Mutex<HashMap<WaiterId, Waker>>);

impl Wakers {
    /// Wakes `waker` once the turn of `waiter` has come.
    pub(crate) fn register(&self, waiter: WaiterId, waker: &Waker) {
        let mut wakers = self.wakers();
        match wakers.get_mut(&waiter) {
            Some(known) => known.clone_from(waker),
            None => drop(wakers.insert(waiter, waker.clone())),
        }
    }

    /// `waiter` waits no longer.
    pub(crate) fn forget(&self, waiter: WaiterId) {
        // Dropped outside the lock: a waker is somebody else's code.
        let waker = self.wakers().remove(&waiter);
        drop(waker);
    }

    fn wake(&self, granted: &[WaiterId]) {
        let wakers: Vec<_> = {
            let mut all = self.wakers();
            granted.iter().filter_map(|waiter| all.remove(waiter)).collect()
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    fn wakers(&self) -> MutexGuard<'_, HashMap<WaiterId, Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fleet for the length of one decision, never across an await. Dropped, it wakes those whose turn has come by it.
pub(crate) struct FleetGuard<'a> {
    /// Always there until it is dropped.
    fleet: Option<MutexGuard<'a, Fleet>>,
    wakers: &'a Wakers,
}

impl<'a> FleetGuard<'a> {
    pub(crate) fn new(fleet: &'a Mutex<Fleet>, wakers: &'a Wakers) -> Self {
        Self { fleet: Some(fleet.lock().unwrap_or_else(PoisonError::into_inner)), wakers }
    }
}

impl Deref for FleetGuard<'_> {
    type Target = Fleet;

    fn deref(&self) -> &Fleet {
        self.fleet.as_deref().expect("held until it is dropped")
    }
}

impl DerefMut for FleetGuard<'_> {
    fn deref_mut(&mut self) -> &mut Fleet {
        self.fleet.as_deref_mut().expect("held until it is dropped")
    }
}

impl Drop for FleetGuard<'_> {
    fn drop(&mut self) {
        let granted = self.take_granted();
        // Whoever is woken may want the fleet at once.
        self.fleet = None;
        if !granted.is_empty() {
            self.wakers.wake(&granted);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use cascade::{Ask, Call, Event, Hosting, Moment, Route, Tier};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn whoever_gives_a_place_back_wakes_the_next_one_and_nobody_else() {
        let fleet = Fleet::new(vec![Tier { concurrency: Some(1), ..Tier::new(1, Hosting::SelfHosted) }]);
        let route = Arc::new(Route::through("auto", &fleet, |_| true));
        let (fleet, wakers) = (Mutex::new(fleet), Wakers::default());
        let begin =
            || Call::begin(Arc::clone(&route), Ask::default(), &mut FleetGuard::new(&fleet, &wakers), Moment::ZERO);
        let (mut first, second, third) = (begin(), begin(), begin());
        let woken = [Arc::new(Woken::default()), Arc::new(Woken::default())];
        for (call, woken) in [&second, &third].into_iter().zip(&woken) {
            let waiter = call.waits_as().expect("there is one place");
            wakers.register(waiter, &Waker::from(Arc::clone(woken)));
        }
        first.on(Event::CallerLeft, &mut FleetGuard::new(&fleet, &wakers), Moment::ZERO);
        assert_eq!(woken.each_ref().map(|woken| woken.0.load(Ordering::SeqCst)), [1, 0]);
        wakers.forget(third.waits_as().expect("it waits"));
        assert!(wakers.wakers().is_empty(), "nobody is kept who waits no longer");
    }
}
