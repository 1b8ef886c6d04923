//! What a text says, as values that can be compared.

use std::collections::HashSet;

use super::calendar;
use super::figures::runs;
use super::forms::{self, Form, Value, fold};
use crate::words::{Line, Words};

/// All that a text says.
#[derive(Debug)]
pub(super) struct Held {
    values: HashSet<Value>,
    /// Every run of figures, in whatever form it stands.
    runs: HashSet<String>,
    /// The whole text, with a blank at each end.
    folded: String,
    /// The figures of each line, and nothing else of it.
    digits: Vec<String>,
}

impl Held {
    pub(super) fn by_text(text: &str) -> Self {
        let forms = forms::find(text);
        let spans = forms.iter().filter(|form| calendar::is_span(&text[form.span.clone()])).flat_map(between);
        let values = spans.chain(forms.iter().flat_map(|form| form.values.iter().cloned())).collect();
        let digits = text.lines().map(|line| line.chars().filter(char::is_ascii_digit).collect()).collect();
        Self { values, runs: runs(text).collect(), folded: format!(" {} ", fold(text)), digits }
    }

    pub(super) fn by_words(words: &Words) -> Self {
        let line = |line: &Line| match line {
            Line::Paragraph(text) => text.clone(),
            Line::Item { name, detail } => format!("{name}: {detail}"),
        };
        let sections = words
            .sections
            .iter()
            .flat_map(|section| [section.heading.clone()].into_iter().chain(section.lines.iter().map(line)));
        let texts = [words.name.clone(), words.sentence.clone()].into_iter().chain(sections);
        Self::by_text(&texts.chain([words.button.clone()]).collect::<Vec<_>>().join("\n"))
    }

    /// Whether the text speaks of a day of the week.
    pub(super) fn names_a_day(&self) -> bool {
        self.values.iter().any(|value| matches!(value, Value::Day(_)))
    }

    /// Whether the text says the same as a form, in the same sense.
    pub(super) fn says(&self, form: &Form) -> bool {
        form.values.iter().all(|value| self.has(value))
    }

    /// Whether a form may come from this text: a figure that stands there in another sense is not made up.
    pub(super) fn allows(&self, form: &Form) -> bool {
        form.values.iter().all(|value| self.has(value) || self.has_figures(value))
    }

    fn has(&self, value: &Value) -> bool {
        self.values.contains(value)
            || match value {
                Value::Number(number) => self.runs.contains(number) || self.has_words(number),
                Value::Words(words) => self.has_words(words),
                Value::Phone(digits) => self.has_phone(digits),
                Value::Month(month) => {
                    self.values.iter().any(|held| matches!(held, Value::Date(_, held) if held == month))
                }
                _ => false,
            }
    }

    /// A name is there where it is as a whole, or each of its words is.
    fn has_words(&self, words: &str) -> bool {
        let has = |words: &str| self.folded.contains(&format!(" {words} "));
        has(&fold(words)) || words.contains(' ') && words.split(' ').all(has)
    }

    /// The country's number may stand before one of two that are the same.
    fn has_phone(&self, digits: &str) -> bool {
        let tail = &digits[digits.len().saturating_sub(7)..];
        self.digits.iter().any(|held| held.contains(tail))
    }

    fn has_figures(&self, value: &Value) -> bool {
        match value {
            Value::Price(amount, _) => self.runs.contains(amount),
            Value::Time(minutes) => {
                let (hour, minute) = (minutes / 60, minutes % 60);
                let written = |hour: u16| if minute == 0 { hour.to_string() } else { format!("{hour}.{minute:02}") };
                let written = |hour| self.runs.contains(&super::figures::plain(&written(hour)));
                written(hour) || hour > 12 && written(hour - 12)
            }
            Value::Date(day, _) => self.runs.contains(&day.to_string()) && self.has_month(value),
            _ => false,
        }
    }

    fn has_month(&self, value: &Value) -> bool {
        let month = |held: &Value| match held {
            Value::Date(_, month) | Value::Month(month) => Some(*month),
            _ => None,
        };
        self.values.iter().filter_map(month).any(|held| Some(held) == month(value))
    }
}

/// The days of a form, with those between them where it is a span.
pub(super) fn all_days(form: &Form, text: &str) -> Vec<u8> {
    let between = if calendar::is_span(text) { between(form) } else { Vec::new() };
    let values = if between.is_empty() { &form.values } else { &between };
    let mut days: Vec<u8> =
        values.iter().filter_map(|value| if let Value::Day(day) = value { Some(*day) } else { None }).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// All days of a span: what holds Monday to Friday holds Wednesday.
fn between(form: &Form) -> Vec<Value> {
    match form.values[..] {
        [Value::Day(first), Value::Day(last)] => {
            let days = (0..7).map(|day| (first + day) % 7);
            let upto = (last + 7 - first) % 7;
            days.take(usize::from(upto) + 1).map(Value::Day).collect()
        }
        _ => Vec::new(),
    }
}
