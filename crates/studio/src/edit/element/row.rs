//! What stands beside a text: in its element, its line of a list, its row of a table, its card.

use std::ops::Range;

use super::{Element, Elements};

/// So many texts a card has at most: a name, what it is, a price, a note. What has more holds several things.
const CARD: usize = 4;
/// How far out a row is looked for.
const FARTHEST: usize = 8;

/// The texts of a row, and which of them it is of.
pub(crate) struct Row<'a> {
    /// Each with its place.
    pub(crate) texts: Vec<(Range<usize>, &'a str)>,
    /// The text that was asked for, among them.
    pub(crate) named: usize,
    /// Whether all of it surely belongs to that text. Else only the text behind it does.
    pub(crate) is_sure: bool,
}

impl<'a> Elements<'a> {
    /// The texts that are seen, each with its place.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (Range<usize>, &'a str)> {
        let texts = self.texts.iter().map(|text| (text.clone(), &self.source[text.clone()]));
        texts.filter(|(_, text)| !text.trim().is_empty())
    }

    /// The rows that a text stands in, from its own element outwards.
    pub(crate) fn rows(&self, text: &Range<usize>) -> impl Iterator<Item = Row<'a>> {
        let begun = self.all.partition_point(|element| element.start_tag.start < text.start);
        let own = self.all[..begun].iter().rev().find(|element| element.end >= text.end);
        let mut next = own;
        let spans = std::iter::from_fn(move || {
            let element = next.filter(|element| !is_frame(&element.name))?;
            let ends = matches!(&*element.name, "li" | "tr" | "article" | "dt");
            next = element.parent.filter(|_| !ends).map(|parent| &self.all[parent]);
            Some((self.whole(element), ends))
        });
        spans.take(FARTHEST).map_while(move |(span, ends)| {
            let within = self.texts().skip_while(|(at, _)| at.start < span.start);
            let texts: Vec<_> = within.take_while(|(at, _)| at.end <= span.end).take(CARD + 1).collect();
            let named = texts.iter().position(|(at, _)| at == text).filter(|_| texts.len() <= CARD)?;
            let begins = self.all.iter().skip_while(|element| element.start_tag.start < span.start);
            let mut here = begins.take_while(|element| element.start_tag.start < span.end);
            let alike = own.map_or(0, |own| here.by_ref().filter(|element| element.name == own.name).count());
            Some(Row { texts, named, is_sure: ends || alike == 1 })
        })
    }

    /// Where an element stands; that of a term with what is said of it.
    fn whole(&self, element: &Element) -> Range<usize> {
        let start = element.start_tag.start;
        let told =
            self.siblings(element).map(|sibling| &self.all[sibling]).find(|sibling| sibling.start_tag.start > start);
        let told = told.filter(|told| &*element.name == "dt" && &*told.name == "dd");
        start..told.map_or(element.end, |told| told.end)
    }
}

/// Whether an element of this name holds many things.
fn is_frame(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "body"
            | "main"
            | "header"
            | "footer"
            | "nav"
            | "ul"
            | "ol"
            | "dl"
            | "table"
            | "thead"
            | "tbody"
            | "tfoot"
    )
}
