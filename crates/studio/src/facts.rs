//! What is sure of a page's words: what the request states is on it, and what nobody has stated is known as made up.

use std::collections::HashSet;

use kit::Words;
use kit::facts::{self, Fact, MadeUp};

use crate::generation::Checked;

/// What was seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sure {
    /// Facts of the request that the model's words held.
    pub(crate) kept: Vec<String>,
    /// Those that it had left out, and that are there now.
    pub(crate) put_in: Vec<String>,
    /// Those that are not, as nothing says where they belong: they are listed beside the page.
    pub(crate) missing: Vec<String>,
    /// What the model wrote and no page should say.
    pub(crate) left_out: Vec<String>,
}

/// Puts in what `request` states and the words lack, and makes places to fill in of contacts that it does not state.
pub(crate) fn see_to(words: &mut Words, request: &str) -> Sure {
    let facts = facts::of(request);
    let left_out = kit::leave_out(words, request);
    let kept = facts::kept(words, &facts);
    let put_in = facts::put_in(words, &facts);
    facts::conceal(words, request);
    let there = facts::kept(words, &facts);
    let texts = |held: &[bool], is: bool| {
        let of = facts.iter().zip(held).filter(|(_, held)| **held == is);
        of.map(|(fact, _)| fact.text.clone()).collect::<Vec<_>>()
    };
    let put_in = put_in.into_iter().map(|Fact { text, .. }| text);
    let missing = texts(&there, false);
    let put_in = put_in.filter(|text| !missing.contains(text)).collect();
    Sure { kept: texts(&kept, true), put_in, missing, left_out }
}

/// Puts in what a wish states, the words before it did not, and the changed words lack; returns that. What stood there
/// before is only spoken of: `instead of 2.50 €`.
pub(crate) fn put_in_what_is_new(changed: &mut Words, before: &Words, wish: &str) -> Vec<String> {
    let facts = facts::of(wish);
    let stood = facts::kept(before, &facts);
    let new: Vec<Fact> = facts.into_iter().zip(stood).filter(|(_, stood)| !stood).map(|(fact, _)| fact).collect();
    facts::put_in(changed, &new).into_iter().map(|fact| fact.text).collect()
}

/// Makes places to fill in of contacts that nobody has stated.
pub(crate) fn conceal(words: &mut Words, stated: &str) {
    facts::conceal(words, stated);
}

/// What of the words nobody has stated, and nobody has looked at yet.
pub(crate) fn made_up(words: &Words, stated: &str, confirmed: &HashSet<String>) -> Vec<MadeUp> {
    let all = facts::made_up(words, stated).into_iter();
    all.filter(|made_up| !confirmed.contains(&made_up.text)).collect()
}

impl Sure {
    /// The checks of a page of words. `finished` is whether the model ended of itself.
    pub(crate) fn checks(&self, words: &Words, finished: bool) -> Vec<Checked> {
        let check = |name, passed| Checked { name, passed };
        vec![
            check("it is whole", finished),
            check("it has a name", !words.name.is_empty()),
            check("it has sections", words.sections.len() >= 2),
            check("no section is empty", words.sections.iter().all(|section| !section.lines.is_empty())),
            check("all that was stated is on it", self.missing.is_empty()),
            check("it says nothing that was said to its builder", self.left_out.is_empty()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "a page for a café called Nord, espresso 2.80 €, open from 7 to 18";

    #[test]
    fn what_was_left_out_is_put_in_and_told_apart_from_what_was_kept() {
        let mut words =
            Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n## Contact\n- **Phone**: 040 1234567\n");
        let sure = see_to(&mut words, REQUEST);
        assert!(sure.kept.contains(&"Nord".to_owned()), "{sure:?}");
        assert!(sure.put_in.contains(&"2.80 €".to_owned()), "{sure:?}");
        assert!(words.to_string().contains("2.80"), "{words}");
        assert_eq!(sure.missing, ["7", "18"]);
        assert!(!words.to_string().contains("1234567"), "{words}");
    }

    #[test]
    fn what_a_wish_states_anew_is_put_in_and_what_it_only_speaks_of_is_not() {
        let before = Words::parse("# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: 3.40 €\n");
        let after = |wish: &str| {
            let mut changed = before.clone();
            (put_in_what_is_new(&mut changed, &before, wish), changed.to_string())
        };
        let (put_in, words) = after("espresso now costs 2.80 €");
        assert_eq!(put_in, ["2.80 €"]);
        assert_eq!(words, before.to_string().replace("2.50", "2.80"));
        let (put_in, words) = after("remove the tea for 3.40 €");
        assert!(put_in.is_empty(), "{put_in:?}");
        assert_eq!(words, before.to_string());
    }

    #[test]
    fn what_was_looked_at_is_made_up_no_more() {
        let words = Words::parse("# Nord\n## Menu\n- **Espresso**: 2.80 €\n- **Tea**: 3.40 €\n");
        let texts = |confirmed: &HashSet<String>| {
            made_up(&words, REQUEST, confirmed).into_iter().map(|made_up| made_up.text).collect::<Vec<_>>()
        };
        let first = texts(&HashSet::new());
        assert!(first.len() == 1 && first[0].contains("3.40"), "{first:?}");
        assert!(texts(&first.into_iter().collect()).is_empty());
    }
}
