//! A free page's elements: each is named by its place among the start tags of the source, so that what the user clicked in
//! the preview is found again in the very bytes that are stored.

mod change;
mod closing;
mod loaded;
mod row;
mod tree;
mod written;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

pub use change::CannotChange;
pub(crate) use row::Row;

/// The name of an element: `e17` is the eighteenth start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementRef(pub usize);

/// Not the name of an element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no element of a page, such as e17")]
pub struct NotAnElement(String);

impl fmt::Display for ElementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}", self.0)
    }
}

impl FromStr for ElementRef {
    type Err = NotAnElement;

    fn from_str(text: &str) -> Result<Self, NotAnElement> {
        let digits = text.strip_prefix('e').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or_else(|| NotAnElement(text.to_owned()))
    }
}

/// The elements of a page's source, found once.
#[derive(Debug)]
pub struct Elements<'a> {
    source: &'a str,
    /// In the order of their start tags.
    all: Vec<Element>,
    /// Where the text stands that is seen.
    texts: Vec<Range<usize>>,
}

#[derive(Debug, Clone)]
struct Element {
    name: Box<str>,
    start_tag: Range<usize>,
    /// Where its content ends: at its end tag, or where the source closes it without one.
    content_end: usize,
    end: usize,
    parent: Option<usize>,
    /// Whether it has an end tag, or can have none.
    is_closed: bool,
    is_void: bool,
    /// Whether the preview names it: what is seen, and can be taken hold of.
    is_shown: bool,
    ids: Vec<Range<usize>>,
}

impl<'a> Elements<'a> {
    /// Finds the elements. The time grows with the length of the source alone, whatever is in it.
    pub fn of(source: &'a str) -> Self {
        let (all, texts) = tree::read(source);
        Self { source, all, texts }
    }

    /// A copy of the source in which each element that is seen says its name as `data-ref`.
    pub fn marked(&self) -> String {
        self.with_files(true, |_| None)
    }

    /// The marks of the preview, each with its place.
    fn marks(&self) -> impl Iterator<Item = (Range<usize>, String)> {
        let seen = self.all.iter().enumerate().filter(|(_, element)| element.is_shown);
        seen.map(|(index, element)| {
            let at = element.start_tag.start + 1 + element.name.len();
            (at..at, format!(" data-ref=\"{}\"", ElementRef(index)))
        })
    }

    /// The source of an element, whole.
    pub fn source_of(&self, at: ElementRef) -> Option<&'a str> {
        self.all.get(at.0).map(|element| &self.source[element.start_tag.start..element.end])
    }

    /// The innermost element that holds what stands there, white space round it aside. `None` where that is the page's frame.
    pub(crate) fn holding(&self, span: Range<usize>) -> Option<ElementRef> {
        let text = &self.source[span.clone()];
        let start = span.start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        // Of those that hold it, the one that begins last lies within the others.
        let within = self.all.iter().take_while(|element| element.start_tag.start <= start);
        let holding = within.enumerate().filter(|(_, element)| element.end >= end).last();
        holding.filter(|(_, element)| !matches!(&*element.name, "html" | "head" | "body")).map(|(at, _)| ElementRef(at))
    }

    /// Where the innermost element stands that holds this place and is as it `is_wanted`; of those no longer than `longest` the
    /// outermost, where none of them is.
    pub(crate) fn around(&self, at: usize, longest: usize, is_wanted: impl Fn(&str) -> bool) -> Option<Range<usize>> {
        let begun = self.all.partition_point(|element| element.start_tag.start <= at);
        let innermost = self.all[..begun].iter().rev().find(|element| element.end > at)?;
        let outwards = std::iter::successors(Some(innermost), |element| element.parent.map(|parent| &self.all[parent]));
        let spans = outwards.map(|element| element.start_tag.start..element.end);
        let mut outermost = None;
        for span in spans.take_while(|span| span.len() <= longest) {
            outermost = Some(span.clone());
            if is_wanted(&self.source[span]) {
                break;
            }
        }
        outermost
    }

    /// The one element whose source this is, white space aside. `None` where there is none, or more than one.
    pub fn find(&self, source: &str) -> Option<ElementRef> {
        let wanted = without_space(source);
        // Its own start tag is where it begins: only the elements that begin alike are compared.
        let start: String = wanted.chars().take_while(|character| *character != '>').collect();
        let begins = |element: &&(usize, &Element)| {
            without_space(&self.source[element.1.start_tag.clone()]).strip_suffix('>').is_some_and(|tag| tag == start)
        };
        let numbered: Vec<(usize, &Element)> = self.all.iter().enumerate().collect();
        let mut same = numbered.iter().filter(begins).take(MOST_COMPARED).filter(|(index, _)| {
            self.source_of(ElementRef(*index)).is_some_and(|source| without_space(source) == wanted)
        });
        same.next().filter(|_| same.next().is_none()).map(|(index, _)| ElementRef(*index))
    }

    fn get(&self, at: ElementRef) -> Result<&Element, CannotChange> {
        self.all.get(at.0).ok_or(CannotChange::NothingThere)
    }
}

const MOST_COMPARED: usize = 200;

fn without_space(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[cfg(test)]
mod tests;
