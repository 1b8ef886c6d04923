//! An entry of a list, and the elements that its two texts stand in.

use maud::{Markup, html};

use super::Marks;
use super::text::inline;
use crate::Spot;

/// An item of a section's lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub section: usize,
    pub line: usize,
    pub name: &'a str,
    pub detail: &'a str,
    /// Whether the section has a heading, below which an entry's name may be one too.
    pub headed: bool,
    pub marks: Marks<'a>,
}

impl Entry<'_> {
    fn name_spot(&self) -> Spot {
        Spot::ItemName(self.section, self.line)
    }

    fn detail_spot(&self) -> Spot {
        Spot::ItemDetail(self.section, self.line)
    }

    /// What the element round the whole entry is called.
    pub(super) fn spot(&self) -> Option<String> {
        self.marks.spot(Spot::Line(self.section, self.line))
    }

    /// The name as a heading of its own.
    pub(super) fn title(&self) -> Markup {
        let (spot, made_up) = (self.marks.spot(self.name_spot()), self.marks.made_up(self.name_spot()));
        html! {
            @if self.name.is_empty() {
            } @else if self.headed {
                h3.name data-ref=[spot] data-made-up[made_up] { (inline(self.name)) }
            } @else {
                p.name data-ref=[spot] data-made-up[made_up] { (inline(self.name)) }
            }
        }
    }

    /// The name within a line.
    pub(super) fn label(&self) -> Markup {
        let (spot, made_up) = (self.marks.spot(self.name_spot()), self.marks.made_up(self.name_spot()));
        html! {
            @if !self.name.is_empty() { span.name data-ref=[spot] data-made-up[made_up] { (inline(self.name)) } }
        }
    }

    /// What is said of it, as a paragraph.
    pub(super) fn told(&self) -> Markup {
        let (spot, made_up) = (self.marks.spot(self.detail_spot()), self.marks.made_up(self.detail_spot()));
        html! {
            @if !self.detail.is_empty() { p.detail data-ref=[spot] data-made-up[made_up] { (inline(self.detail)) } }
        }
    }

    /// What is said of it, within a line.
    pub(super) fn said(&self, text: Markup) -> Markup {
        let (spot, made_up) = (self.marks.spot(self.detail_spot()), self.marks.made_up(self.detail_spot()));
        html! {
            @if !self.detail.is_empty() { span.detail data-ref=[spot] data-made-up[made_up] { (text) } }
        }
    }

    /// The first letters of a name's words, two at most.
    pub(super) fn initials(&self) -> String {
        let words: Vec<&str> = self.name.split_whitespace().filter(|word| !word.ends_with('.')).collect();
        let first = |word: &&str| word.chars().find(|c| c.is_alphanumeric());
        let (start, end) = (words.first().and_then(first), words.get(1..).and_then(<[_]>::last).and_then(first));
        start.into_iter().chain(end).flat_map(char::to_uppercase).collect()
    }
}
