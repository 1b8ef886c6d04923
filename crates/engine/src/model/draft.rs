//! Speculation without a second model: what an answer may say next is looked up in its own prompt and in what it has
//! said (prompt lookup: Saxena, 2023; LLMA: Yang et al., 2023, arXiv:2304.04487).
//!
//! A draft is decoded in one batch with the answer's last token, and as much of it is kept as the sampler would have drawn.

use super::gain::Gain;
use super::job::{Drafting, Token};
use super::pace::without_leftover;

/// So many tokens at the end must have stood somewhere before: fewer agree by chance.
const AGREEING: usize = 6;
/// As many where the last draft was mostly refused, or there was none: in a short answer of its own words, one draft that is
/// refused is several hundredths of its time.
const AGREEING_AT_FIRST: usize = 16;
/// Where so many agree, the newest place is as good as any.
const ENOUGH: usize = 64;
/// The first draft, and the one after a refused one. Shorter ones save next to nothing on a CPU (docs/performance.md). With
/// the answer's next token, which it is checked with, it is a batch of a size that leaves no row over.
const SHORTEST: usize = 15;
/// Where there is no room for that, or nothing more to be found, so many tokens are a draft still.
const LEAST: usize = 7;
const LONGEST: usize = 255;

/// One answer's drafts.
#[derive(Debug, Clone)]
pub(super) struct Drafts {
    drafting: Drafting,
    /// How long the next one is at the most.
    length: usize,
    /// How many tokens must agree for it.
    agreeing: usize,
    gain: Gain,
    /// Tokens that were drafted, and how many of them were kept.
    pub(super) drafted: usize,
    pub(super) accepted: usize,
}

impl Drafts {
    pub(super) fn new(drafting: Drafting) -> Self {
        let agreeing = if drafting == Drafting::Always { AGREEING } else { AGREEING_AT_FIRST };
        Self { drafting, length: SHORTEST, agreeing, gain: Gain::new(), drafted: 0, accepted: 0 }
    }

    /// What may come next, `most` tokens at the most; nothing where none is found or the risk is too high. `cost` says
    /// what a draft of a length costs, in steps of one token.
    pub(super) fn next<'a>(&self, tokens: &'a [Token], most: usize, cost: impl Fn(usize) -> f64) -> &'a [Token] {
        let pays = |length| match self.drafting {
            Drafting::WhereItPays => length >= LEAST && self.gain.may_risk(cost(length), length),
            Drafting::Always => length > 0,
            Drafting::Never => false,
        };
        if self.drafting == Drafting::Never {
            return &[];
        }
        let found = lookup(tokens, self.agreeing, self.length.min(most));
        let draft = &found[..without_leftover(found.len(), 1)];
        if pays(draft.len()) { draft } else { &[] }
    }

    /// A step without a draft.
    pub(super) fn stepped(&mut self) {
        self.gain.stepped();
    }

    /// So many tokens were drafted.
    pub(super) fn begin(&mut self, drafted: usize) {
        self.drafted += drafted;
    }

    /// So many of the drafted tokens were accepted, and the draft made its batch so many steps longer.
    pub(super) fn settled(&mut self, drafted: usize, accepted: usize, cost: f64) {
        self.accepted += accepted;
        self.gain.settled(cost, accepted);
        let trusted = self.drafting == Drafting::Always || accepted * 2 >= drafted;
        self.agreeing = if trusted { AGREEING } else { AGREEING_AT_FIRST };
        let next = if accepted == drafted { self.length * 2 + 1 } else { (accepted / 2).next_power_of_two() - 1 };
        self.length = next.clamp(SHORTEST, LONGEST);
    }
}

/// What followed where the end of these tokens stood before: at the place where the most of them agree, `least` or more,
/// and of several the newest.
fn lookup(tokens: &[Token], least: usize, most: usize) -> &[Token] {
    let Some((last, before)) = tokens.split_last() else { return &[] };
    let (mut longest, mut place) = (least - 1, None);
    for at in (least - 1..before.len()).rev() {
        if before[at] == *last {
            let agreeing = agreeing(tokens, at);
            if agreeing > longest {
                (longest, place) = (agreeing, Some(at + 1));
            }
            if agreeing >= ENOUGH {
                break;
            }
        }
    }
    place.map_or(&[], |from| &tokens[from..tokens.len().min(from + most)])
}

/// How many tokens up to `at` are those at the end.
fn agreeing(tokens: &[Token], at: usize) -> usize {
    let ends = tokens[..=at].iter().rev().zip(tokens.iter().rev());
    ends.take(ENOUGH).take_while(|(earlier, end)| earlier == end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a draft costs where a token of it costs a quarter of a step.
    fn quarter(tokens: usize) -> f64 {
        tokens as f64 / 4.0
    }

    fn page() -> Vec<Token> {
        (100..600).collect()
    }

    /// The page, and an answer that has begun to repeat it from its `from`th token on.
    fn repeating(from: usize, count: usize) -> Vec<Token> {
        let page = page();
        [&page[..], &[1, 2, 3], &page[from..from + count]].concat()
    }

    #[test]
    fn what_followed_before_is_drafted() {
        let tokens = repeating(50, AGREEING);
        let next = page()[50 + AGREEING..][..20].to_vec();
        assert_eq!(lookup(&tokens, AGREEING, 20), next);
        assert_eq!(lookup(&repeating(50, AGREEING - 1), AGREEING, 20), &[] as &[Token]);
        assert_eq!(lookup(&[], AGREEING, 20), &[] as &[Token]);
    }

    #[test]
    fn the_longest_agreement_wins_and_of_equal_ones_the_newest() {
        let end = [1, 2, 3, 4, 5, 6, 7, 8];
        let longer = [&end[..], &[50], &end[2..], &[60], &end[..]].concat();
        assert_eq!(lookup(&longer, AGREEING, 1), [50]);
        let equal = [&end[..], &[50], &end[..], &[60], &end[..]].concat();
        assert_eq!(lookup(&equal, AGREEING, 1), [60]);
    }

    #[test]
    fn a_draft_grows_while_it_is_accepted_and_shrinks_when_not() {
        let (mut drafts, tokens) = (Drafts::new(Drafting::WhereItPays), repeating(50, 20));
        let mut lengths = Vec::new();
        for _ in 0..5 {
            let length = drafts.next(&tokens, 400, quarter).len();
            lengths.push(length);
            drafts.begin(length);
            drafts.settled(length, length, quarter(length));
        }
        assert_eq!(lengths, [15, 31, 63, 127, 255]);
        drafts.settled(255, 60, quarter(255));
        assert_eq!(drafts.length, 31);
        drafts.settled(31, 0, quarter(31));
        assert_eq!(drafts.length, SHORTEST);
        assert_eq!((drafts.drafted, drafts.accepted), (491, 491 + 60));
    }

    #[test]
    fn what_is_never_accepted_is_soon_no_longer_tried() {
        let (mut drafts, tokens) = (Drafts::new(Drafting::WhereItPays), repeating(50, 20));
        let mut tried = 0;
        for _ in 0..1000 {
            match drafts.next(&tokens, 400, quarter).len() {
                0 => drafts.stepped(),
                length => {
                    tried += 1;
                    drafts.settled(length, 0, quarter(length));
                }
            }
        }
        assert!((2..8).contains(&tried), "{tried}");
    }

    #[test]
    fn nothing_is_drafted_where_a_batch_costs_what_its_steps_do() {
        let (tokens, dear) = (repeating(50, 20), |tokens: usize| tokens as f64 * 0.95);
        assert_eq!(Drafts::new(Drafting::WhereItPays).next(&tokens, 400, dear), &[] as &[Token]);
        assert_eq!(Drafts::new(Drafting::WhereItPays).next(&tokens, LEAST - 1, quarter), &[] as &[Token]);
        assert_eq!(Drafts::new(Drafting::Never).next(&tokens, 400, quarter), &[] as &[Token]);
        assert_eq!(Drafts::new(Drafting::Always).next(&tokens, 400, dear).len(), SHORTEST);
    }

    #[test]
    fn a_draft_is_judged_by_what_its_own_length_costs() {
        let (tokens, small_ones_are_dear) =
            (repeating(50, 20), |tokens: usize| if tokens < SHORTEST { 99.0 } else { 3.0 });
        assert_eq!(Drafts::new(Drafting::WhereItPays).next(&tokens, 400, small_ones_are_dear).len(), SHORTEST);
    }

    #[test]
    fn more_must_agree_before_a_draft_was_accepted_and_after_one_was_refused() {
        let mut drafts = Drafts::new(Drafting::WhereItPays);
        let few = repeating(50, AGREEING);
        let drafted = |drafts: &Drafts, tokens: &[Token]| !drafts.next(tokens, 400, quarter).is_empty();
        assert!(!drafted(&drafts, &few) && drafted(&drafts, &repeating(50, AGREEING_AT_FIRST)));
        drafts.settled(15, 15, quarter(15));
        assert!(drafted(&drafts, &few));
        drafts.settled(31, 2, quarter(31));
        assert!(!drafted(&drafts, &few));
    }

    #[test]
    fn what_would_leave_a_row_over_is_not_drafted() {
        let tokens = repeating(50, 20);
        assert_eq!(Drafts::new(Drafting::WhereItPays).next(&tokens, 13, quarter).len(), 11);
    }
}
