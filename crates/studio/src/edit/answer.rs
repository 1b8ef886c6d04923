//! What is of use in an answer: without thoughts, fences and what is said round it.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use super::blocks::{Block, Blocks};
use crate::pages::INDEX;
use crate::project::Page;

/// The answer without what was thought before it.
pub(crate) fn without_thoughts(answer: &str) -> &str {
    answer.rsplit_once("</think>").map_or(answer, |(_, answer)| answer)
}

/// The page within an answer. Empty until it begins.
pub(crate) fn page_in(answer: &str) -> &str {
    let answer = without_thoughts(answer);
    let lower = answer.to_ascii_lowercase();
    let Some(start) = ["<!doctype", "<html"].iter().find_map(|start| lower.find(start)) else { return "" };
    let end = page_end(&answer[start..]).map(|end| start + end);
    let end = end.or_else(|| lower.rfind("</html>").map(|end| end + "</html>".len())).unwrap_or(answer.len());
    answer[start..end.max(start)].trim_end().trim_end_matches("```").trim_end()
}

/// Where a page ends: behind its `</html>`, and not behind one in a script, a comment or an attribute.
pub(crate) fn page_end(page: &str) -> Option<usize> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(page, emitter).find_map(|token| match token {
        Ok(Token::EndTag(tag)) if **tag.name == *b"html" => Some(tag.span.end),
        _ => None,
    })
}

/// The files within an answer, each as far as it has come: those in blocks, or the one page; that one comes first which is
/// opened first. Empty until one begins.
pub(crate) fn files_in(answer: &str) -> Vec<Page> {
    let mut blocks = Blocks::default();
    let mut all = blocks.push(without_thoughts(answer));
    all.extend(blocks.end());
    let whole = all.into_iter().filter_map(|block| match block {
        Block::File { path, content } => Page::written(&path, content),
        _ => None,
    });
    let open = blocks.open_file().and_then(|(path, content)| Page::written(path, content.to_owned()));
    let mut files: Vec<Page> = Vec::new();
    for file in whole.chain(open) {
        match files.iter_mut().find(|there| there.path == file.path) {
            Some(there) => *there = file,
            None => files.push(file),
        }
    }
    if !files.iter().any(Page::is_html) {
        files.extend(Page::written(INDEX, page_in(answer).to_owned()));
    }
    files.sort_by_key(|file| (file.path != INDEX, !file.is_html()));
    files
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
            (
                "<html><script>f('<html><b>x</b></html>')</script></html>\nIt ends with `</html>`.",
                "<html><script>f('<html><b>x</b></html>')</script></html>",
            ),
            ("", ""),
        ] {
            assert_eq!(page_in(answer), page);
        }
    }

    #[test]
    fn files_are_taken_out_of_their_blocks_while_they_come() {
        let answer = "Here:\n<<<<<<< NEW_FILE_START ./style.css >>>>>>> NEW_FILE_END\n```css\np {}\n```\n<<<<<<< NEW_FILE_START \
                      about.html >>>>>>> NEW_FILE_END\n```html\n<html>about</html>\n```\n=== START_FILE_CONTENT index.html\n```html\n\
                      <html>home\n<p>half</html>\n```\n=== END_FILE_CONTENT\n";
        let files = |answer: &str| {
            let files = files_in(answer).into_iter();
            files.map(|file| format!("{}: {}", file.path, file.html)).collect::<Vec<_>>()
        };
        let others = ["about.html: <html>about</html>", "style.css: p {}"];
        assert_eq!(files(answer), [&["index.html: <html>home\n<p>half</html>"], &others[..]].concat());
        let half = &answer[..answer.find("half").expect("it is there")];
        assert_eq!(files(half), [&["index.html: <html>home\n<p>"], &others[..]].concat());
        assert_eq!(files(&answer[..30]), Vec::<String>::new());
        assert_eq!(files("```html\n<html>x</html>\n```"), ["index.html: <html>x</html>"]);
        assert_eq!(files("Sorry."), Vec::<String>::new());
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
