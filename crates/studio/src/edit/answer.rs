//! What is of use in an answer: without thoughts, fences and what is said round it.

/// The answer without what was thought before it.
pub(crate) fn without_thoughts(answer: &str) -> &str {
    answer.rsplit_once("</think>").map_or(answer, |(_, answer)| answer)
}

/// The page within an answer. Empty until it begins.
pub(crate) fn page_in(answer: &str) -> &str {
    let answer = without_thoughts(answer);
    let lower = answer.to_ascii_lowercase();
    let Some(start) = ["<!doctype", "<html"].iter().find_map(|start| lower.find(start)) else { return "" };
    let end = lower.rfind("</html>").map_or(answer.len(), |end| end + "</html>".len());
    answer[start..end.max(start)].trim_end().trim_end_matches("```").trim_end()
}

/// The elements within an answer: from the first tag to the last. Empty where there is none.
pub(crate) fn elements_in(answer: &str) -> &str {
    let answer = without_thoughts(answer);
    let begins = |at: &usize| answer[at + 1..].starts_with(|letter: char| letter.is_ascii_alphabetic());
    let Some(start) = answer.match_indices('<').map(|(at, _)| at).find(begins) else { return "" };
    let end = answer.rfind('>').map_or(start, |end| end + 1);
    &answer[start..end.max(start)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_taken_out_of_what_is_said_round_it() {
        for (answer, page) in [
            (
                "<think>hm <html></think>Here:\n```html\n<!DOCTYPE html><p>x</html>\n```\nEnjoy",
                "<!DOCTYPE html><p>x</html>",
            ),
            ("```html\n<html><body>half", "<html><body>half"),
            ("I cannot do that", ""),
            ("", ""),
        ] {
            assert_eq!(page_in(answer), page);
        }
    }

    #[test]
    fn elements_are_taken_out_of_what_is_said_round_them() {
        for (answer, elements) in [
            ("<think><b></think>Here:\n```html\n<li>a</li>\n<li>b</li>\n```\nEnjoy", "<li>a</li>\n<li>b</li>"),
            ("1 < 2: <img src=x>", "<img src=x>"),
            ("a <p", ""),
            ("1 > 0", ""),
            ("", ""),
        ] {
            assert_eq!(elements_in(answer), elements);
        }
    }
}
