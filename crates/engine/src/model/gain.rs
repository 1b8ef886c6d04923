//! What drafts have saved one answer, and what the next one may risk. All of it in steps: the time that one token takes
//! without a draft.

/// What the first drafts may lose: two of the shortest that are refused altogether, at most.
const BEGIN: f64 = 5.0;
/// What a step without a draft adds: a draft is tried again now and then, and costs this share of the time at the most.
const INCOME: f64 = 0.01;
/// A long success is soon forgotten: what follows it may be of another kind.
const MOST: f64 = 64.0;
/// A draft that would save less than this share of its steps, were all of it accepted, is none.
const WORTH: f64 = 0.2;

/// Saved less lost.
#[derive(Debug, Clone)]
pub(super) struct Gain {
    balance: f64,
}

impl Gain {
    pub(super) fn new() -> Self {
        Self { balance: BEGIN }
    }

    /// Whether a draft of so many tokens that makes its batch `cost` steps longer pays if it is accepted, and can be
    /// borne if not.
    pub(super) fn may_risk(&self, cost: f64, tokens: usize) -> bool {
        cost <= self.balance && cost <= tokens as f64 * (1.0 - WORTH)
    }

    /// A step without a draft.
    pub(super) fn stepped(&mut self) {
        self.balance = (self.balance + INCOME).min(MOST);
    }

    /// A draft made its batch `cost` steps longer, and so many steps were spared.
    pub(super) fn settled(&mut self, cost: f64, spared: usize) {
        self.balance = (self.balance + spared as f64 - cost).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_may_be_risked_and_what_was_lost_may_not() {
        let mut gain = Gain::new();
        assert!(gain.may_risk(4.0, 16) && !gain.may_risk(10.0, 64));
        gain.settled(4.0, 16);
        assert!(gain.may_risk(10.0, 64));
        gain.settled(18.0, 0);
        assert!(!gain.may_risk(4.0, 16));
    }

    #[test]
    fn time_alone_brings_another_try() {
        let mut gain = Gain::new();
        gain.settled(BEGIN, 0);
        (0..450).for_each(|_| gain.stepped());
        assert!(gain.may_risk(4.0, 16) && !gain.may_risk(5.0, 16));
    }

    #[test]
    fn a_draft_that_would_save_nothing_is_never_worth_it() {
        assert!(!Gain::new().may_risk(4.0, 4));
    }
}
