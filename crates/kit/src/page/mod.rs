//! A page: words, laid out in a style. It is one file that needs nothing else: no script, no font, no picture from elsewhere.

mod anchors;
mod entry;
mod lists;
mod marks;
mod parts;
mod skip_link;
mod text;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::language::Language;
use crate::looks::{Seed, mark, ornament, sheet};
use crate::{Line, Style, Words};
use anchors::Anchors;
pub use marks::Marks;
use parts::{hero, part};
use skip_link::skip_link;

/// Makes the page of words. More words give the same page with more on it, so that one that is shown while it is written
/// stays calm.
#[must_use]
pub fn page(words: &Words, style: &Style, marks: Marks<'_>) -> String {
    let anchors = Anchors::of(words);
    let language = Language::of(&running_text(words));
    let seed = Seed::of(&words.name);
    html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            (head(words, style))
            body id="top" class=(style.look.id()) {
                @if let Some(text) = skip_link(language) { a.skip href="#main" { (text) } }
                (header(words, style, &anchors))
                main id="main" {
                    (hero(words, &anchors, marks, ornament(style.look, seed.clone())))
                    @for (index, section) in words.sections.iter().enumerate() {
                        (part(section, index, anchors.id(index), style.look, marks))
                    }
                }
                footer.end {
                    div.end-mark aria-hidden="true" { (mark(style.look, seed)) }
                    @if !words.name.is_empty() { p.end-name { (words.name) } }
                    @if !words.sentence.is_empty() { p.end-sentence { (words.sentence) } }
                    @if !words.button.is_empty() {
                        p.call { a.button href=(anchors.target(words)) { (words.button) } }
                    }
                }
            }
        }
    }
    .into_string()
}

/// What a page says in sentences: names and prices are of no language.
fn running_text(words: &Words) -> String {
    let of_line = |line: &Line| match line {
        Line::Paragraph(text) => text.clone(),
        Line::Item { detail, .. } => detail.clone(),
    };
    let parts = words
        .sections
        .iter()
        .flat_map(|section| std::iter::once(section.heading.clone()).chain(section.lines.iter().map(of_line)));
    std::iter::once(words.sentence.clone()).chain(parts).collect::<Vec<_>>().join(". ")
}

fn head(words: &Words, style: &Style) -> Markup {
    let title = [&words.name, &words.sentence].into_iter().find(|text| !text.is_empty());
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            title { (title.map_or("…", String::as_str)) }
            @if !words.sentence.is_empty() { meta name="description" content=(words.sentence); }
            meta name="color-scheme" content="light dark";
            style { (PreEscaped(sheet(style))) }
        }
    }
}

/// The name once more, as the way back to the top, and the ways to the parts where there are enough of them.
fn header(words: &Words, style: &Style, anchors: &Anchors) -> Markup {
    let headed = || words.sections.iter().enumerate().filter(|(_, section)| !section.heading.is_empty());
    html! {
        header.top {
            @if !words.name.is_empty() {
                a.brand href="#top" {
                    span aria-hidden="true" { (mark(style.look, Seed::of(&words.name))) }
                    span.brand-name { (words.name) }
                }
            }
            @if headed().count() >= 3 {
                nav aria-label=(words.name) {
                    ul {
                        @for (index, section) in headed() {
                            li { a href={ "#" (anchors.id(index)) } { (section.heading) } }
                        }
                    }
                }
            }
        }
    }
}
