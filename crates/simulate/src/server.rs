//! The server behind a simulated tier: requests that share its speed, and wait where all its slots are taken.
//!
//! It is a processor-sharing queue: all that read a prompt do so equally fast, and so do all that answer. So one clock a
//! phase, in tokens, tells how far each has come; it runs slower the more there are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::profile::Speed;

/// A request, and its attempt.
pub(crate) type Key = (u64, usize);

/// Nanoseconds since the origin.
pub(crate) type Nanos = u64;

const SECOND: f64 = 1e9;
/// Below so much of a token the rest is the floating point's.
const NOTHING: f64 = 1e-6;

/// What a request asks of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) reads: u32,
    pub(crate) says: u32,
    /// What follows on the last token that it says.
    pub(crate) then: Then,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Finished,
    Cut,
    Silence,
}

/// What has happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Milestone {
    FirstToken,
    Ended(Then),
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It waits for a slot, or the server has fallen silent before its first token.
    None,
    Reading,
    /// It has said so many tokens, the last one at that moment.
    Said(u32, Nanos),
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Waiting,
    Reading { until: f64 },
    Answering { since: f64, until: f64, begun: bool },
    Silent { said: u32, last: Nanos },
}

#[derive(Clone, Copy, Debug)]
struct Job {
    work: Work,
    phase: Phase,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Server {
    speed: Speed,
    jobs: BTreeMap<Key, Job>,
    waiting: VecDeque<Key>,
    reading: Clock,
    answering: Clock,
    now: Nanos,
}

/// How many tokens each request of one phase has come on, and at which count each is due.
#[derive(Debug, Default)]
struct Clock {
    tokens: f64,
    /// The bits of a number that is not negative are in its own order.
    due: BTreeSet<(u64, Key)>,
}

impl Clock {
    fn next(&self) -> Option<f64> {
        self.due.first().map(|&(bits, _)| f64::from_bits(bits))
    }

    fn take_due(&mut self) -> Option<Key> {
        let at = self.next()?;
        (at <= self.tokens + NOTHING).then(|| self.due.pop_first().expect("one is due").1)
    }

    fn when(&self, rate: f64) -> Option<f64> {
        Some(((self.next()? - self.tokens) / rate).max(0.0))
    }
}

impl Server {
    pub(crate) fn new(speed: Speed) -> Self {
        let (reading, answering) = (Clock::default(), Clock::default());
        Self { speed, jobs: BTreeMap::new(), waiting: VecDeque::new(), reading, answering, now: 0 }
    }

    /// Takes a request in at `now`.
    pub(crate) fn enter(&mut self, key: Key, work: Work, now: Nanos) {
        self.run_to(now);
        self.jobs.insert(key, Job { work, phase: Phase::Waiting });
        self.waiting.push_back(key);
        self.fill_slots();
    }

    /// Takes a request off, whatever it was doing.
    pub(crate) fn leave(&mut self, key: Key, now: Nanos) {
        self.run_to(now);
        self.halt(key);
        self.jobs.remove(&key);
        self.fill_slots();
    }

    /// Lets a request hang for good.
    pub(crate) fn silence(&mut self, key: Key, now: Nanos) {
        self.run_to(now);
        let (said, last) = match self.progress(key, now) {
            Progress::Said(said, last) => (said, last),
            Progress::None | Progress::Reading => (0, now),
        };
        self.halt(key);
        if let Some(job) = self.jobs.get_mut(&key) {
            job.phase = Phase::Silent { said, last };
        }
        self.fill_slots();
    }

    /// When the next milestone is due.
    pub(crate) fn next(&self) -> Option<Nanos> {
        let (read, answer) = self.rates();
        let next = [self.reading.when(read), self.answering.when(answer)].into_iter().flatten().reduce(f64::min)?;
        // Never a moment too early, and so never twice.
        Some(self.now.saturating_add(next.ceil() as Nanos))
    }

    /// The next request that has reached a milestone at `now`, which is no later than [`Server::next`] said.
    pub(crate) fn reached(&mut self, now: Nanos) -> Option<(Key, Milestone)> {
        self.run_to(now);
        while let Some(key) = self.reading.take_due() {
            let job = self.jobs.get_mut(&key).expect("it reads");
            let since = self.answering.tokens;
            job.phase = Phase::Answering { since, until: since + f64::from(job.work.says), begun: false };
            self.answering.due.insert(((since + 1.0).to_bits(), key));
        }
        let key = self.answering.take_due()?;
        let job = self.jobs.get_mut(&key).expect("it answers");
        let Phase::Answering { until, begun, .. } = &mut job.phase else { unreachable!("only who answers is due") };
        if !*begun {
            *begun = true;
            self.answering.due.insert((until.to_bits(), key));
            return Some((key, Milestone::FirstToken));
        }
        let then = job.work.then;
        match then {
            Then::Silence => job.phase = Phase::Silent { said: job.work.says, last: now },
            Then::Finished | Then::Cut => {
                self.jobs.remove(&key);
            }
        }
        self.fill_slots();
        Some((key, Milestone::Ended(then)))
    }

    /// How far a request has come by `now`.
    pub(crate) fn progress(&mut self, key: Key, now: Nanos) -> Progress {
        self.run_to(now);
        match self.jobs.get(&key).map(|job| (job.phase, job.work.says)) {
            Some((Phase::Answering { since, .. }, says)) => {
                let tokens = self.answering.tokens - since + NOTHING;
                let whole = tokens.floor();
                let ago = (tokens - whole) / self.rates().1;
                match (whole as u32).min(says) {
                    0 => Progress::Reading,
                    said => Progress::Said(said, now.saturating_sub(ago as Nanos)),
                }
            }
            Some((Phase::Silent { said, last }, _)) if said > 0 => Progress::Said(said, last),
            Some((Phase::Reading { .. }, _)) => Progress::Reading,
            Some((Phase::Waiting | Phase::Silent { .. }, _)) | None => Progress::None,
        }
    }

    /// Who is in it.
    pub(crate) fn keys(&self) -> Vec<Key> {
        self.jobs.keys().copied().collect()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    fn run_to(&mut self, now: Nanos) {
        let (read, answer) = self.rates();
        let passed = now.saturating_sub(self.now) as f64;
        self.reading.tokens += read * passed;
        self.answering.tokens += answer * passed;
        self.now = self.now.max(now);
    }

    /// Tokens a nanosecond, of each that reads and of each that answers.
    fn rates(&self) -> (f64, f64) {
        let Speed { prompt, answer, in_all, slots, .. } = self.speed;
        let (prompt, answer) = (prompt / SECOND, answer / SECOND);
        let Some(in_all) = in_all else { return (prompt, answer) };
        let at_work = self.at_work().max(1) as f64;
        // One that answers reads the weights from memory for the others too; reading has nothing to gain.
        let others = if slots > 1 { (at_work - 1.0) / (slots - 1) as f64 } else { 0.0 };
        let gain = (in_all / SECOND - answer) * others;
        (prompt / at_work, (answer + gain) / at_work)
    }

    fn at_work(&self) -> usize {
        self.reading.due.len() + self.answering.due.len()
    }

    fn fill_slots(&mut self) {
        while self.at_work() < self.speed.slots
            && let Some(key) = self.waiting.pop_front()
        {
            let job = self.jobs.get_mut(&key).expect("it waits");
            let until = self.reading.tokens + f64::from(job.work.reads);
            job.phase = Phase::Reading { until };
            self.reading.due.insert((until.to_bits(), key));
        }
    }

    fn halt(&mut self, key: Key) {
        match self.jobs.get(&key).map(|job| job.phase) {
            Some(Phase::Waiting) => self.waiting.retain(|waiting| *waiting != key),
            Some(Phase::Reading { until }) => {
                self.reading.due.remove(&(until.to_bits(), key));
            }
            Some(Phase::Answering { since, until, .. }) => {
                self.answering.due.remove(&((since + 1.0).to_bits(), key));
                self.answering.due.remove(&(until.to_bits(), key));
            }
            Some(Phase::Silent { .. }) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::Sizes;

    /// Reads 100 tokens a second and says 10, 16 with both slots at work.
    fn small_box() -> Server {
        let first_byte = Sizes::fixed(0);
        Server::new(Speed { first_byte, prompt: 100.0, answer: 10.0, in_all: Some(16.0), slots: 2 })
    }

    fn work(reads: u32, says: u32) -> Work {
        Work { reads, says, then: Then::Finished }
    }

    const FIRST: usize = 0;

    /// Everything that happens, with its time in milliseconds.
    fn run(server: &mut Server) -> Vec<(u64, u64, Milestone)> {
        run_until(server, Nanos::MAX)
    }

    fn run_until(server: &mut Server, end: Nanos) -> Vec<(u64, u64, Milestone)> {
        let mut seen = Vec::new();
        while let Some(at) = server.next().filter(|&at| at <= end) {
            while let Some(((request, _), milestone)) = server.reached(at) {
                seen.push((at.div_ceil(1_000_000), request, milestone));
            }
        }
        seen
    }

    #[test]
    fn one_alone_reads_and_answers_at_full_speed() {
        let mut server = small_box();
        server.enter((1, FIRST), work(200, 30), 0);
        let (first, end) = (Milestone::FirstToken, Milestone::Ended(Then::Finished));
        assert_eq!(run(&mut server), [(2_100, 1, first), (5_000, 1, end)]);
    }

    #[test]
    fn two_at_once_share_the_speed_and_gain_by_it() {
        let mut server = small_box();
        for request in [1, 2] {
            server.enter((request, FIRST), work(100, 32), 0);
        }
        let ends: Vec<_> = run(&mut server).into_iter().filter(|seen| seen.2 != Milestone::FirstToken).collect();
        let end = Milestone::Ended(Then::Finished);
        assert_eq!(ends, [(6_000, 1, end), (6_000, 2, end)], "two seconds to read both, four to say 64 tokens");
    }

    #[test]
    fn one_more_than_there_are_slots_waits() {
        let mut server = small_box();
        for request in [1, 2, 3] {
            server.enter((request, FIRST), work(100, 32), 0);
        }
        run_until(&mut server, 5_000_000_000);
        assert_eq!(server.progress((3, FIRST), 5_000_000_000), Progress::None);
        let last = run(&mut server).pop().expect("the third ends");
        assert_eq!(last, (6_000 + 1_000 + 3_200, 3, Milestone::Ended(Then::Finished)));
    }

    #[test]
    fn one_that_leaves_gives_its_share_back() {
        let mut server = small_box();
        for request in [1, 2] {
            server.enter((request, FIRST), work(100, 30), 0);
        }
        server.leave((2, FIRST), 1_000_000_000);
        let last = run(&mut server).pop().expect("the first ends");
        assert_eq!(
            last,
            (1_000 + 500 + 3_000, 1, Milestone::Ended(Then::Finished)),
            "half its prompt was read by then"
        );
    }

    #[test]
    fn how_far_an_answer_has_come_is_known_between_its_milestones() {
        let mut server = small_box();
        server.enter((1, FIRST), work(100, 30), 0);
        assert_eq!(server.progress((1, FIRST), 500_000_000), Progress::Reading);
        assert_eq!(run_until(&mut server, 2_000_000_000), [(1_100, 1, Milestone::FirstToken)]);
        let Progress::Said(12, last) = server.progress((1, FIRST), 2_250_000_000) else { panic!("twelve by then") };
        assert!((2_199_000_000..2_201_000_000).contains(&last), "{last}");
        server.silence((1, FIRST), 2_250_000_000);
        assert_eq!(server.progress((1, FIRST), 90_000_000_000), Progress::Said(12, last));
        assert_eq!(server.next(), None);
    }

    #[test]
    fn in_a_cloud_nobody_slows_another_down() {
        let first_byte = Sizes::fixed(0);
        let mut server =
            Server::new(Speed { first_byte, prompt: 1_000.0, answer: 100.0, in_all: None, slots: usize::MAX });
        for request in 0..50 {
            server.enter((request, FIRST), work(1_000, 100), 0);
        }
        assert!(run(&mut server).iter().filter(|seen| seen.2 != Milestone::FirstToken).all(|seen| seen.0 == 2_000));
    }
}
