//! From text to words. Whatever a model writes becomes words of some kind, also what is not finished yet: a page is
//! shown while it is written.

use super::{Line, Section, Words};

impl Words {
    /// Reads words; what is in no known form is a paragraph.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut words = Self::default();
        let is_begun = |line: &&str| !matches!(*line, "" | "-" | "*" | "- **" | "- *");
        text.lines().map(str::trim).filter(is_begun).for_each(|line| words.take(line));
        words
    }

    fn take(&mut self, line: &str) {
        if let Some(heading) = line.strip_prefix("##") {
            let heading = heading.trim_start_matches('#').trim().to_owned();
            self.sections.push(Section { heading, lines: Vec::new() });
        } else if let Some(name) = line.strip_prefix('#') {
            name.trim().clone_into(&mut self.name);
        } else if let Some(sentence) = line.strip_prefix('>') {
            sentence.trim().clone_into(&mut self.sentence);
        } else if let Some(button) = line.strip_prefix('[') {
            button.split(']').next().unwrap_or(button).trim().clone_into(&mut self.button);
        } else {
            self.add(Line::parse(line).tidied());
        }
    }

    fn add(&mut self, line: Line) {
        match (self.sections.last_mut(), line) {
            (_, line) if line.is_empty() => {}
            (Some(section), line) => section.lines.push(line),
            (None, Line::Paragraph(text)) if self.sentence.is_empty() => self.sentence = text,
            (None, line) => self.sections.push(Section { heading: String::new(), lines: vec![line] }),
        }
    }
}

impl Line {
    /// Reads one line of a section.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        if let Some(text) = line.strip_prefix('\\') {
            return Self::Paragraph(text.to_owned());
        }
        let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) else {
            return Self::Paragraph(line.to_owned());
        };
        let item = item.trim();
        let Some((name, detail)) = item.strip_prefix("**").and_then(|item| item.split_once("**")) else {
            return Self::Item { name: String::new(), detail: item.trim_matches('*').to_owned() };
        };
        let name = name.trim().trim_end_matches(':').to_owned();
        let detail = detail.trim_start_matches([':', ' ', '–', '—']).to_owned();
        Self::Item { name, detail }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NORD: &str = "# Nord\n> Coffee by the harbour\n## Menu\n- **Espresso**: 2.50 €\n- Tap water\n## About\nWe roast on Mondays.\n[Visit us]\n";

    #[test]
    fn words_are_read_as_they_are_written() {
        assert_eq!(Words::parse(NORD).to_string(), NORD);
    }

    #[test]
    fn every_beginning_of_words_is_words() {
        for (end, _) in NORD.char_indices() {
            let words = Words::parse(&NORD[..end]);
            assert_eq!(Words::parse(&words.to_string()), words, "after {end} bytes");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_reads_back_as_it_was_read(text in "([-#>\\[\\]*:\\\\–a \n.€]{0,5}(\\*\\*)?){0,12}|.{0,40}") {
            let words = Words::parse(&text);
            prop_assert_eq!(Words::parse(&words.to_string()), words);
        }
    }

    #[test]
    fn a_colon_within_the_bold_name_is_no_part_of_it() {
        let item = Line::Item { name: "Monday".to_owned(), detail: "7 to 18".to_owned() };
        assert_eq!(Line::parse("- **Monday:** 7 to 18"), item);
    }
}
