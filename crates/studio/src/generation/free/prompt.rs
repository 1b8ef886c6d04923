//! What a model that writes HTML is asked. The page comes before the wish, so that an engine keeps it for the next one.

use kit::{Message, Role};

use crate::edit::blocks::Wrong;
use crate::project::Page;

const PAGE: &str = include_str!("page.md");
const BLOCKS: &str = include_str!("blocks.md");
const ELEMENT: &str = include_str!("element.md");
const FILES: &str = include_str!("files.md");
/// Of the files beside a page so many bytes are told; of the others the names.
const LONGEST_BESIDE: usize = 16_000;

/// Asks for a first page.
pub(super) fn first(request: &str) -> Vec<Message> {
    vec![message(Role::System, PAGE.trim_end()), message(Role::User, request)]
}

/// Asks for the page as the wish will have it, whole.
pub(super) fn whole(page: &str, wish: &str) -> Vec<Message> {
    vec![
        message(Role::System, PAGE.trim_end()),
        message(Role::User, "Write the page."),
        message(Role::Assistant, page),
        message(Role::User, wish),
    ]
}

/// Asks for an element as the wish will have it.
pub(super) fn element(source: &str, wish: &str) -> Vec<Message> {
    let there = format!("The element as it is:\n```html\n{}\n```\n\nChange: {wish}", source.trim_end());
    vec![message(Role::System, ELEMENT.trim_end()), message(Role::User, there)]
}

/// Asks for what is to be replaced in a page, and by what; once more, where something was wrong with the last answer.
pub(super) fn blocks(
    files: &[Page],
    at: usize,
    wish: &str,
    clicked: Option<&str>,
    wrong: Option<&Wrong>,
) -> Vec<Message> {
    let page = files.get(at).map_or("", |page| page.html.trim_end());
    let system = format!("{BLOCKS}{}\nThe page as it is:\n```html\n{page}\n```", beside(files, at));
    let clicked = clicked.map(|source| format!("\n\nIt is about this element:\n```html\n{}\n```", source.trim_end()));
    let wish = format!("{wish}{}", clicked.unwrap_or_default());
    let note = match wrong {
        Some(Wrong::Lost { .. }) | None => "",
        Some(Wrong::Nothing) => "\n\n(The last answer changed nothing: change it now.)",
        Some(Wrong::LeftOut) => {
            "\n\n(The last answer left out what stays the same: write what is to be replaced alone, and by what.)"
        }
        Some(Wrong::CutOff) => "\n\n(The last answer was cut off: write short changes alone, each to its end.)",
    };
    let mut messages = vec![message(Role::System, system), message(Role::User, wish + note)];
    if let Some(Wrong::Lost { answer, so_far }) = wrong {
        let lost: String = so_far.lost().map(|lost| lost.to_string()).collect();
        let again = format!("{lost}Write those changes once more, letter by letter, and no others.");
        messages.extend([message(Role::Assistant, answer.as_str()), message(Role::User, again)]);
    }
    messages
}

/// What else there is beside the page: all files by name, and what pages load, as far as there is room. Nothing where it is
/// alone.
fn beside(files: &[Page], at: usize) -> String {
    let others = || files.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, file)| file);
    let Some(other) = others().find(|file| !file.is_html()).or(others().next()) else { return String::new() };
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let note = FILES.replace("{files}", &names.join(", ")).replace("{page}", names[at]).replace("{other}", &other.path);
    let mut left = LONGEST_BESIDE;
    let has_room = |file: &&Page| left.checked_sub(file.html.len()).map(|rest| left = rest).is_some();
    let loaded = others().filter(|file| !file.is_html()).filter(has_room);
    let loaded = loaded.map(|file| format!("\n{} as it is:\n```\n{}\n```\n", file.path, file.html.trim_end()));
    format!("\n{note}{}", loaded.collect::<String>())
}

fn message(role: Role, content: impl Into<String>) -> Message {
    Message { role, content: content.into().into() }
}
