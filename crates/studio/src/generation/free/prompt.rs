//! What a model that writes HTML is asked. The page comes before the wish, so that an engine keeps it for the next one.

use kit::{Message, Role};

use crate::edit::blocks::Wrong;

const PAGE: &str = include_str!("page.md");
const BLOCKS: &str = include_str!("blocks.md");
const ELEMENT: &str = include_str!("element.md");

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

/// Asks for what is to be replaced in the page, and by what; once more, where something was wrong with the last answer.
pub(super) fn blocks(page: &str, wish: &str, clicked: Option<&str>, wrong: Option<&Wrong>) -> Vec<Message> {
    let system = format!("{BLOCKS}\nThe page as it is:\n```html\n{}\n```", page.trim_end());
    let clicked = clicked.map(|source| format!("\n\nIt is about this element:\n```html\n{}\n```", source.trim_end()));
    let wish = format!("{wish}{}", clicked.unwrap_or_default());
    let note = match wrong {
        Some(Wrong::Lost { .. }) | None => "",
        Some(Wrong::Nothing) => "\n\n(The last answer changed nothing: change it now.)",
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

fn message(role: Role, content: impl Into<String>) -> Message {
    Message { role, content: content.into().into() }
}
