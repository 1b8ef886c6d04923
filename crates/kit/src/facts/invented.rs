//! What a page says that its request does not: a model fills gaps with figures that look right.

use std::ops::Range;

use serde::Serialize;

use super::FactKind;
use super::forms::{self, Form};
use super::labels::{Labels, is_reach};
use super::values::Held;
use super::{implied_days, people, places};
use crate::language::Language;
use crate::words::{Line, Spot, Words};

/// A text that the request does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeUp {
    /// The element that it stands in.
    #[serde(serialize_with = "as_text")]
    pub spot: Spot,
    /// As the page writes it.
    pub text: String,
    /// What it is.
    pub kind: FactKind,
}

fn as_text<S: serde::Serializer>(spot: &Spot, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(spot)
}

/// Every price, date, day, time, number and way to reach somebody in the words that the request does not hold, and the
/// people and places that it does not name, in the order of the page. Days beside hours are one claim, see
/// [`unsaid`].
#[must_use]
pub fn made_up(words: &Words, request: &str) -> Vec<MadeUp> {
    let held = Held::by_text(request);
    let not_held = |(_, form): &(Spot, Form)| !held.allows(form);
    let all = implied_days::with_days_once(claims(words).into_iter().filter(not_held).collect(), words, &held);
    all.into_iter()
        .filter_map(|(spot, form)| {
            let text = words.text(spot)?.get(form.span)?.to_owned();
            Some(MadeUp { spot, text, kind: form.kind })
        })
        .collect()
}

/// Every form, and everybody and every place that is named where nothing else is said, in the order of the page.
fn claims(words: &Words) -> Vec<(Spot, Form)> {
    let mut all = all_forms(words);
    for (spot, form) in people::find(words).into_iter().chain(places::find(words)) {
        let is_said = |(at, other): &(Spot, Form)| {
            *at == spot && form.span.start < other.span.end && other.span.start < form.span.end
        };
        if !all.iter().any(is_said) {
            all.push((spot, form));
        }
    }
    let order: Vec<Spot> = words.texts().map(|(spot, _)| spot).collect();
    all.sort_by_key(|(spot, form)| (order.iter().position(|there| there == spot), form.span.start));
    all
}

/// What is to be filled in, in no language.
const UNKNOWN: &str = "…";

/// Puts plain words that ask to be filled in where the words make up how somebody is reached: a phone, an e-mail or web
/// address, a street. Returns those places, with the words that stand there now. Whatever else is made up stays.
pub fn conceal(words: &mut Words, request: &str) -> Vec<MadeUp> {
    let labels = Labels::of(Language::of(request));
    let held = Held::by_text(request);
    let mut concealed = Vec::new();
    let next = |words: &Words| all_forms(words).into_iter().find(|(_, form)| is_reach(form.kind) && !held.allows(form));
    while let Some((spot, form)) = next(words) {
        let text = labels.and_then(|labels| labels.to_fill_in(form.kind)).unwrap_or(UNKNOWN);
        // Where the line cannot be set with it in that place, none of the line stays.
        if !replace(words, spot, form.span, text) && words.set(spot, text).is_err() {
            break;
        }
        concealed.push(MadeUp { spot, text: text.to_owned(), kind: form.kind });
    }
    concealed
}

/// Puts another text in the place of a part of one. False where nothing stands there.
pub(super) fn replace(words: &mut Words, spot: Spot, span: Range<usize>, by: &str) -> bool {
    let Some(mut text) = words.text(spot).filter(|text| text.get(span.clone()).is_some()) else { return false };
    text.replace_range(span, by);
    words.set(spot, &text).is_ok()
}

/// Every form with the place of the text that it stands in, and where in that text it does.
pub(super) fn all_forms(words: &Words) -> Vec<(Spot, Form)> {
    let mut found = Vec::new();
    for (spot, text) in words.texts() {
        match spot {
            Spot::ItemName(..) => {}
            Spot::ItemDetail(section, line) => {
                if !has_name(words, section, line) {
                    found.extend(forms::find(text).into_iter().map(|form| (spot, form)));
                }
            }
            _ => found.extend(forms::find(text).into_iter().map(|form| (spot, form))),
        }
        if let Spot::ItemName(section, line) = spot {
            found.extend(of_item(words, section, line));
        }
    }
    found
}

fn has_name(words: &Words, section: usize, line: usize) -> bool {
    matches!(&words.sections[section].lines[line], Line::Item { name, .. } if !name.is_empty())
}

/// An item's name says what its detail is: `Phone`, `Mon`. So the two are read as one text.
fn of_item(words: &Words, section: usize, line: usize) -> Vec<(Spot, Form)> {
    const BETWEEN: &str = ": ";
    let Line::Item { name, detail } = &words.sections[section].lines[line] else { return Vec::new() };
    let detail_at = name.len() + BETWEEN.len();
    let place = |form: Form| match form.span {
        Range { start, end } if end <= name.len() => {
            Some((Spot::ItemName(section, line), Form { span: start..end, ..form }))
        }
        Range { start, end } if start >= detail_at => {
            Some((Spot::ItemDetail(section, line), Form { span: start - detail_at..end - detail_at, ..form }))
        }
        _ => None,
    };
    let is_ordinal = |(spot, form): &(Spot, Form)| {
        let ordinal = (line + 1).to_string();
        matches!(spot, Spot::ItemName(..)) && form.kind == FactKind::Number && name[form.span.clone()] == ordinal
    };
    let text = format!("{name}{BETWEEN}{detail}");
    forms::find(&text).into_iter().filter_map(place).filter(|found| !is_ordinal(found)).collect()
}
