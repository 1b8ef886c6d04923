//! What is asked next where a wish was not granted: once more with what was wrong, then of the place itself or of the whole,
//! then of the next tier. At its end the user is told plainly that it did not work.

use kit::Spot;

/// A question to a model: `W` is what is written, `Y` what was wrong with the last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask<'a, W, Y> {
    pub(crate) what: W,
    /// What was wrong with the last answer, where the same is asked for once more.
    pub(crate) wrong: Option<&'a Y>,
    /// Whether the next tier is asked.
    pub(crate) of_next_tier: bool,
}

/// What is written of a free page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is to be replaced, and by what.
    Blocks,
    /// One element, whole.
    Element,
    /// The page, whole.
    Whole,
}

/// The rungs that are left.
#[derive(Debug)]
pub(crate) struct Ladder<W> {
    /// The last one is the next.
    left: Vec<Rung<W>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung<W> {
    Of(W),
    Again(W),
    NextTier(W),
}

impl Ladder<Option<Spot>> {
    /// For a page of words, which is written at a spot or whole. `clicked` is what the user chose, `named` what the wish
    /// speaks of, where that is sure.
    pub(crate) fn of_words(clicked: Option<Spot>, named: Option<Spot>) -> Self {
        let other = match clicked {
            Some(_) => Some(Rung::Of(None)),
            None => named.map(|spot| Rung::Of(Some(spot))),
        };
        let rungs = [Some(Rung::Of(clicked)), Some(Rung::Again(clicked)), other, Some(Rung::NextTier(clicked))];
        Self::up(rungs.into_iter().flatten())
    }

    /// For the lines at a spot, or all of the page, and for nothing else.
    pub(crate) fn of_lines(spot: Option<Spot>) -> Self {
        Self::up([Rung::Of(spot), Rung::Again(spot), Rung::NextTier(spot)].into_iter())
    }
}

impl Ladder<Part> {
    /// For a free page. Which element there is to write, if any, is known once answers have come.
    pub(crate) fn of_page() -> Self {
        let rungs = [
            Rung::Of(Part::Blocks),
            Rung::Again(Part::Blocks),
            Rung::Of(Part::Element),
            Rung::Of(Part::Whole),
            Rung::NextTier(Part::Blocks),
        ];
        Self::up(rungs.into_iter())
    }
}

impl<W> Ladder<W> {
    fn up(rungs: impl DoubleEndedIterator<Item = Rung<W>>) -> Self {
        Self { left: rungs.rev().collect() }
    }

    /// What is asked next, where this was wrong with the last answer. `None` where nothing is left to try.
    pub(crate) fn next<'a, Y>(&mut self, wrong: Option<&'a Y>) -> Option<Ask<'a, W, Y>> {
        let (what, wrong, of_next_tier) = match self.left.pop()? {
            Rung::Of(what) => (what, None, false),
            Rung::Again(what) => (what, wrong, false),
            Rung::NextTier(what) => (what, None, true),
        };
        Some(Ask { what, wrong, of_next_tier })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each question goes, where every answer is wrong.
    fn climbed<W>(mut ladder: Ladder<W>) -> Vec<(W, bool, bool)> {
        let mut asked = Vec::new();
        let mut last = None;
        while let Some(ask) = ladder.next(last.as_ref()) {
            asked.push((ask.what, ask.wrong.is_some(), ask.of_next_tier));
            last = Some("nothing was changed");
        }
        asked
    }

    #[test]
    fn a_wish_climbs_from_the_whole_to_the_place_and_to_the_next_tier() {
        let menu = Some(Spot::Section(0));
        let all = [(None, false, false), (None, true, false), (menu, false, false), (None, false, true)];
        assert_eq!(climbed(Ladder::of_words(None, menu)), all);
        let unnamed = [(None, false, false), (None, true, false), (None, false, true)];
        assert_eq!(climbed(Ladder::of_words(None, None)), unnamed);
        let clicked = [(menu, false, false), (menu, true, false), (None, false, false), (menu, false, true)];
        assert_eq!(climbed(Ladder::of_words(menu, None)), clicked);
    }

    #[test]
    fn where_certain_lines_are_meant_no_others_are_asked_for() {
        for spot in [None, Some(Spot::Section(1))] {
            let all = [(spot, false, false), (spot, true, false), (spot, false, true)];
            assert_eq!(climbed(Ladder::of_lines(spot)), all);
        }
    }

    #[test]
    fn on_a_free_page_it_climbs_from_the_blocks_to_the_element_the_page_and_the_next_tier() {
        let all = [
            (Part::Blocks, false, false),
            (Part::Blocks, true, false),
            (Part::Element, false, false),
            (Part::Whole, false, false),
            (Part::Blocks, false, true),
        ];
        assert_eq!(climbed(Ladder::of_page()), all);
    }

    #[test]
    fn the_second_question_says_what_was_wrong() {
        let mut ladder = Ladder::of_words(None, None);
        ladder.next::<&str>(None);
        let again = ladder.next(Some(&"Menu is still there"));
        assert_eq!(again.and_then(|ask| ask.wrong), Some(&"Menu is still there"));
    }
}
