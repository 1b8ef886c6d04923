//! How long a new request would wait: the scheduler's own rules, played forward at the speeds that it has measured.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::steps::Steps;

/// What the engine has to do, and how fast it does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Line", into = "Line")]
pub struct Load {
    /// Jobs that have a sequence.
    pub running: u32,
    /// Jobs that wait for one.
    pub waiting: u32,
    /// How long a job that came now would wait until its prompt begins to be read.
    pub wait: Duration,
    /// What it takes to read one token of a prompt; `None` until that was measured.
    pub prompt_token: Option<Duration>,
    /// From one token of an answer to its next, with as many answers at once as there are now, and one at least; `None`
    /// until that was measured.
    pub token: Option<Duration>,
}

impl Load {
    /// True where there is nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting == 0
    }

    /// Counts a job in that is on its way to the engine's thread, which looks up between two batches only.
    pub(super) fn announce(&mut self, prompt: u32) {
        self.waiting += 1;
        self.wait += self.prompt_token.unwrap_or_default().saturating_mul(prompt);
    }
}

/// A [`Load`] in whole microseconds, as it is told to the supervisor.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Line {
    running: u32,
    waiting: u32,
    wait_us: u64,
    prompt_token_us: Option<u64>,
    token_us: Option<u64>,
}

impl From<Load> for Line {
    fn from(Load { running, waiting, wait, prompt_token, token }: Load) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (prompt_token_us, token_us) = (prompt_token.map(micros), token.map(micros));
        Self { running, waiting, wait_us: micros(wait), prompt_token_us, token_us }
    }
}

impl From<Line> for Load {
    fn from(Line { running, waiting, wait_us, prompt_token_us, token_us }: Line) -> Self {
        let [prompt_token, token] = [prompt_token_us, token_us].map(|micros| micros.map(Duration::from_micros));
        Self { running, waiting, wait: Duration::from_micros(wait_us), prompt_token, token }
    }
}

/// What is left of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rest {
    /// Tokens of its prompt that have still to be read.
    pub(super) read: usize,
    /// Tokens that its answer is expected to have still.
    pub(super) write: usize,
    /// Cells of the cache that it counts on and shares with no other.
    pub(super) cells: usize,
}

/// Where the engine stands.
#[derive(Debug, Clone)]
pub(super) struct Forecast<'a> {
    /// Jobs with a sequence, the one that came first at the front.
    pub(super) running: Vec<Rest>,
    /// Jobs without one, in the order in which they get it.
    pub(super) waiting: VecDeque<Rest>,
    /// How many sequences there are.
    pub(super) lanes: usize,
    /// How many cells the cache has.
    pub(super) capacity: usize,
    /// Tokens of a prompt that are read in one batch beside answers.
    pub(super) slice: usize,
    /// What it takes to read one token of a prompt, measured or not.
    pub(super) prompt_token: Duration,
    pub(super) steps: &'a Steps,
}

impl Forecast<'_> {
    /// How long a job that came now would wait until its prompt begins to be read.
    pub(super) fn wait(mut self) -> Duration {
        let mut wait = Duration::ZERO;
        loop {
            self.running.retain(|rest| rest.read + rest.write > 0);
            self.admit();
            let nobody_reads = self.running.iter().all(|rest| rest.read == 0);
            if self.waiting.is_empty() && self.running.len() < self.lanes && nobody_reads {
                return wait;
            }
            wait += self.advance();
        }
    }

    /// First come, first served, while there is a sequence, and the cache has the room.
    fn admit(&mut self) {
        while let Some(&next) = self.waiting.front() {
            let taken: usize = self.running.iter().map(|rest| rest.cells).sum();
            let fits = self.running.is_empty() || taken + next.cells <= self.capacity;
            if self.running.len() >= self.lanes || !fits {
                return;
            }
            self.waiting.pop_front();
            self.running.push(next);
        }
    }

    /// Goes on to the next moment at which a prompt has been read or an answer has ended; gives the time until then.
    fn advance(&mut self) -> Duration {
        let answers = self.running.iter().filter(|rest| rest.read == 0);
        let (answering, shortest) = (answers.clone().count(), answers.map(|rest| rest.write).min());
        let reader = self.running.iter_mut().find(|rest| rest.read > 0);
        let (steps, took) = match (reader, shortest) {
            (Some(reader), None) => (0, times(self.prompt_token, std::mem::take(&mut reader.read))),
            (Some(reader), Some(shortest)) => {
                let batches = reader.read.div_ceil(self.slice).min(shortest);
                let tokens = reader.read.min(batches * self.slice);
                reader.read -= tokens;
                (batches, times(self.prompt_token, tokens + batches * answering))
            }
            (None, shortest) => {
                let steps = shortest.unwrap_or(0);
                (steps, times(self.step(answering), steps))
            }
        };
        // Who has just been read to the end answers from the next moment on.
        let answers = self.running.iter_mut().filter(|rest| rest.read == 0 && rest.write >= steps);
        answers.for_each(|rest| rest.write -= steps);
        took
    }

    fn step(&self, answering: usize) -> Duration {
        /// Tokens of a prompt that are read in the time of one step, where no step was measured: a processor reads all
        /// weights for either.
        const READ_IN_A_STEP: usize = 5;
        self.steps.token(answering).unwrap_or_else(|| times(self.prompt_token, READ_IN_A_STEP))
    }
}

fn times(time: Duration, count: usize) -> Duration {
    time.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A prompt token takes 10 ms; a step 50 ms alone and 25 ms more for each further answer.
    fn steps() -> Steps {
        let mut steps = Steps::new(4);
        for (answers, took) in [(1, ms(50)), (2, ms(75)), (3, ms(100)), (4, ms(125))] {
            steps.measured(answers, took);
        }
        steps
    }

    fn rest(read: usize, write: usize) -> Rest {
        Rest { read, write, cells: 100 }
    }

    fn wait(running: &[Rest], waiting: &[Rest]) -> Duration {
        let (running, waiting) = (running.to_vec(), waiting.iter().copied().collect());
        let (lanes, capacity, slice, prompt_token) = (2, 1000, 16, ms(10));
        Forecast { running, waiting, lanes, capacity, slice, prompt_token, steps: &steps() }.wait()
    }

    #[test]
    fn where_a_lane_is_free_and_nobody_reads_nobody_waits() {
        assert_eq!(wait(&[], &[]), Duration::ZERO);
        assert_eq!(wait(&[rest(0, 500)], &[]), Duration::ZERO);
    }

    #[test]
    fn a_prompt_before_ones_own_is_read_first() {
        assert_eq!(wait(&[rest(300, 500)], &[]), ms(3_000));
    }

    #[test]
    fn a_prompt_beside_an_answer_is_read_in_slices_that_carry_the_answers_tokens_too() {
        // Ten batches of 16 tokens and one of the answer's.
        assert_eq!(wait(&[rest(0, 500), rest(160, 0)], &[]), ms(10 * 17 * 10));
    }

    #[test]
    fn where_all_lanes_are_taken_the_first_to_end_is_waited_for() {
        assert_eq!(wait(&[rest(0, 500), rest(0, 40)], &[]), ms(40 * 75));
    }

    #[test]
    fn who_waits_already_goes_first() {
        // 40 steps of two; the waiting job's 16 tokens beside the answer; then its 10 steps of two.
        let expected = 40 * 75 + 17 * 10 + 10 * 75;
        assert_eq!(wait(&[rest(0, 500), rest(0, 40)], &[rest(16, 11)]), ms(expected));
    }

    #[test]
    fn a_job_that_the_cache_has_no_room_for_holds_up_those_behind_it() {
        let large = Rest { read: 16, write: 0, cells: 950 };
        // The lane is free, but the answer of 20 must end first; then the large one is read alone.
        assert_eq!(wait(&[rest(0, 20)], &[large]), ms(20 * 50 + 16 * 10));
    }

    #[test]
    fn a_job_too_large_for_the_cache_is_taken_once_it_is_alone() {
        assert_eq!(wait(&[], &[Rest { read: 16, write: 0, cells: 5_000 }]), ms(160));
    }

    #[test]
    fn a_prompt_that_is_only_read_leaves_its_lane_at_once() {
        assert_eq!(wait(&[rest(10, 0), rest(10, 0)], &[]), ms(200));
    }

    #[test]
    fn a_full_queue_is_played_to_its_end() {
        let waiting = [rest(16, 11); 64];
        assert!(wait(&[rest(0, 20), rest(0, 40)], &waiting) > ms(64 * 11 * 75 / 2));
    }

    #[test]
    fn an_announced_job_counts_until_it_is_seen() {
        let mut load = Load { prompt_token: Some(ms(2)), wait: ms(5), ..Load::default() };
        load.announce(100);
        assert_eq!((load.waiting, load.wait, load.is_idle()), (1, ms(205), false));
    }

    #[test]
    fn what_is_told_is_read_again() {
        let load = Load { running: 2, waiting: 1, wait: ms(40), prompt_token: None, token: Some(ms(33)) };
        let line = serde_json::to_string(&load).expect("JSON");
        let told = r#"{"running":2,"waiting":1,"wait_us":40000,"prompt_token_us":null,"token_us":33000}"#;
        assert_eq!(line, told);
        assert_eq!(serde_json::from_str::<Load>(&line).expect("a load"), load);
    }
}
