//! Wishes that are understood without a model: a colour, a look, what goes, what comes, what moves, another price,
//! other hours, another text. Each is understood
//! whole, word for word, or not at all: what is not sure is left to a model.

mod added;
mod beside;
mod file;
mod free;
mod given;
mod gone;
mod granted;
mod hours;
mod phrase;
mod place;
mod price;
mod says;
mod style;
mod target;
mod text;

use kit::{Line, Spot, Style, Words};

pub(crate) use file::file_named;
pub(crate) use free::understand_on_page;
pub(crate) use granted::wrong_with;
pub(crate) use phrase::{excepts, is_same, words as words_of};
pub(crate) use place::name_of;
pub(crate) use price::priced;
pub(crate) use style::{colour_named, colours_in};

use phrase::{clauses, goes_back, plain};
use target::find;
pub(crate) use target::whole;

/// A change that a wish asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// Another colour, look or letters.
    Style(Style),
    /// These go.
    Remove(Vec<Spot>),
    /// This goes so many places on, or back where that is negative.
    Shift(Spot, isize),
    /// This comes into a section, at that place among its lines.
    Add(usize, usize, Line),
    /// This comes twice.
    Double(Spot),
    /// Another text there.
    Set(Spot, String),
    /// The page's name, wherever it is said.
    Rename(String),
}

/// What a wish comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Understood {
    /// The words as the wish will have them.
    pub(crate) words: Words,
    /// And their style.
    pub(crate) style: Style,
    /// What was done, in a sentence or more.
    pub(crate) summary: String,
}

/// The one section or line that a wish speaks of, where that is sure: by one of its words, or two that follow each other.
pub(crate) fn named(wish: &str, words: &Words) -> Option<Spot> {
    let said = phrase::words(wish);
    let phrases =
        said.windows(2).map(|pair| pair.join(" ")).chain(said.iter().filter(|word| word.chars().count() > 3).cloned());
    let mut spots: Vec<Spot> = phrases.filter_map(|phrase| find(&phrase, words, None)).map(whole).collect();
    spots.dedup();
    match spots.as_slice() {
        [spot @ (Spot::Section(_) | Spot::Line(..))] => Some(*spot),
        _ => None,
    }
}

/// What is changed, and what the user has clicked.
#[derive(Debug, Clone, Copy)]
struct Page<'a> {
    words: &'a Words,
    style: Style,
    spot: Option<Spot>,
}

/// Understands a wish on a page of words. `None` where it is not sure that all of it was understood, or where nothing
/// would change.
pub(crate) fn understand(wish: &str, words: &Words, style: Style, spot: Option<Spot>) -> Option<Understood> {
    let wish = plain(wish)?;
    let start = Understood { words: words.clone(), style, summary: String::new() };
    let understood = carried_out(start.clone(), wish, spot).or_else(|| {
        let mut clauses = clauses(wish);
        let first = clauses.next()?;
        let mut verb = place::verb(first);
        let first = carried_out(start, first, spot)?;
        clauses.try_fold(first, |so_far, clause| {
            if goes_back(clause) {
                return None;
            }
            let named_anew = place::verb(clause);
            let with_verb = verb.filter(|_| named_anew.is_none()).map(|verb| format!("{verb} {clause}"));
            verb = named_anew.or(verb);
            // What was clicked may stand elsewhere after the first change.
            let again = carried_out(so_far.clone(), clause, None);
            again.or_else(|| carried_out(so_far, &with_verb?, None))
        })
    })?;
    (understood.words != *words || understood.style != style).then_some(understood)
}

fn carried_out(before: Understood, wish: &str, spot: Option<Spot>) -> Option<Understood> {
    let page = Page { words: &before.words, style: before.style, spot };
    let (change, said) = style::read(wish, page)
        .or_else(|| place::read(wish, page))
        .or_else(|| price::read(wish, page))
        .or_else(|| hours::read(wish, page))
        .or_else(|| added::read(wish, page))
        .or_else(|| says::read(wish, page))
        .or_else(|| text::read(wish, page))?;
    let mut after = before.clone();
    change.apply(&mut after.words, &mut after.style)?;
    after.summary = [before.summary, said].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(" ");
    Some(after)
}

impl Change {
    /// Makes it. `None` where it cannot be made: then nothing of the page is to be kept.
    pub(crate) fn apply(self, words: &mut Words, style: &mut Style) -> Option<()> {
        match self {
            Self::Style(other) => *style = other,
            Self::Remove(mut spots) => {
                // From the end on, so that what is still to go stands where it stood.
                spots.sort_by_key(|spot| std::cmp::Reverse(place::order(*spot)));
                spots.dedup();
                for spot in spots {
                    words.remove(spot).ok()?;
                }
            }
            Self::Shift(spot, by) => words.shift(spot, by).ok()?,
            Self::Add(section, at, line) => {
                let lines = &mut words.sections.get_mut(section)?.lines;
                (at <= lines.len()).then(|| lines.insert(at, line))?;
            }
            Self::Double(spot) => words.double(spot).ok()?,
            Self::Set(spot, text) => words.set(spot, &text).ok()?,
            Self::Rename(name) => text::rename(words, &name)?,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
