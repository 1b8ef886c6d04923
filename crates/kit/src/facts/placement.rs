//! Puts onto a page what its request states and the model has left out, where it has a place: a price beside its thing, hours beside
//! their day, a contact among the contacts. What has none stays off the page: a clause of the request is no text of its page.

use super::forms::{self, Form, Value, fold};
use super::invented::{all_forms, replace};
use super::labels::Labels;
use super::{Fact, FactKind, kept};
use crate::language::Language;
use crate::section_kind::Kind;
use crate::words::{Line, Section, Spot, Words};

/// Puts in what the words do not say of a request's facts and has a place on them, and returns that. Given are all facts of the
/// request: what states one of them is never written over.
pub fn put_in(words: &mut Words, facts: &[Fact]) -> Vec<Fact> {
    let labels = Labels::of(facts.first().map_or(Language::ENGLISH, |fact| fact.language));
    let stood = kept(words, facts);
    for (number, fact) in facts.iter().enumerate() {
        let were = kept(words, facts);
        if were[number] {
            continue;
        }
        let before = words.clone();
        Page { words, facts, labels }.place(fact);
        let are = kept(words, facts);
        if !are[number] || were.iter().zip(&are).any(|(was, is)| *was && !is) {
            *words = before;
        }
    }
    let stand = kept(words, facts);
    let is_new = |number: &usize| !stood[*number] && stand[*number];
    (0..facts.len()).filter(is_new).map(|number| facts[number].clone()).collect()
}

struct Page<'a> {
    words: &'a mut Words,
    facts: &'a [Fact],
    /// None where the kit does not know the language: then no section is begun.
    labels: Option<&'static Labels>,
}

impl Page<'_> {
    fn place(&mut self, fact: &Fact) {
        match fact.kind {
            FactKind::Name | FactKind::Place => self.place_name(fact),
            FactKind::Price => self.place_price(fact),
            FactKind::Day | FactKind::Time => self.place_time(fact),
            FactKind::Date => self.place_date(fact),
            // Whoever writes cents writes a price.
            FactKind::Number if has_cents(&fact.text) => self.place_price(fact),
            FactKind::Number => {}
            FactKind::Email | FactKind::Phone | FactKind::Link | FactKind::Address => self.place_reach(fact),
        }
    }

    fn place_name(&mut self, fact: &Fact) {
        if fact.is_title || self.words.name.is_empty() {
            // A name is never empty here.
            let _ = self.words.set(Spot::Name, &fact.text);
        } else if let (Some(people), false) = (self.section(Kind::People), fact.about.is_empty()) {
            self.add(people, &fact.text, &fact.about);
        }
    }

    fn place_price(&mut self, fact: &Fact) {
        if let Some((section, line)) = self.item_about(&fact.about) {
            return self.say_in(section, line, fact);
        }
        if fact.about.is_empty() {
            return;
        }
        if let Some(section) = self.section_or_new(Kind::Prices, self.labels.map(|labels| labels.prices)) {
            self.add(section, &fact.about, &fact.text);
        }
    }

    /// A day and a time that stand in one clause are one line of the opening hours.
    fn place_time(&mut self, fact: &Fact) {
        let same = |kind: FactKind| {
            self.facts.iter().find(|other| other.kind == kind && other.clause_span == fact.clause_span)
        };
        let (Some(day), Some(time)) = (same(FactKind::Day), same(FactKind::Time)) else {
            return self.place_date(fact);
        };
        if let Some((section, line)) = self.item_saying(&day.form.values) {
            return self.say_in(section, line, time);
        }
        if let Some(section) = self.section_or_new(Kind::Hours, self.labels.map(|labels| labels.hours)) {
            self.add(section, &day.text, &time.text);
        }
    }

    fn place_date(&mut self, fact: &Fact) {
        let kind = if fact.kind == FactKind::Day { Kind::Hours } else { Kind::Dates };
        if let (Some(section), false) = (self.section(kind), fact.about.is_empty()) {
            self.add(section, &fact.text, &fact.about);
        }
    }

    fn place_reach(&mut self, fact: &Fact) {
        let is_free = |(_, form): &(Spot, Form)| form.kind == fact.kind && !self.is_stated(form);
        if let Some((spot, form)) = all_forms(self.words).into_iter().find(is_free) {
            replace(self.words, spot, form.span, &fact.text);
            return;
        }
        let name = self.labels.and_then(|labels| labels.reach(fact.kind)).unwrap_or_default();
        if let Some(section) = self.section_or_new(Kind::Contact, self.labels.map(|labels| labels.contact)) {
            self.add(section, name, &fact.text);
        }
    }

    fn add(&mut self, section: usize, name: &str, detail: &str) {
        self.words.sections[section].lines.push(Line::item(&capital(name), detail));
    }

    /// Puts the fact into an item: in the place of one of its kind that the request does not state, or behind it all.
    fn say_in(&mut self, section: usize, line: usize, fact: &Fact) {
        let spot = Spot::ItemDetail(section, line);
        let detail = self.words.text(spot).unwrap_or_default();
        let wrong = forms::find(&detail).into_iter().find(|form| form.kind == fact.kind && !self.is_stated(form));
        let text = match wrong {
            Some(wrong) => {
                let mut text = detail;
                text.replace_range(wrong.span, &fact.text);
                text
            }
            None if detail.is_empty() => fact.text.clone(),
            None if detail.ends_with(['.', '!', '?']) => format!("{detail} {}", fact.text),
            None => format!("{detail}, {}", fact.text),
        };
        // The spot was found in these words.
        let _ = self.words.set(spot, &text);
    }

    fn is_stated(&self, form: &Form) -> bool {
        let states = |value: &Value| self.facts.iter().any(|fact| fact.form.values.contains(value));
        form.values.iter().any(states)
    }

    /// The last section of that kind, as what is said last of a kind is what lacks something.
    fn section(&self, kind: Kind) -> Option<usize> {
        self.words.sections.iter().rposition(|section| Kind::of(section) == kind)
    }

    /// `None` where there is none and nothing to call a new one.
    fn section_or_new(&mut self, kind: Kind, heading: Option<&str>) -> Option<usize> {
        let is_it = |section: &Section| Kind::of(section) == kind || Some(section.heading.as_str()) == heading;
        if let Some(section) = self.words.sections.iter().rposition(is_it) {
            return Some(section);
        }
        let heading = heading?;
        // How to reach somebody stands last on a page.
        let last = self.words.sections.last().is_some_and(|section| Kind::of(section) == Kind::Contact);
        let place = self.words.sections.len() - usize::from(last && kind != Kind::Contact);
        self.words.sections.insert(place, Section { heading: heading.to_owned(), lines: Vec::new() });
        Some(place)
    }

    fn items(&self) -> impl Iterator<Item = ((usize, usize), &String)> {
        self.words.sections.iter().enumerate().flat_map(|(section, lines)| {
            lines.lines.iter().enumerate().filter_map(move |(line, text)| match text {
                Line::Item { name, .. } => Some(((section, line), name)),
                Line::Paragraph(_) => None,
            })
        })
    }

    /// The item of that name: `Flat white` for `flat white`, or `Basic service` for `basic`.
    fn item_about(&self, about: &str) -> Option<(usize, usize)> {
        let about = fold(about);
        let is_it = |name: &str| {
            !name.is_empty() && !about.is_empty() && (name == about || has_word(name, &about) || has_word(&about, name))
        };
        let exact = self.items().find(|(_, name)| fold(name) == about);
        exact.or_else(|| self.items().find(|(_, name)| is_it(&fold(name)))).map(|(place, _)| place)
    }

    fn item_saying(&self, values: &[Value]) -> Option<(usize, usize)> {
        let says = |name: &str| forms::find(&format!("{name}:")).iter().any(|form| form.values == values);
        self.items().find(|(_, name)| says(name)).map(|(place, _)| place)
    }
}

fn has_cents(text: &str) -> bool {
    text.rsplit_once(['.', ','])
        .is_some_and(|(_, cents)| cents.len() == 2 && cents.bytes().all(|byte| byte.is_ascii_digit()))
}

fn has_word(text: &str, word: &str) -> bool {
    format!(" {text} ").contains(&format!(" {word} "))
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
