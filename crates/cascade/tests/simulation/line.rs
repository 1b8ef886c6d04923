//! What is known from outside of a tier's places, and of the line of those who wait for one.

use std::collections::VecDeque;

use cascade::{Fleet, Tier, TierId};

type Check = Result<(), String>;

/// The places of one tier. Callers are known by their number.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    places: Option<u32>,
    bound: u32,
    running: u32,
    waiting: VecDeque<usize>,
    /// Those whose turn has come, and who have not been told yet.
    granted: Vec<usize>,
}

impl Line {
    pub(crate) const fn of(tier: &Tier) -> Self {
        let (places, bound) = (tier.concurrency, tier.queue);
        Self { places, bound, running: 0, waiting: VecDeque::new(), granted: Vec::new() }
    }

    fn taken(&self) -> u32 {
        self.running + u32::try_from(self.granted.len()).expect("few")
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.places.is_some_and(|places| self.taken() >= places)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.is_taken() && self.waiting.len() >= self.bound as usize
    }

    /// `caller` waits from now on, behind so many.
    pub(crate) fn queue_up(&mut self, caller: usize, ahead: u32) -> Check {
        if !self.is_taken() {
            return Err("a caller is made to wait for a tier that has a place".to_owned());
        }
        if self.waiting.len() != ahead as usize || ahead >= self.bound {
            return Err(format!("{ahead} are said to wait; of {} that may, these do: {:?}", self.bound, self.waiting));
        }
        self.waiting.push_back(caller);
        Ok(())
    }

    /// The turn of `caller` has come.
    pub(crate) fn grant(&mut self, caller: usize) -> Check {
        let first = self.waiting.pop_front();
        if first != Some(caller) {
            return Err(format!("the turn of {first:?} is given to {caller}"));
        }
        self.granted.push(caller);
        Ok(())
    }

    /// `caller`, who has waited where `waited`, is let in.
    pub(crate) fn enter(&mut self, caller: usize, waited: bool) -> Check {
        if waited {
            let at = self.granted.iter().position(|&granted| granted == caller);
            self.granted.swap_remove(at.ok_or("a caller is let in before their turn")?);
        } else if !self.waiting.is_empty() {
            return Err(format!("{caller} is let in before {:?}, who wait", self.waiting));
        }
        self.running += 1;
        Ok(())
    }

    /// A caller who was let in has gone.
    pub(crate) fn leave(&mut self) {
        self.running -= 1;
    }

    /// `caller` waits no longer.
    pub(crate) fn give_up(&mut self, caller: usize) {
        self.waiting.retain(|&other| other != caller);
        self.granted.retain(|&other| other != caller);
    }

    /// What must hold whenever nobody is on the way in or out.
    pub(crate) fn check(&self, fleet: &Fleet, id: TierId) -> Check {
        let (taken, waiting) = (self.taken(), self.waiting.len());
        if self.places.is_some_and(|places| taken > places) {
            return Err(format!("{taken} have one of {:?} places", self.places));
        }
        if waiting > 0 && !self.is_taken() {
            return Err(format!("{waiting} wait, and {taken} of {:?} places are taken", self.places));
        }
        let core = (fleet.running(id), fleet.waiting(id) as usize);
        if core != (taken, waiting) {
            return Err(format!("{core:?} run and wait, as the core has it; it is {:?}", (taken, waiting)));
        }
        Ok(())
    }
}
