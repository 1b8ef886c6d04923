//! What a model that writes HTML is asked, so that its answer has the form that the caller reads.

use kit::{Message, Role};

use super::request::{Form, Request, Wishes};
use crate::project::Page;

const FIRST: &str = include_str!("first.md");
const CHANGE: &str = include_str!("change.md");

fn form_of(form: Form, first: bool) -> &'static str {
    match (form, first) {
        (Form::V3, true) => include_str!("v3_first.md"),
        (Form::V3, false) => include_str!("v3_change.md"),
        (Form::V4, true) => include_str!("v4_first.md"),
        (Form::V4, false) => include_str!("v4_change.md"),
    }
}

/// The messages that ask for what is requested. The files come before the wish, so that an engine keeps them for the next one.
pub(super) fn messages(request: &Request) -> Vec<Message> {
    let first = request.pages.is_empty();
    let mut system = format!("{}\n{}", if first { FIRST } else { CHANGE }, form_of(request.form, first));
    if !first {
        system += &files(&request.pages);
    }
    let mut messages = vec![message(Role::System, system)];
    messages.extend(request.talk.iter().cloned());
    messages.push(message(Role::User, wish(request)));
    messages
}

/// What the user says, with all that was sent along.
pub(super) fn wish(request: &Request) -> String {
    let mut all: Vec<String> = Vec::new();
    if let Some(markdown) = &request.redesign {
        all.push(format!("Make this site anew, with its texts and pictures. It is, as Markdown:\n\n{markdown}"));
    }
    if !request.prompt.is_empty() {
        all.push(request.prompt.clone());
    }
    if let Some(element) = &request.selected {
        all.push(format!("Change this element alone, wherever it occurs:\n\n```html\n{element}\n```"));
    }
    if let Some(wishes) = &request.wishes {
        all.extend(look(wishes));
    }
    if !request.media.is_empty() {
        all.push(format!("These files may be used: {}", request.media.join(", ")));
    }
    all.join("\n\n")
}

fn look(wishes: &Wishes) -> Option<String> {
    let Wishes { primary, secondary, theme } = wishes;
    let of = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}: {value}"));
    let all: Vec<String> = [of("primary colour", primary), of("secondary colour", secondary), of("theme", theme)]
        .into_iter()
        .flatten()
        .collect();
    (!all.is_empty()).then(|| format!("How it is to look: {}.", all.join(", ")))
}

fn files(pages: &[Page]) -> String {
    let file = |page: &Page| format!("\n{}:\n```\n{}\n```\n", page.path, page.html.trim_end());
    format!("\nThe files as they are:\n{}", pages.iter().map(file).collect::<String>())
}

/// Asks once more for changes whose text does not stand in the files.
pub(super) fn again(mut messages: Vec<Message>, answer: &str, lost: &str) -> Vec<Message> {
    messages.push(message(Role::Assistant, answer.to_owned()));
    messages
        .push(message(Role::User, format!("{lost}Write those changes once more, letter by letter, and no others.")));
    messages
}

fn message(role: Role, content: String) -> Message {
    Message { role, content: content.into() }
}
