//! A simulated caller: a request, what they have seen of its answer, and the attempt that runs for them.

use std::time::Duration;

use cascade::{Ask, AttemptId, Call, Ending, Hedge};

use crate::random::Random;
use crate::tier::Said;

/// What a caller wants.
pub(crate) struct Goal {
    pub(crate) ask: Ask,
    /// Whether the route has gates: whoever is answered then has all that was asked for.
    pub(crate) gated: bool,
    /// How many words make the whole answer.
    pub(crate) words: u32,
    /// A content filter's refusal is what every tier would say.
    pub(crate) at_fault: bool,
    /// Every tier refuses it, and names the same member.
    pub(crate) malformed: bool,
    pub(crate) can_be_carried_on: bool,
    /// After so many milliseconds they leave.
    pub(crate) leaves: Option<u64>,
    /// They give it all the time that the route could ever need.
    pub(crate) generous: bool,
}

impl Goal {
    pub(crate) fn drawn(random: &mut Random) -> Self {
        let words = random.count(1, 24);
        let max_tokens = match random.between(0, 5) {
            0 | 1 => None,
            2 => Some(words),
            3 => Some(words + random.count(10, 100)),
            4 => Some(random.count(500, 4_000)),
            _ => Some(16_384),
        };
        let deadline = match random.between(0, 5) {
            0 => Some(random.between(20, 1_000)),
            1 => Some(random.between(500, 20_000)),
            2 => Some(random.between(10_000, 200_000)),
            _ => None,
        };
        let (generous, streamed) = (random.chance(40), random.chance(70));
        // Some leave while two tiers are at work, which is soon over.
        let longest = random.pick(&[1_500, 20_000]);
        Self {
            ask: Ask {
                prompt_tokens: random.pick(&[5, 63, 64, 300, 900, 2_000, 8_000]),
                max_tokens: if generous { max_tokens.map(|most| most.max(words + 8)) } else { max_tokens },
                streamed,
                deadline: deadline.map(Duration::from_millis),
                longest_silence: random.chance(5).then(|| Duration::from_millis(random.between(1_000, 20_000))),
                fingerprint: random.between(0, 3),
                seed: random.number(),
            },
            gated: random.chance(50),
            words,
            at_fault: random.chance(3),
            malformed: random.chance(3),
            can_be_carried_on: generous || random.chance(93),
            leaves: (!generous && random.chance(12)).then(|| random.between(0, longest)),
            generous,
        }
    }
}

/// A caller of a world.
pub(crate) struct Caller {
    pub(crate) call: Call,
    pub(crate) wish: Goal,
    /// Which of the world's fleets it was begun on.
    pub(crate) fleet: usize,
    /// The tiers of its route, in order.
    pub(crate) route: Vec<usize>,
    pub(crate) deadline: u64,
    /// The attempts that run: two at most.
    pub(crate) lives: Vec<Live>,
    /// Whether the route hedges, and if so, also with what costs money.
    pub(crate) hedge: Option<Hedge>,
    /// The last word that a caller of a stream has seen, or that is kept for one of a whole answer; what they see, or what
    /// is kept, is all words up to it.
    pub(crate) seen: u32,
    /// When the driver looks at the clock next.
    pub(crate) tick: Option<u64>,
    /// When their first attempt was late, as its tier was held to when it began.
    pub(crate) late: Option<Duration>,
    /// The attempts that have told how late their tiers are.
    pub(crate) told: Vec<usize>,
    /// The tier that they pause for.
    pub(crate) pausing: Option<usize>,
    /// The tier that they wait for.
    pub(crate) waits: Option<usize>,
    /// Whether a healthy tier owes them an answer.
    pub(crate) held: bool,
    pub(crate) ended: Option<Ending>,
}

/// An attempt that runs.
pub(crate) struct Live {
    pub(crate) id: AttemptId,
    pub(crate) tier: usize,
    pub(crate) carrying: bool,
    /// Whether it must begin inside what was seen, so that nothing else is believed to be a continuation.
    pub(crate) checked: bool,
    pub(crate) to_say: std::vec::IntoIter<(u64, Said)>,
    /// What comes next, and is on its way.
    pub(crate) coming: Option<Said>,
    /// What the tier is given to read: the prompt, and what is to be carried on.
    pub(crate) reads: u32,
    /// The last word that it said.
    pub(crate) last: u32,
    pub(crate) tokens: u32,
    /// How many it may say; of a route with gates, only where the caller wants no more.
    pub(crate) most: Option<u32>,
    pub(crate) seen_before: u32,
    pub(crate) no_part: u32,
    /// Its place in the tier's books.
    pub(crate) charge: usize,
}

/// What the driver makes of what a tier says.
pub(crate) enum Heard {
    /// A token; whether it is shown.
    Token {
        shown: bool,
    },
    NoSeam,
    Finished,
}

impl Caller {
    pub(crate) fn live(&self, attempt: AttemptId) -> Option<&Live> {
        self.lives.iter().find(|live| live.id == attempt)
    }

    pub(crate) fn live_mut(&mut self, attempt: AttemptId) -> Option<&mut Live> {
        self.lives.iter_mut().find(|live| live.id == attempt)
    }

    /// Whether what `attempt` says is no part of the answer as far as the driver can tell: it did not begin inside of what
    /// was seen, though it was asked to.
    pub(crate) fn is_astray(&self, attempt: AttemptId, word: u32) -> bool {
        self.live(attempt).is_some_and(|live| {
            let begins = live.tokens == live.no_part;
            live.checked && live.seen_before > 0 && begins && word > live.seen_before
        })
    }

    /// Takes in a word of a running attempt, as the driver's search for the seam does.
    pub(crate) fn hear(&mut self, attempt: AttemptId, word: u32) -> Result<Heard, String> {
        let live = self.lives.iter_mut().find(|live| live.id == attempt).expect("it speaks");
        live.tokens += 1;
        live.last = word;
        if !self.wish.ask.streamed && !live.carrying {
            return Ok(Heard::Token { shown: false });
        }
        match word {
            again if again <= self.seen && !live.carrying => Err(format!("word {again} is shown a second time")),
            again if again <= self.seen => Ok(Heard::Token { shown: false }),
            next if next == self.seen + 1 => {
                self.seen = next;
                Ok(Heard::Token { shown: true })
            }
            later => Err(format!("word {later} follows on word {}", self.seen)),
        }
    }

    /// Keeps what an attempt said of a whole answer that its length cut off.
    pub(crate) fn keep(&mut self, attempt: AttemptId) {
        let Some(live) = self.lives.iter().find(|live| live.id == attempt) else { return };
        if !self.wish.ask.streamed && !live.carrying && self.wish.can_be_carried_on {
            self.seen = live.last;
        }
    }

    /// The tier ended its answer: well, unless it was to carry on and never got to where that begins.
    pub(crate) fn hear_end(&self, attempt: AttemptId) -> Heard {
        let live = self.live(attempt).expect("it ends");
        let went_on = self.seen > live.seen_before || self.seen == self.wish.words;
        if live.carrying && !went_on { Heard::NoSeam } else { Heard::Finished }
    }

    /// The last word of what the caller has got.
    pub(crate) fn text(&self, last: u32) -> u32 {
        if self.wish.ask.streamed || self.seen > 0 { self.seen } else { last }
    }
}

impl Live {
    /// What the provider charges for it.
    pub(crate) fn cost(&self) -> u32 {
        if self.tokens == 0 { 0 } else { self.reads + self.tokens }
    }
}
