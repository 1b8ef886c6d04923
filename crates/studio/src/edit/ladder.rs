//! What is asked next where a wish was not granted: once more with what was wrong, then of the place itself, then of the
//! whole, then of the next tier. At its end the user is told plainly that it did not work.

use kit::{Spot, Words};

use super::wish::what_goes;

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The wish is granted.
    Granted,
    /// All is as it was.
    ChangedNothing,
    /// This was to go, and is still there.
    StillThere(String),
}

impl Verdict {
    /// Whether `after` is what `wish` wanted of `before`, as far as that can be told.
    pub(crate) fn of(before: &Words, after: &Words, wish: &str, clicked: Option<Spot>) -> Self {
        if after == before {
            return Self::ChangedNothing;
        }
        let goes = what_goes(wish, before, clicked).and_then(|spot| Some((spot, before.text(spot)?)));
        let Some((spot, text)) = goes else { return Self::Granted };
        // A section whose heading alone is another is still there.
        let lines: Vec<&str> = text.lines().skip(usize::from(matches!(spot, Spot::Section(_)))).collect();
        let after = after.to_string();
        if after.contains(text.trim()) || after.lines().any(|line| lines.contains(&line)) {
            Self::StillThere(text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']).to_owned())
        } else {
            Self::Granted
        }
    }
}

/// A question to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// What is written again; `None` is the whole.
    pub(crate) spot: Option<Spot>,
    /// What was wrong with the last answer, for the wish to say.
    pub(crate) wrong: Option<String>,
    /// Whether the next tier is asked.
    pub(crate) of_next_tier: bool,
}

/// The rungs that are left.
#[derive(Debug)]
pub(crate) struct Ladder {
    /// The last one is the next.
    left: Vec<Rung>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung {
    Of(Option<Spot>),
    Again(Option<Spot>),
    NextTier(Option<Spot>),
}

impl Ladder {
    /// `clicked` is what the user chose, `named` what the wish speaks of, where that is sure.
    pub(crate) fn new(clicked: Option<Spot>, named: Option<Spot>) -> Self {
        let other = match clicked {
            Some(_) => Some(Rung::Of(None)),
            None => named.map(|spot| Rung::Of(Some(spot))),
        };
        let rungs = [Some(Rung::Of(clicked)), Some(Rung::Again(clicked)), other, Some(Rung::NextTier(clicked))];
        Self { left: rungs.into_iter().flatten().rev().collect() }
    }

    /// What is asked next, after what came of the last answer. `None` where the wish is granted, or nothing is left to try.
    pub(crate) fn next(&mut self, last: Option<&Verdict>) -> Option<Ask> {
        let wrong = match last {
            Some(Verdict::Granted) => return None,
            Some(Verdict::StillThere(what)) => Some(format!("{what} is still there")),
            Some(Verdict::ChangedNothing) => Some("nothing was changed".to_owned()),
            None => None,
        };
        let (spot, wrong, of_next_tier) = match self.left.pop()? {
            Rung::Of(spot) => (spot, None, false),
            Rung::Again(spot) => (spot, wrong, false),
            Rung::NextTier(spot) => (spot, None, true),
        };
        Some(Ask { spot, wrong, of_next_tier })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each question goes, where every answer changes nothing.
    fn climbed(mut ladder: Ladder) -> Vec<(Option<Spot>, bool, bool)> {
        let mut asked = Vec::new();
        let mut last = None;
        while let Some(ask) = ladder.next(last.as_ref()) {
            asked.push((ask.spot, ask.wrong.is_some(), ask.of_next_tier));
            last = Some(Verdict::ChangedNothing);
        }
        asked
    }

    #[test]
    fn a_wish_climbs_from_the_whole_to_the_place_and_to_the_next_tier() {
        let menu = Some(Spot::Section(0));
        let all = [(None, false, false), (None, true, false), (menu, false, false), (None, false, true)];
        assert_eq!(climbed(Ladder::new(None, menu)), all);
        assert_eq!(climbed(Ladder::new(None, None)), [(None, false, false), (None, true, false), (None, false, true)]);
        let clicked = [(menu, false, false), (menu, true, false), (None, false, false), (menu, false, true)];
        assert_eq!(climbed(Ladder::new(menu, None)), clicked);
    }

    #[test]
    fn nothing_more_is_asked_once_a_wish_is_granted() {
        let mut ladder = Ladder::new(None, None);
        assert!(ladder.next(None).is_some());
        assert_eq!(ladder.next(Some(&Verdict::Granted)), None);
    }

    #[test]
    fn the_second_question_says_what_was_wrong() {
        let mut ladder = Ladder::new(None, None);
        ladder.next(None);
        let again = ladder.next(Some(&Verdict::StillThere("Menu".to_owned())));
        assert_eq!(again.and_then(|ask| ask.wrong).as_deref(), Some("Menu is still there"));
    }

    #[test]
    fn a_change_is_no_answer_where_what_was_to_go_is_still_there() {
        let nord = "# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n## Hours\n- **Monday**: 7 to 18\n";
        let before = Words::parse(nord);
        let verdict = |after: &str, wish: &str| Verdict::of(&before, &Words::parse(after), wish, None);
        assert_eq!(verdict(nord, "shorter"), Verdict::ChangedNothing);
        assert_eq!(verdict(&nord.replace("Coffee", "Tea"), "be about tea"), Verdict::Granted);
        let still = Verdict::StillThere("Hours".to_owned());
        assert_eq!(verdict(&nord.replace("## Hours", "## Opening hours"), "delete the hours"), still);
        assert_eq!(
            verdict(&nord.replace("## Hours\n- **Monday**: 7 to 18\n", ""), "delete the hours"),
            Verdict::Granted
        );
    }
}
