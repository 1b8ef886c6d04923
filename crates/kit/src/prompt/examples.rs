//! Worked examples: a dozen requests with their words, of different trades, four in German and two in Romance languages.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::language::Language;

/// A request with the words that answer it, and what it is near to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Example(&'static str);

/// The pairs in which examples are shown; the first is shown where a request is near to none.
pub(super) static PAIRS: [[Example; 2]; 9] = [
    [Example(include_str!("examples/dentist.md")), Example(include_str!("examples/workshop.md"))],
    [Example(include_str!("examples/cafe.md")), Example(include_str!("examples/shop.md"))],
    [Example(include_str!("examples/band.md")), Example(include_str!("examples/conference.md"))],
    [Example(include_str!("examples/portfolio.md")), Example(include_str!("examples/app.md"))],
    [Example(include_str!("examples/wedding.md")), Example(include_str!("examples/flat.md"))],
    [Example(include_str!("examples/charity.md")), Example(include_str!("examples/club.md"))],
    [Example(include_str!("examples/tischlerei.md")), Example(include_str!("examples/baeckerei.md"))],
    [Example(include_str!("examples/takt.md")), Example(include_str!("examples/krone.md"))],
    [Example(include_str!("examples/atelier.md")), Example(include_str!("examples/olivo.md"))],
];

/// Which pairs are in English, in German and in Romance languages.
const ENGLISH: Range<usize> = 0..6;
const GERMAN: Range<usize> = 6..8;
const ROMANCE: Range<usize> = 8..9;

impl Example {
    const FORM: &str = "an example is a line `near: …`, a line with the request, a blank line and the words";

    fn parts(self) -> (&'static str, &'static str, &'static str) {
        let (near, rest) = self.0.split_once('\n').expect(Self::FORM);
        let (request, words) = rest.split_once("\n\n").expect(Self::FORM);
        (near.strip_prefix("near: ").expect(Self::FORM), request, words.trim_end())
    }

    pub(super) fn request(self) -> &'static str {
        self.parts().1
    }

    pub(super) fn words(self) -> &'static str {
        self.parts().2
    }
}

/// What requests each pair is near to.
static NEAR: LazyLock<Vec<HashSet<String>>> = LazyLock::new(|| {
    let near = |pair: &[Example; 2]| pair.iter().flat_map(|example| stems(example.parts().0)).collect();
    PAIRS.iter().map(near).collect()
});

/// The pair that shares most words with a request, of those in its language. The same request always gets the same pair.
pub(super) fn pair_near(request: &str) -> &'static [Example; 2] {
    let language = Language::of(request);
    let pairs = match language {
        Language::ENGLISH => ENGLISH,
        Language::GERMAN | Language::DUTCH => GERMAN,
        _ => ROMANCE,
    };
    let asked: HashSet<_> = stems(request).collect();
    let is_near = |near: &HashSet<String>, word: &String| match language {
        // A compound names its trade at its end: `Musikschule`.
        Language::GERMAN => near.iter().any(|near| word == near || near.chars().count() >= 4 && word.ends_with(near)),
        _ => near.contains(word),
    };
    let shared = |number: &usize| asked.iter().filter(|word| is_near(&NEAR[*number], word)).count();
    let first = pairs.start;
    // Of several that share as much, `max_by_key` takes the last: counted down, that is the first pair.
    let nearest = pairs.rev().max_by_key(shared).unwrap_or(first);
    &PAIRS[nearest]
}

/// The words of a text, small and without the ending of a plural.
fn stems(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let word = word.to_lowercase();
        word.strip_suffix('s').filter(|stem| stem.len() > 2).map_or_else(|| word.clone(), str::to_owned)
    })
}
