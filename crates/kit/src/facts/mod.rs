//! What a request states, and whether a page says it: a small model drops figures and makes others up, so both are counted
//! here.

mod calendar;
mod capitals;
mod contact;
mod figures;
mod forms;
mod implied_days;
pub(crate) mod instruction;
mod invented;
mod labels;
mod names;
mod people;
mod placement;
mod places;
mod values;

use std::ops::Range;

use serde::Serialize;

pub use invented::{MadeUp, conceal, made_up};
pub use placement::put_in;

use crate::language::Language;
use crate::words::Words;
use forms::Form;
use values::Held;

/// What is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// What something or somebody is called.
    Name,
    /// An amount of money.
    Price,
    /// A day of the year, with or without the year.
    Date,
    /// A day of the week, or several.
    Day,
    /// A time of the day, or a span of it.
    Time,
    /// Any other figure.
    Number,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address, or a name on a social network.
    Link,
    /// A street with its number.
    Address,
    /// A town, or where something is; only of what is made up, as a request's places are names.
    Place,
}

/// Something that a request states, and that its page has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub kind: FactKind,
    /// As the request writes it: `2.80 €`.
    pub text: String,
    /// Where it stands in the request, in bytes.
    pub span: Range<usize>,
    /// What the request says it of: `espresso`. Empty where nothing plain stands beside it.
    pub about: String,
    /// The part of the sentence that it stands in: `espresso now costs 2.80 €`.
    pub clause: String,
    /// Whether the request says that the page is of this: `a café called Nord`.
    pub is_title: bool,
    clause_span: Range<usize>,
    language: Language,
    form: Form,
}

/// Everything that a request states, in its order.
#[must_use]
pub fn of(request: &str) -> Vec<Fact> {
    let mut forms = forms::find(request);
    forms.extend(names::find(request, &forms));
    let title = names::title(request);
    let language = Language::of(request);
    forms.sort_by_key(|form| form.span.start);
    let spans: Vec<_> = forms.iter().map(|form| form.span.clone()).collect();
    let mut facts = Vec::<Fact>::new();
    forms.retain(|form| !instruction::is_said_to_the_builder(request, form));
    for form in forms {
        if facts.iter().all(|fact| fact.form.values != form.values) {
            let is_title = Some(&form.span) == title.as_ref();
            facts.push(Fact { is_title, language, ..Fact::new(request, form, &spans) });
        }
    }
    facts
}

/// Where a request says something to whoever builds the page, and not of what it is about: `3 sections`, `under 200 words`.
pub(crate) fn said_to_the_builder(request: &str) -> Vec<Range<usize>> {
    let forms = forms::find(request).into_iter();
    forms.filter(|form| instruction::is_said_to_the_builder(request, form)).map(|form| form.span).collect()
}

/// Whether the words say each of these facts, in whatever way it may be written.
#[must_use]
pub fn kept(words: &Words, facts: &[Fact]) -> Vec<bool> {
    let held = Held::by_words(words);
    facts.iter().map(|fact| held.says(&fact.form)).collect()
}

/// The days of the week that a text is of and that it says nothing beside, from Monday, 0; of a span all of its days. Empty
/// for any other text.
#[must_use]
pub fn weekdays(text: &str) -> Vec<u8> {
    calendar::only_days(text.trim()).map(|form| values::all_days(&form, text.trim())).unwrap_or_default()
}

impl Fact {
    fn new(request: &str, form: Form, spans: &[Range<usize>]) -> Self {
        let (kind, span) = (form.kind, form.span.clone());
        let clause_span = forms::clause(request, &span, spans);
        let written = if kind == FactKind::Price { forms::whole_price(request, &span) } else { span.clone() };
        let mut about = forms::about(request, &clause_span, &written, spans);
        if about.is_empty() && kind == FactKind::Price {
            about = forms::named_before(request, &written, spans).unwrap_or_default();
        }
        let text = request[written].split_whitespace().collect::<Vec<_>>().join(" ");
        let clause = request[clause_span.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        Self { kind, text, span, about, clause, is_title: false, clause_span, language: Language::ENGLISH, form }
    }
}

#[cfg(test)]
mod tests;
