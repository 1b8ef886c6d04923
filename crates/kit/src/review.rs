//! What no page should say, though a small model writes it: a line twice, a sentence of a worked example, what the request says to
//! whoever builds the page, a place-holder, a hashtag, a question without its answer.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::instruction::{instructions, words as words_of};
use crate::prompt::example_texts;
use crate::section_kind::Kind;
use crate::words::{Line, Words};

/// So many words in a row are no chance.
const RUN: usize = 4;
/// Of what is said to the builder fewer tell.
const INSTRUCTION_RUN: usize = 3;

/// Takes such lines off the page of a request, and returns them.
pub fn leave_out(words: &mut Words, request: &str) -> Vec<String> {
    let review = Review::of(request);
    let mut seen = HashSet::new();
    let mut left_out = Vec::new();
    for text in [&mut words.sentence, &mut words.button] {
        if !text.is_empty() && review.is_unfit(text) {
            left_out.push(std::mem::take(text));
        }
    }
    for section in &mut words.sections {
        let is_asked = Kind::of(section) == Kind::Questions;
        section.lines.retain(|line| {
            let text = line.to_string();
            let fits = seen.insert(words_of(&text)) && !review.is_unfit(&text) && !(is_asked && is_unanswered(line));
            if !fits {
                left_out.push(text);
            }
            fits
        });
    }
    if !left_out.is_empty() {
        words.sections.retain(|section| !section.lines.is_empty());
    }
    left_out
}

struct Review {
    asked: HashSet<Vec<String>>,
    instructions: Vec<Vec<String>>,
}

impl Review {
    fn of(request: &str) -> Self {
        Self { asked: runs(request), instructions: instructions(request) }
    }

    fn is_unfit(&self, text: &str) -> bool {
        static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?i)^(- )?(\*\*)?(replace|insert|ersetzen|remplacez)\b|lorem ipsum|\byour (text|content|description) here\b|(^|\s)#\p{L}\w+")
                .expect("what holds a place is a pattern")
        });
        PLACEHOLDER.is_match(text) || self.is_instruction(text) || self.is_of_an_example(text)
    }

    fn is_instruction(&self, text: &str) -> bool {
        let said = words_of(text);
        let in_a_row = |wanted: &[String]| said.windows(wanted.len()).any(|run| run == wanted);
        self.instructions.iter().any(|instruction| {
            let run = instruction.len().min(INSTRUCTION_RUN);
            instruction.windows(run).any(in_a_row)
        })
    }

    /// Days and figures stand in every list of hours: a row with one tells nothing.
    fn is_of_an_example(&self, text: &str) -> bool {
        static SHOWN: LazyLock<HashSet<Vec<String>>> = LazyLock::new(|| example_texts().flat_map(runs).collect());
        let tells = |run: &&Vec<String>| {
            run.iter().all(|word| word.chars().all(char::is_alphabetic) && crate::facts::weekdays(word).is_empty())
        };
        runs(text).iter().filter(tells).any(|run| SHOWN.contains(run) && !self.asked.contains(run))
    }
}

fn runs(text: &str) -> HashSet<Vec<String>> {
    text.lines().flat_map(|line| words_of(line).windows(RUN).map(<[String]>::to_vec).collect::<Vec<_>>()).collect()
}

fn is_unanswered(line: &Line) -> bool {
    match line {
        Line::Item { name, detail } => detail.is_empty() || name.is_empty() && detail.ends_with('?'),
        Line::Paragraph(text) => text.ends_with('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(request: &str, page: &str) -> String {
        let mut words = Words::parse(page);
        leave_out(&mut words, request);
        words.to_string()
    }

    #[test]
    fn what_is_said_to_the_builder_is_left_out() {
        let request =
            "Hi i need a webiste for our italian restaurant Da Enzo. Please make it look warm, keep it under 200 words";
        let page = "# Da Enzo\n> Hi i need a webiste for our italian restaurant.\n## About\nOur restaurant is warm.\nKeep it under 200 words.\n## Style\nMake it look warm.\n";
        assert_eq!(left(request, page), "# Da Enzo\n## About\nOur restaurant is warm.\n");
    }

    #[test]
    fn a_line_that_stands_there_twice_stands_there_once() {
        let page = "# A\n## Menu\n- **Tea**: 3 €\n- **Tea**: 3 €\n## More\nTea for all.\nTea for all.\n";
        assert_eq!(left("", page), "# A\n## Menu\n- **Tea**: 3 €\n## More\nTea for all.\n");
    }

    #[test]
    fn what_holds_a_place_and_hashtags_and_open_questions_are_left_out() {
        let page = "# A\n## About\nReplace this with your text.\nWe bake. #bread #love\nWe bake.\n## Questions\n- **Is there parking?**\n- **Dogs?**: Welcome.\n";
        assert_eq!(left("", page), "# A\n## About\nWe bake.\n## Questions\n- **Dogs?**: Welcome.\n");
    }

    #[test]
    fn a_sentence_of_a_worked_example_is_left_out_unless_the_request_says_it() {
        let is_long = |line: &&str| line.starts_with("> ") && words_of(line).len() > RUN + 1;
        let shown = example_texts().flat_map(str::lines).find(is_long).expect("an example has a sentence");
        let page = format!("# A\n{shown}\n## About\nWe play.\n");
        assert_eq!(left("", &page), "# A\n## About\nWe play.\n");
        assert_eq!(left(shown, &page), page);
    }
}
