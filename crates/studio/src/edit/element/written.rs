//! An element that a model has written again is put in its place, if it stays in it.

use super::{Element, ElementRef, Elements};

impl Elements<'_> {
    /// The page with these elements where this one stands. `None` where they would not stay there: where an end tag too few or
    /// too many would change what the elements round them hold.
    pub(crate) fn with_written(&self, at: ElementRef, written: &str) -> Option<String> {
        let old = self.all.get(at.0)?;
        let source = self.source_of(at)?;
        if written.trim().is_empty() || !Elements::of(written).are_closed() {
            return None;
        }
        // The white space before the next element may belong to one without an end tag.
        let page = self.with_source(at, &[written.trim(), &source[source.trim_end().len()..]].concat()).ok()?;
        let after = Elements::of(&page);
        let stays = self.frame(at, old.end) == after.frame(at, old.end + page.len() - self.source.len());
        stays.then_some(page)
    }

    /// All elements but those between the start of `at` and `end`: how far from the end of the source each begins, where it
    /// stands behind, and ends, unless it ends before; and what holds it.
    fn frame(&self, at: ElementRef, end: usize) -> Vec<(usize, usize, Option<usize>)> {
        let (length, behind) = (self.source.len(), self.all.partition_point(|element| element.start_tag.start < end));
        let from_end = |at: usize| if at >= end { length - at } else { usize::MAX };
        // Those behind are counted from the last one, so that it does not matter how many stand between.
        let named = |index: usize| if index < behind { index } else { usize::MAX - (self.all.len() - index) };
        let all = self.all[..at.0].iter().chain(&self.all[behind..]);
        all.map(|element| (from_end(element.start_tag.start), from_end(element.end), element.parent.map(named)))
            .collect()
    }

    /// Whether each of the outermost elements has its end, and nothing but white space stands beside them.
    fn are_closed(&self) -> bool {
        let outermost: Vec<&Element> = self.all.iter().filter(|element| element.parent.is_none()).collect();
        let mut end = 0;
        let follows = |element: &&Element| {
            let between = &self.source[end..element.start_tag.start];
            end = element.end;
            element.is_closed && between.trim().is_empty()
        };
        !outermost.is_empty() && outermost.iter().all(follows) && self.source[end..].trim().is_empty()
    }
}
