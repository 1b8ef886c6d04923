//! From source to elements: the tokens of the standard's own tokenizer, and which end tag belongs to which start tag.

use std::collections::HashMap;
use std::ops::Range;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{EndTag, StartTag, Token, Tokenizer};

use super::Element;
use super::closing::{PARAGRAPH_KEEPERS, belongs_to_head, ended_by, ends_paragraph, hides_content, is_hidden, is_void};

/// How far out an element is looked for that ends without an end tag. Browsers themselves nest no deeper than 512.
const FARTHEST: usize = 256;

/// The elements of a source, and where its text stands.
pub(super) fn read(source: &str) -> (Vec<Element>, Vec<Range<usize>>) {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut tree = Tree::default();
    for token in Tokenizer::new_with_emitter(source, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => tree.start(source, &tag),
            Ok(Token::EndTag(tag)) => tree.end(&tag),
            Ok(Token::String(text)) if tree.is_seen() => tree.texts.push(text.span.start..text.span.end),
            Ok(_) => {}
        }
    }
    while let Some(open) = tree.pop() {
        tree.close(open, source.len());
    }
    (tree.all, tree.texts)
}

#[derive(Default)]
struct Tree {
    all: Vec<Element>,
    texts: Vec<Range<usize>>,
    open: Vec<usize>,
    /// How many elements of a name are open, so that an end tag without a start tag is seen at once.
    names: HashMap<Box<str>, usize>,
    /// How many of those that are open hide what stands in them.
    hiding: usize,
}

impl Tree {
    fn start(&mut self, source: &str, tag: &StartTag<usize>) {
        let name: Box<str> = String::from_utf8_lossy(&tag.name).into();
        let start_tag = tag.span.start..tag.span.end;
        self.end_what_ends(&name, start_tag.start);
        let is_foreign = self.names.contains_key("svg") || self.names.contains_key("math");
        let is_void =
            is_void(&name) && !is_foreign || tag.self_closing && (is_foreign || name.eq_ignore_ascii_case("svg"));
        let ids = tag.attributes.iter().filter(|(name, _)| ***name == b"id"[..]);
        let ids = ids.map(|(_, value)| attribute(source, value.span.start..value.span.end));
        let element = Element {
            content_end: start_tag.end,
            end: start_tag.end,
            parent: self.open.last().copied(),
            is_closed: is_void,
            is_void,
            is_shown: self.hiding == 0 && !is_hidden(&name) && begins_as(source, &start_tag, &name),
            ids: ids.collect(),
            start_tag,
            name,
        };
        let index = self.all.len();
        self.all.push(element);
        if !is_void {
            self.push(index);
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name = String::from_utf8_lossy(&tag.name);
        if !self.names.contains_key(&*name) {
            return;
        }
        while let Some(open) = self.pop() {
            let is_it = *self.all[open].name == *name;
            self.close(open, tag.span.start);
            if is_it {
                self.all[open].end = tag.span.end;
                self.all[open].is_closed = true;
                return;
            }
        }
    }

    /// Ends what a start tag ends without an end tag.
    fn end_what_ends(&mut self, name: &str, at: usize) {
        if self.open.last().is_some_and(|open| *self.all[*open].name == *"head") && !belongs_to_head(name) {
            self.end_open(&["head"], &[], at);
        }
        if self.hiding > 0 {
            return;
        }
        if ends_paragraph(name) {
            self.end_open(&["p"], PARAGRAPH_KEEPERS, at);
        }
        if let Some((ended, within)) = ended_by(name) {
            self.end_open(ended, within, at);
        }
    }

    fn end_open(&mut self, ended: &[&str], within: &[&str], at: usize) {
        if !ended.iter().any(|name| self.names.contains_key(*name)) {
            return;
        }
        let inwards = self.open.iter().enumerate().rev().take(FARTHEST);
        let named = inwards.map(|(depth, index)| (depth, &*self.all[*index].name));
        let reached = named.take_while(|(_, name)| !within.contains(name)).find(|(_, name)| ended.contains(name));
        let Some((depth, _)) = reached else { return };
        while self.open.len() > depth
            && let Some(open) = self.pop()
        {
            self.close(open, at);
        }
    }

    /// Whether a text that stands here is seen on the page.
    fn is_seen(&self) -> bool {
        let element = self.open.last().map(|open| &*self.all[*open].name);
        self.hiding == 0 && !matches!(element, Some("script" | "style" | "title"))
    }

    fn close(&mut self, index: usize, at: usize) {
        self.all[index].content_end = at;
        self.all[index].end = at;
    }

    fn push(&mut self, index: usize) {
        let name = &self.all[index].name;
        self.hiding += usize::from(hides_content(name));
        *self.names.entry(name.clone()).or_default() += 1;
        self.open.push(index);
    }

    fn pop(&mut self) -> Option<usize> {
        let index = self.open.pop()?;
        let name = &self.all[index].name;
        self.hiding -= usize::from(hides_content(name));
        if let Some(count) = self.names.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                self.names.remove(name);
            }
        }
        Some(index)
    }
}

/// Where an attribute stands. Behind a value without quotes the tokenizer counts one byte more.
fn attribute(source: &str, span: Range<usize>) -> Range<usize> {
    let is_quoted = source[span.clone()].ends_with(['"', '\'']);
    span.start..span.end - usize::from(!is_quoted && source[span.clone()].contains('='))
}

/// Whether the name stands there as the tokenizer gave it, so that a mark can be put behind it.
fn begins_as(source: &str, start_tag: &Range<usize>, name: &str) -> bool {
    source
        .get(start_tag.start + 1..start_tag.start + 1 + name.len())
        .is_some_and(|there| there.eq_ignore_ascii_case(name))
}
