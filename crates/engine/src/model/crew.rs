//! Who computes a batch: all threads, or one alone.
//!
//! All threads meet several times a layer. Where another process takes a core from one of them, the others wait for it
//! each time; one thread alone meets nobody. How often they meet for how much work depends on the batch's size, so each
//! size has a choice of its own. Nothing is tried while every thread has its core.

use std::time::{Duration, Instant};

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crew {
    /// As many threads as the context has.
    All,
    /// The engine's own thread.
    One,
}

/// What a batch took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// By the clock.
    pub(super) wall: Duration,
    /// Of processors, all threads together.
    pub(super) cpu: Duration,
}

/// The choice for each size of batch.
#[derive(Debug, Clone)]
pub(super) struct Crews {
    threads: usize,
    /// Which share of their time all threads computed, of late.
    computed: f64,
    sizes: [Choice; SIZES],
}

/// Sizes are told apart by their power of two.
const SIZES: usize = 16;
/// Threads that compute for less of their time than this wait for a core. Where each has one, they wait for each other for
/// a tenth of it at the most.
const WAITING: f64 = 0.75;
/// What one batch counts in the average of [`Crews::computed`].
const SHARE: f64 = 0.25;
/// The first wait between two trials; one that fails doubles it.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(32);
/// How many batches a trial has.
const TRIAL: u32 = 3;
/// How much faster the other crew must have been in its trial to take over.
const FASTER: f64 = 1.1;

/// Who computes batches of one size.
#[derive(Debug, Clone)]
struct Choice {
    crew: Crew,
    /// Seconds a token, of late; `None` until this crew has computed one.
    token: Option<f64>,
    /// The other crew's turn, while it has one.
    trial: Option<Trial>,
    /// No trial begins before.
    next: Option<Instant>,
    pause: Duration,
}

/// The other crew's batches and what they took.
#[derive(Debug, Clone, Copy, Default)]
struct Trial {
    batches: u32,
    tokens: usize,
    seconds: f64,
}

impl Crew {
    fn other(self) -> Self {
        match self {
            Self::All => Self::One,
            Self::One => Self::All,
        }
    }
}

impl Crews {
    /// For a context that computes with so many threads.
    pub(super) fn new(threads: usize) -> Self {
        Self { threads, computed: 1.0, sizes: std::array::from_fn(|_| Choice::new()) }
    }

    /// Who computes the next batch, of so many tokens.
    pub(super) fn choose(&mut self, tokens: usize, now: Instant) -> Crew {
        let waiting = self.threads > 1 && self.computed < WAITING;
        let choice = &mut self.sizes[size(tokens)];
        let may_try = choice.crew == Crew::One || waiting;
        let due = choice.next.is_none_or(|next| now >= next);
        if choice.trial.is_none() && choice.token.is_some() && may_try && due {
            choice.trial = Some(Trial::default());
        }
        if choice.trial.is_some() { choice.crew.other() } else { choice.crew }
    }

    /// A batch of so many tokens, computed by the crew that was chosen for it, took so much.
    pub(super) fn measured(&mut self, tokens: usize, by: Crew, took: Took, now: Instant) {
        if tokens == 0 || took.wall.is_zero() {
            return;
        }
        if by == Crew::All {
            let computed = took.cpu.as_secs_f64() / (took.wall.as_secs_f64() * self.threads as f64);
            self.computed += SHARE * (computed - self.computed);
        }
        self.sizes[size(tokens)].measured(tokens, by, took.wall.as_secs_f64(), now);
    }
}

impl Choice {
    fn new() -> Self {
        Self { crew: Crew::All, token: None, trial: None, next: None, pause: SHORTEST }
    }

    fn measured(&mut self, tokens: usize, by: Crew, seconds: f64, now: Instant) {
        let token = seconds / tokens as f64;
        if by == self.crew {
            self.token = Some(self.token.map_or(token, |known| known + SHARE * (token - known)));
            return;
        }
        let Some(trial) = &mut self.trial else { return };
        trial.batches += 1;
        trial.tokens += tokens;
        trial.seconds += seconds;
        if trial.batches == TRIAL {
            let token = trial.seconds / trial.tokens as f64;
            self.decide(token, now);
        }
    }

    fn decide(&mut self, token: f64, now: Instant) {
        self.trial = None;
        if self.token.is_some_and(|known| token * FASTER < known) {
            self.crew = self.crew.other();
            self.token = Some(token);
            self.pause = SHORTEST;
        } else {
            self.pause = (self.pause * 2).min(LONGEST);
        }
        self.next = Some(now + self.pause);
    }
}

fn size(tokens: usize) -> usize {
    (tokens.max(1).next_power_of_two().trailing_zeros() as usize).min(SIZES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with two threads: what a batch takes each crew, and what share of it all threads compute.
    struct Machine {
        all: u64,
        one: u64,
        computed: f64,
        now: Instant,
    }

    impl Machine {
        fn new(all: u64, one: u64, computed: f64) -> Self {
            Self { all, one, computed, now: Instant::now() }
        }

        /// Works for so many batches of one token; gives how many of them each crew computed, all threads first.
        fn work(&mut self, crews: &mut Crews, batches: usize) -> (usize, usize) {
            let mut by_all = 0;
            for _ in 0..batches {
                let crew = crews.choose(1, self.now);
                let (millis, share) = match crew {
                    Crew::All => (self.all, 2.0 * self.computed),
                    Crew::One => (self.one, 1.0),
                };
                by_all += usize::from(crew == Crew::All);
                let wall = Duration::from_millis(millis);
                self.now += wall;
                crews.measured(1, crew, Took { wall, cpu: wall.mul_f64(share) }, self.now);
            }
            (by_all, batches - by_all)
        }
    }

    #[test]
    fn nothing_is_tried_while_every_thread_has_its_core() {
        let mut crews = Crews::new(2);
        assert_eq!(Machine::new(10, 5, 0.95).work(&mut crews, 1000), (1000, 0));
    }

    #[test]
    fn beside_a_busy_process_one_thread_goes_on_alone() {
        let (mut crews, mut machine) = (Crews::new(2), Machine::new(50, 14, 0.4));
        let (all, one) = machine.work(&mut crews, 1000);
        assert!(one > 900 && all < 60, "{all} {one}");
    }

    #[test]
    fn all_come_back_once_that_process_is_gone() {
        let (mut crews, mut machine) = (Crews::new(2), Machine::new(50, 14, 0.4));
        machine.work(&mut crews, 200);
        (machine.all, machine.computed) = (10, 0.95);
        machine.work(&mut crews, 1000);
        assert_eq!(machine.work(&mut crews, 1000), (1000, 0));
    }

    #[test]
    fn where_one_thread_is_no_faster_it_is_tried_ever_more_seldom() {
        let (mut crews, mut machine) = (Crews::new(2), Machine::new(50, 60, 0.4));
        let (_, early) = machine.work(&mut crews, 200);
        let (_, late) = machine.work(&mut crews, 1000);
        assert!(early >= 3 && late <= 12, "{early} {late}");
    }

    #[test]
    fn each_size_of_batch_has_its_own_choice() {
        let (mut crews, mut machine) = (Crews::new(2), Machine::new(50, 14, 0.4));
        machine.work(&mut crews, 200);
        assert_eq!((crews.choose(1, machine.now), crews.choose(256, machine.now)), (Crew::One, Crew::All));
    }

    #[test]
    fn a_single_thread_has_nobody_to_wait_for() {
        assert_eq!(Machine::new(50, 14, 0.2).work(&mut Crews::new(1), 200), (200, 0));
    }
}
