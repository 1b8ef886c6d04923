//! The hero and the parts below it.

use maud::{Markup, html};

use super::anchors::Anchors;
use super::entry::Entry;
use super::lists::list;
use super::text::inline;
use super::{Marks, lists};
use crate::section_kind::Kind;
use crate::{Line, Look, Section, Spot, Words};

/// What a visitor sees first: name, sentence, button, and the page's ornament.
pub(super) fn hero(words: &Words, anchors: &Anchors, marks: Marks<'_>, ornament: Markup) -> Markup {
    let at = |spot| (marks.spot(spot), marks.made_up(spot));
    let [name, sentence, button] = [Spot::Name, Spot::Sentence, Spot::Button].map(at);
    html! {
        section.hero {
            div.hero-art aria-hidden="true" { (ornament) }
            div.hero-words {
                @if !words.name.is_empty() {
                    h1 style=(measured(&words.name)) data-ref=[name.0] data-made-up[name.1] { (inline(&words.name)) }
                }
                @if !words.sentence.is_empty() {
                    p.sentence data-ref=[sentence.0] data-made-up[sentence.1] { (inline(&words.sentence)) }
                }
                @if !words.button.is_empty() {
                    p.call {
                        a.button href=(anchors.target(words)) data-ref=[button.0] data-made-up[button.1] { (words.button) }
                    }
                }
            }
        }
    }
}

/// How many characters the longest word has, and the whole: a look's style sheet fits the letters' size to them.
/// Within bounds, since letters can be too large, and too small.
fn measured(text: &str) -> String {
    let longest = text.split([' ', '-']).map(|word| word.chars().count()).max().unwrap_or(1);
    format!("--longest:{};--whole:{}", longest.clamp(3, 24), text.chars().count().clamp(3, 90))
}

/// A section of the words.
pub(super) fn part(section: &Section, index: usize, id: &str, look: Look, marks: Marks<'_>) -> Markup {
    let kind = Kind::of(section);
    let headed = !section.heading.is_empty();
    let title = format!("{id}-title");
    let heading = Spot::Heading(index);
    html! {
        section.part.(kind.name()) id=(id) aria-labelledby=[headed.then_some(&title)] data-ref=[marks.spot(Spot::Section(index))] {
            @if headed {
                h2 id=(title) style=(measured(&section.heading)) data-ref=[marks.spot(heading)] data-made-up[marks.made_up(heading)] { (inline(&section.heading)) }
            }
            div.body {
                @for run in runs(&section.lines) {
                    @match run {
                        Run::Paragraph(line, text) => {
                            @let spot = Spot::Line(index, line);
                            p.long[text.chars().count() >= LONG] data-ref=[marks.spot(spot)] data-made-up[marks.made_up(spot)] { (lists::paragraph(kind, text)) }
                        }
                        Run::Items(items) => {
                            @let entries: Vec<Entry> = items.into_iter()
                                .map(|(line, name, detail)| Entry { section: index, line, name, detail, headed, marks })
                                .collect();
                            (list(kind, look, &entries))
                        }
                    }
                }
            }
        }
    }
}

/// Characters from which on a paragraph is one to settle down to.
const LONG: usize = 120;

/// A paragraph, or the entries between two of them; each with its line's number.
enum Run<'a> {
    Paragraph(usize, &'a str),
    Items(Vec<(usize, &'a str, &'a str)>),
}

fn runs(lines: &[Line]) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        match (line, runs.last_mut()) {
            (Line::Paragraph(text), _) => runs.push(Run::Paragraph(number, text)),
            (Line::Item { name, detail }, Some(Run::Items(items))) => items.push((number, name, detail)),
            (Line::Item { name, detail }, _) => runs.push(Run::Items(vec![(number, name, detail)])),
        }
    }
    runs
}
