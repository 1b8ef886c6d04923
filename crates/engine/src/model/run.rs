//! One job while the engine works on it.

use std::time::{Duration, Instant};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::vocab::LlamaVocab;

use super::draft::Drafts;
use super::job::{Done, Drafted, Finish, Job, Output, Timings, Token};
use super::logprobs::Weighing;
use super::mailbox::Mailbox;
use super::sampler::Sampler;
use super::text::Unshown;
use super::ticket::{Place, Reply, Ticket};
use crate::grammar::Lost;

/// How often a reader hears how far its prompt has been read.
const READING_EVERY: Duration = Duration::from_secs(1);

/// A job's prompt and the answer so far.
#[derive(Debug)]
pub(super) struct Run {
    /// The prompt, then the answer. The last one has never been decoded yet.
    pub(super) tokens: Vec<Token>,
    prompt: usize,
    most_answer: usize,
    sampler: Sampler,
    /// Whether it always takes the likeliest token.
    is_greedy: bool,
    pub(super) drafts: Drafts,
    near_ties: usize,
    weighing: Option<Weighing>,
    unshown: Unshown,
    piece: Vec<u8>,
    reply: Reply,
    place: Option<Place>,
    clock: Clock,
    cached: Option<usize>,
    /// How much of its start a lane held when it came; what it is found to hold when it begins may differ.
    foreseen: usize,
    /// It is a further answer to a prompt of the same request.
    again: bool,
}

/// When each part of a job began.
#[derive(Debug)]
struct Clock {
    arrived: Instant,
    started: Option<Instant>,
    first_token: Option<Instant>,
    said: Instant,
}

impl Run {
    /// `context` bounds the answer: it never outgrows the room that the prompt leaves.
    pub(super) fn new(ticket: Ticket, vocabulary: i32, context: u32) -> Self {
        let Ticket { job, reply, place, arrived } = ticket;
        let Job { prompt, max_tokens, stop, sampling, grammar, drafting, logprobs, again } = job;
        let room = (context as usize).saturating_sub(prompt.len());
        Self {
            prompt: prompt.len(),
            most_answer: max_tokens.map_or(room, |most| room.min(most as usize)),
            is_greedy: sampling.temperature <= 0.0,
            drafts: Drafts::new(drafting),
            near_ties: 0,
            weighing: logprobs.map(Weighing::new),
            sampler: Sampler::new(&sampling, grammar, vocabulary, context),
            unshown: Unshown::new(stop),
            piece: Vec::new(),
            tokens: prompt,
            reply,
            place: Some(place),
            clock: Clock { arrived, started: None, first_token: None, said: arrived },
            cached: None,
            foreseen: 0,
            again,
        }
    }

    /// Whether its start is to be noticed as used: before its answer begins, and once a request.
    pub(super) fn uses_its_start(&self) -> bool {
        !self.again && self.answered() == 0
    }

    /// So many of its tokens are in the cache already.
    pub(super) fn foresee(&mut self, cached: usize) {
        self.foreseen = cached;
    }

    /// The longest start of its tokens that need not be decoded again where a lane holds it, and the token behind that.
    pub(super) fn reusable(&self) -> &[Token] {
        let weighed = self.weighing.as_ref().and_then(Weighing::of_prompt);
        &self.tokens[..weighed.map_or(self.tokens.len(), |read| read.max(1))]
    }

    /// The most of its tokens that one batch may hold. Each whose logits are looked at has those of the whole vocabulary
    /// in memory.
    pub(super) fn most_at_once(&self) -> usize {
        const WEIGHED: usize = 64;
        if self.weighs_prompt() { WEIGHED } else { usize::MAX }
    }

    /// Whether the logits behind its token at `at` are looked at.
    pub(super) fn wants_logits(&self, at: usize) -> bool {
        at + 1 >= self.tokens.len() || self.weighs_prompt()
    }

    fn weighs_prompt(&self) -> bool {
        self.weighing.as_ref().and_then(Weighing::of_prompt).is_some_and(|read| read < self.prompt)
    }

    /// Weighs the prompt's tokens behind those of a batch just decoded, which are `count`, begin with the one at `from`,
    /// and have their logits from `index` on.
    pub(super) fn weigh_prompt(
        &mut self,
        context: &LlamaContext<'_>,
        vocab: &LlamaVocab<'_>,
        from: usize,
        (index, count): (i32, usize),
    ) {
        if !self.weighs_prompt() {
            return;
        }
        let Some(weighing) = &mut self.weighing else { return };
        if from == 0 && weighing.of_prompt() == Some(0) {
            weighing.read(vocab, self.tokens[0], None);
        }
        for (at, index) in (from + 1..self.prompt).zip(index..).take(count) {
            if weighing.of_prompt() == Some(at) {
                weighing.read(vocab, self.tokens[at], Some(context.get_logits_ith(index)));
            }
        }
        if weighing.of_prompt() == Some(self.prompt) {
            let prompt = weighing.take_prompt();
            self.mailbox().prompt(prompt);
        }
    }

    /// Tokens that are still to be read, where it has no lane yet.
    pub(super) fn unread(&self) -> usize {
        self.tokens.len() - self.foreseen
    }

    /// Cells of the cache that it counts on: for its tokens, and a little further.
    pub(super) fn claim(&self) -> usize {
        /// Tokens that an answer may be sure of; beyond them the youngest makes way.
        const ANSWER: usize = 64;
        self.tokens.len() + self.remaining().min(ANSWER)
    }

    /// As [`claim`](Self::claim), less those that it shares with the lane that held its start.
    pub(super) fn own_claim(&self) -> usize {
        self.claim() - self.cached.unwrap_or(self.foreseen)
    }

    /// Tokens that the answer has.
    pub(super) fn answered(&self) -> usize {
        self.tokens.len() - self.prompt
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.mailbox().is_cancelled()
    }

    /// Tokens that the answer may still have.
    pub(super) fn remaining(&self) -> usize {
        self.most_answer - self.answered()
    }

    /// True once the answer has begun: what it waits for now is felt as a stall.
    pub(super) fn is_answering(&self) -> bool {
        self.clock.first_token.is_some()
    }

    /// A sequence has been found for it, with so many of its tokens in the cache.
    pub(super) fn start(&mut self, cached: usize) {
        let now = Instant::now();
        self.place = None;
        if self.clock.started.is_none() {
            self.clock.started = Some(now);
            self.clock.said = now;
            self.cached = Some(cached);
        }
    }

    /// Tells the reader, now and then, how far the prompt has been read.
    pub(super) fn report(&mut self, read: usize) {
        if !self.is_answering() && self.clock.said.elapsed() >= READING_EVERY {
            self.clock.said = Instant::now();
            self.mailbox().reading(number(read), number(self.prompt));
        }
    }

    /// Draws the next token from the logits at `index` of the batch just decoded. `Some` when that ended the answer.
    pub(super) fn sample(
        &mut self,
        context: &LlamaContext<'_>,
        vocab: &LlamaVocab<'_>,
        index: i32,
    ) -> Result<Option<Finish>, Lost> {
        if self.remaining() == 0 {
            return Ok(Some(Finish::Length));
        }
        let token = self.sampler.choose(context, index)?;
        self.clock.first_token.get_or_insert_with(Instant::now);
        self.tokens.push(token.0);
        if self.is_greedy {
            self.near_ties += usize::from(is_near_tie(context.get_logits_ith(index), token.0));
        }
        if vocab.is_eog(token) {
            return Ok(Some(Finish::Stop));
        }
        self.piece.clear();
        vocab.token_to_piece_into(token, &mut self.piece, false, None);
        let (shown, stopped) = self.unshown.push(&self.piece);
        let logprobs = self.weighing.as_mut().map(|weighing| {
            weighing.write(vocab, token.0, context.get_logits_ith(index), self.piece.len());
            if stopped {
                weighing.release_before(self.unshown.cut())
            } else {
                weighing.release(self.unshown.held_back())
            }
        });
        self.mailbox().say(&shown, logprobs.unwrap_or_default());
        if stopped || self.sampler.is_complete() {
            return Ok(Some(Finish::Stop));
        }
        Ok((self.remaining() == 0).then_some(Finish::Length))
    }

    /// Says how it ended, in which batch.
    pub(super) fn finish(mut self, finish: Finish, batch: u64) {
        let rest = self.unshown.finish();
        let logprobs = self.weighing.as_mut().map(|weighing| weighing.release(0));
        self.mailbox().say(&rest, logprobs.unwrap_or_default());
        let end = Output::Done(Done {
            finish,
            prompt_tokens: number(self.prompt),
            cached_tokens: number(self.cached.unwrap_or_default()),
            completion_tokens: number(self.answered()),
            timings: self.clock.timings(),
            drafts: Drafted {
                tokens: number(self.drafts.drafted),
                accepted: number(self.drafts.accepted),
                near_ties: number(self.near_ties),
            },
            batch,
        });
        self.mailbox().end(end);
    }

    /// Says that it cannot be carried on.
    pub(super) fn fail(self, reason: &str) {
        self.mailbox().end(Output::Failed(reason.to_owned()));
    }

    fn mailbox(&self) -> &Mailbox {
        self.reply.mailbox()
    }
}

impl Clock {
    fn timings(&self) -> Timings {
        let now = Instant::now();
        let started = self.started.unwrap_or(now);
        let first_token = self.first_token.unwrap_or(now);
        Timings { queued: started - self.arrived, prompt: first_token - started, answer: now - first_token }
    }
}

/// Whether another token's logit lies within rounding of the drawn one's.
fn is_near_tie(logits: &[f32], drawn: Token) -> bool {
    /// What the order of a sum was seen to change in a logit (docs/performance.md).
    const ROUNDING: f32 = 0.5;
    let Some(drawn) = usize::try_from(drawn).ok().and_then(|drawn| logits.get(drawn)) else { return false };
    // Counted to the end: a loop without a way out takes many logits at a time.
    logits.iter().filter(|&logit| (logit - drawn).abs() < ROUNDING).count() > 1
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_near_where_another_logit_lies_within_rounding_of_the_drawn_one() {
        assert!(is_near_tie(&[0.0, 9.8, 10.0, -3.0], 2));
        assert!(!is_near_tie(&[0.0, 9.0, 10.0, 8.9], 2));
        assert!(!is_near_tie(&[0.0, 1.0], 7));
    }
}
