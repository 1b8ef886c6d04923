//! What DeepSite's front end makes of an answer. It is no page of ours: it looks for a change's text with any white space in
//! place of any other, and the first place will do; of a fence it knows three languages; what it does not find it passes over.

use regex::Regex;

/// The page, of which `index.html` is `before`, after the third form's answer to a `PUT`. As that front end keeps it: the white
/// space round a change is lost.
pub(crate) fn after(before: &str, answer: &str) -> String {
    files_after(&[("index.html", before)], answer).remove(0).1
}

/// As [`after`], for several files.
pub(crate) fn files_after(before: &[(&str, &str)], answer: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        before.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let updated = Regex::new("<<<<<<< UPDATE_FILE_START ([^\n]*?) >>>>>>> UPDATE_FILE_END").unwrap();
    for (path, block) in blocks(&updated, answer) {
        let Some((_, text)) = files.iter_mut().find(|(known, _)| *known == path) else { continue };
        let mut rest = block;
        while let Some((search, replace, more)) = change(rest) {
            if let Some(at) = flexible(search).find(text) {
                let found = at.as_str().to_owned();
                *text = text.replacen(&found, replace, 1);
            }
            rest = more;
        }
    }
    let new = Regex::new("<<<<<<< NEW_FILE_START ([^\n]*?) >>>>>>> NEW_FILE_END").unwrap();
    for (path, block) in blocks(&new, answer) {
        let content = ["html", "css", "javascript"].iter().find_map(|language| {
            let fenced = block.split_once(&format!("```{language}"))?.1;
            Some(fenced.split_once("```")?.0)
        });
        let content = content.unwrap_or(block).trim().to_owned();
        match files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, text)) => *text = content,
            None => files.push((path.to_owned(), content)),
        }
    }
    files
}

/// What stands behind each of these marks, up to the next file.
fn blocks<'a>(mark: &Regex, answer: &'a str) -> Vec<(&'a str, &'a str)> {
    let behind = |found: regex::Captures<'a>| {
        let rest = &answer[found.get(0).unwrap().end()..];
        let end =
            ["<<<<<<< UPDATE_FILE_START ", "<<<<<<< NEW_FILE_START "].iter().filter_map(|mark| rest.find(mark)).min();
        (found.get(1).unwrap().as_str().trim(), &rest[..end.unwrap_or(rest.len())])
    };
    mark.captures_iter(answer).map(behind).collect()
}

fn change(text: &str) -> Option<(&str, &str, &str)> {
    let (search, rest) = text.split_once("<<<<<<< SEARCH")?.1.split_once("=======")?;
    let (replace, rest) = rest.split_once(">>>>>>> REPLACE")?;
    Some((search, replace, rest))
}

fn flexible(search: &str) -> Regex {
    let spaced = Regex::new(r"\s+").unwrap();
    let parts: Vec<String> = spaced.split(search).map(regex::escape).collect();
    let pattern = parts.join(r"\s*").replace("><", r">\s*<").replace('>', r"\s*>");
    Regex::new(&pattern).unwrap()
}

/// The file after the fourth form's answer.
pub(crate) fn after_v4(before: &str, answer: &str) -> String {
    let mut text = before.to_owned();
    for block in answer.split("=== SEARCH").skip(1) {
        let (search, replace) = block.split_once("=== REPLACE").unwrap().0.split_once("=======").unwrap();
        let fenced = |text: &str| text.split("```").nth(1).unwrap().split_once('\n').unwrap().1.trim().to_owned();
        text = text.replacen(&fenced(search), &fenced(replace), 1);
    }
    text
}
