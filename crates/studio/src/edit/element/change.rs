//! What a user's hand changes in a free page. Whatever the change does not concern stays byte for byte.

use std::ops::Range;

use super::{Element, ElementRef, Elements};

/// Why an element cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotChange {
    /// It names nothing: the page has changed since.
    #[error("nothing stands there any more: look at the page again")]
    NothingThere,
    /// Text in its place would throw its elements away.
    #[error("this holds more than text: choose a part of it, or change it in the code")]
    HoldsMore,
    /// The page's frame, a script, a style.
    #[error("this is not seen on the page: change it in the code")]
    NotSeen,
    /// It is the first already, or the last.
    #[error("it cannot go any further that way")]
    NoFurther,
}

impl Elements<'_> {
    /// The page with this text, and nothing else, in the element. Line breaks in it become `<br>` where it had some.
    pub fn with_text(&self, at: ElementRef, text: &str) -> Result<String, CannotChange> {
        let element = self.shown(at)?;
        let holds = self.all[at.0 + 1..].iter().take_while(|inner| inner.start_tag.start < element.content_end);
        if element.is_void || holds.clone().any(|inner| &*inner.name != "br") {
            return Err(CannotChange::HoldsMore);
        }
        let inner = &self.source[element.start_tag.end..element.content_end];
        let before = inner.len() - inner.trim_start().len();
        let after = inner.trim_end().len().max(before);
        let text = escaped(text.trim()).replace('\n', "<br>");
        let span = element.start_tag.end + before..element.start_tag.end + after;
        Ok(self.with(&[(span, &text)]))
    }

    /// The page without the element.
    pub fn without(&self, at: ElementRef) -> Result<String, CannotChange> {
        let element = self.shown(at)?;
        Ok(self.with(&[(element.start_tag.start..element.end, "")]))
    }

    /// The page with another source in the place of the element's.
    pub fn with_source(&self, at: ElementRef, source: &str) -> Result<String, CannotChange> {
        let element = self.get(at)?;
        Ok(self.with(&[(element.start_tag.start..element.end, source)]))
    }

    /// The page with the element so many siblings further on, or back where that is negative.
    pub fn shifted(&self, at: ElementRef, by: isize) -> Result<String, CannotChange> {
        let element = self.shown(at)?;
        let siblings: Vec<usize> = self.siblings(element).collect();
        let from = siblings.iter().position(|sibling| *sibling == at.0).ok_or(CannotChange::NothingThere)?;
        let to = from.checked_add_signed(by).filter(|to| *to < siblings.len() && by != 0);
        let to = to.ok_or(CannotChange::NoFurther)?;
        // Each of those between takes the place of its neighbour; what stands between the places stays.
        let mut order: Vec<usize> = siblings[from.min(to)..=from.max(to)].to_vec();
        if to > from {
            order.rotate_left(1);
        } else {
            order.rotate_right(1);
        }
        let places = siblings[from.min(to)..=from.max(to)].iter();
        let texts: Vec<String> = order.iter().map(|index| self.closed(&self.all[*index])).collect();
        let spans = places.map(|index| self.all[*index].start_tag.start..self.all[*index].end);
        let changes: Vec<(Range<usize>, &str)> = spans.zip(texts.iter().map(String::as_str)).collect();
        Ok(self.with(&changes))
    }

    /// The page with the element once more, behind itself. The double has no `id`, since an `id` is of one element.
    pub fn doubled(&self, at: ElementRef) -> Result<String, CannotChange> {
        let element = self.shown(at)?;
        let mut double = String::new();
        let mut copied = element.start_tag.start;
        let within = self.all[at.0..].iter().take_while(|inner| inner.start_tag.start < element.end);
        for id in within.flat_map(|inner| inner.ids.iter()) {
            double.push_str(self.source[copied..id.start].trim_end());
            copied = id.end;
        }
        double.push_str(&self.source[copied..element.end]);
        let closed = self.closed(element);
        let end = &closed[element.end - element.start_tag.start..];
        let indent = self.indent(element.start_tag.start);
        let both = format!("{closed}{indent}{double}{end}");
        Ok(self.with(&[(element.start_tag.start..element.end, &both)]))
    }

    /// The page with another text where this one stands, if it stands in one place alone. `places` finds it in a text.
    pub(crate) fn with_only_text(
        &self,
        from: &str,
        to: &str,
        places: impl Fn(&str, &str) -> Vec<usize>,
    ) -> Option<String> {
        let from = escaped(from);
        let found = self.texts.iter().flat_map(|text| {
            let start = text.start;
            places(&self.source[text.clone()], &from).into_iter().map(move |at| start + at)
        });
        let mut found = found.take(2);
        let at = found.next().filter(|_| found.next().is_none())?;
        Some(self.with(&[(at..at + from.len(), &escaped(to))]))
    }

    fn shown(&self, at: ElementRef) -> Result<&Element, CannotChange> {
        let element = self.get(at)?;
        if element.is_shown { Ok(element) } else { Err(CannotChange::NotSeen) }
    }

    pub(super) fn siblings(&self, of: &Element) -> impl Iterator<Item = usize> {
        let parent = of.parent;
        let (first, end) = parent.map_or((0, self.source.len()), |parent| (parent + 1, self.all[parent].end));
        let within =
            self.all.iter().enumerate().skip(first).take_while(move |(_, element)| element.start_tag.start < end);
        within.filter(move |(_, element)| element.is_shown && element.parent == parent).map(|(index, _)| index)
    }

    /// The element's source, with the end tag that it did without: beside another neighbour it may need it.
    fn closed(&self, element: &Element) -> String {
        let source = &self.source[element.start_tag.start..element.end];
        if element.is_closed {
            return source.to_owned();
        }
        let text = source.trim_end();
        format!("{text}</{}>{}", element.name, &source[text.len()..])
    }

    /// The line break and the blanks before what stands there; nothing where it begins no line.
    fn indent(&self, at: usize) -> &str {
        let before = &self.source[..at];
        let blank = &before[before.trim_end_matches([' ', '\t']).len()..];
        let break_length = if before[..at - blank.len()].ends_with("\r\n") { 2 } else { 1 };
        let begins_line = before[..at - blank.len()].ends_with('\n');
        if begins_line { &before[at - blank.len() - break_length..] } else { "" }
    }

    /// The source with each of these spans, which follow each other, replaced.
    pub(super) fn with(&self, changes: &[(Range<usize>, &str)]) -> String {
        let mut changed = String::with_capacity(self.source.len());
        let mut copied = 0;
        for (span, text) in changes {
            changed.push_str(&self.source[copied..span.start]);
            changed.push_str(text);
            copied = span.end;
        }
        changed.push_str(&self.source[copied..]);
        changed
    }
}

/// Text that is nothing but text in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
