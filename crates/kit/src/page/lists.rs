//! How the entries of each kind of section are set.

use maud::{Markup, html};

use super::entry::Entry;
use super::text::{inline, reached};
use crate::Look;
use crate::looks::{Seed, tile};
use crate::section_kind::{Kind, is_date, is_day, is_figure, is_price, is_time};

/// A paragraph of a section.
pub(super) fn paragraph(kind: Kind, text: &str) -> Markup {
    if kind == Kind::Contact { reached(text) } else { inline(text) }
}

/// Entries that follow each other.
pub(super) fn list(kind: Kind, look: Look, entries: &[Entry<'_>]) -> Markup {
    match kind {
        Kind::Prices => prices(entries),
        Kind::Hours => hours(entries),
        Kind::Dates => dates(entries),
        Kind::Questions => questions(entries),
        Kind::People => people(entries),
        Kind::Contact => contact(entries),
        Kind::Steps => steps(entries),
        Kind::Quotes => quotes(entries),
        Kind::Numbers => numbers(entries),
        Kind::Works => works(look, entries),
        Kind::Features | Kind::Text => features(entries),
    }
}

/// Characters of what stands in a price's place without being one: `Free`, `3 nights`.
const BRIEF: usize = 14;

/// A price stands at the end of its line, with a leader to it; what is said at length stands below its name.
fn prices(entries: &[Entry<'_>]) -> Markup {
    html! {
        ul.rows {
            @for entry in entries {
                @if !entry.name.is_empty() && (is_price(entry.detail) || entry.detail.chars().count() <= BRIEF) {
                    li.priced data-ref=[entry.spot()] {
                        (entry.label())
                        span.dots aria-hidden="true" {}
                        (entry.said(inline(entry.detail)))
                    }
                } @else {
                    li data-ref=[entry.spot()] { (entry.label()) " " (entry.said(inline(entry.detail))) }
                }
            }
        }
    }
}

/// Characters that fit into one line beside a day, also on a telephone.
const SHORT: usize = 20;

fn hours(entries: &[Entry<'_>]) -> Markup {
    html! {
        table {
            tbody {
                @for entry in entries {
                    tr data-ref=[entry.spot()] {
                        @if entry.name.is_empty() {
                            td colspan="2" { (entry.said(inline(entry.detail))) }
                        } @else {
                            th scope="row" { (entry.label()) }
                            td.short[entry.detail.chars().count() <= SHORT] { (entry.said(inline(entry.detail))) }
                        }
                    }
                }
            }
        }
    }
}

/// The date stands first, whichever of the two texts it is.
fn dates(entries: &[Entry<'_>]) -> Markup {
    html! {
        ol.times {
            @for entry in entries {
                @let is_when = |text: &str| is_date(text) || is_day(text) || is_time(text);
                @let order = if !is_when(entry.name) && is_when(entry.detail) { "when-after" } else { "when-before" };
                li.(order) data-ref=[entry.spot()] { (entry.title()) (entry.told()) }
            }
        }
    }
}

fn questions(entries: &[Entry<'_>]) -> Markup {
    html! {
        div.asked {
            @for entry in entries {
                @if entry.name.is_empty() {
                    div data-ref=[entry.spot()] { (entry.told()) }
                } @else {
                    details data-ref=[entry.spot()] { summary { (entry.title()) } (entry.told()) }
                }
            }
        }
    }
}

fn people(entries: &[Entry<'_>]) -> Markup {
    html! {
        ul.people-list {
            @for entry in entries {
                li data-ref=[entry.spot()] {
                    @if !entry.name.is_empty() { span.initials aria-hidden="true" { (entry.initials()) } }
                    div { (entry.title()) (entry.told()) }
                }
            }
        }
    }
}

fn contact(entries: &[Entry<'_>]) -> Markup {
    html! {
        address {
            ul.ways {
                @for entry in entries {
                    li data-ref=[entry.spot()] { (entry.label()) " " (entry.said(reached(entry.detail))) }
                }
            }
        }
    }
}

fn steps(entries: &[Entry<'_>]) -> Markup {
    html! {
        ol.steps-list {
            @for entry in entries { li data-ref=[entry.spot()] { (entry.title()) (entry.told()) } }
        }
    }
}

/// Entries with names are cards; without, the lines of a plain list.
fn features(entries: &[Entry<'_>]) -> Markup {
    let is_plain = entries.first().is_some_and(|entry| entry.name.is_empty());
    html! {
        ul.(if is_plain { "plain" } else { "cards" }) {
            @for entry in entries { li data-ref=[entry.spot()] { (entry.title()) (entry.told()) } }
        }
    }
}

/// The longer of the two texts is what was said, the other who said it.
fn quotes(entries: &[Entry<'_>]) -> Markup {
    html! {
        ul.said {
            @for entry in entries {
                @let is_said_first = entry.name.chars().count() > entry.detail.chars().count();
                li data-ref=[entry.spot()] {
                    figure {
                        @if is_said_first {
                            blockquote { p { (entry.label()) } }
                            @if !entry.detail.is_empty() { figcaption { (entry.said(inline(entry.detail))) } }
                        } @else {
                            blockquote { p { (entry.said(inline(entry.detail))) } }
                            @if !entry.name.is_empty() { figcaption { (entry.label()) } }
                        }
                    }
                }
            }
        }
    }
}

fn numbers(entries: &[Entry<'_>]) -> Markup {
    html! {
        ul.figures {
            @for entry in entries {
                @let order = match (is_figure(entry.name), is_figure(entry.detail)) {
                    (true, _) => "figure-before",
                    (false, true) => "figure-after",
                    (false, false) => "no-figure",
                };
                li.(order) data-ref=[entry.spot()] { (entry.label()) " " (entry.said(inline(entry.detail))) }
            }
        }
    }
}

fn works(look: Look, entries: &[Entry<'_>]) -> Markup {
    html! {
        ul.works-list {
            @for entry in entries {
                li data-ref=[entry.spot()] {
                    div.tile aria-hidden="true" { (tile(look, Seed::of(if entry.name.is_empty() { entry.detail } else { entry.name }))) }
                    (entry.title())
                    (entry.told())
                }
            }
        }
    }
}
