//! What a model is asked: messages that show it by two worked examples what words are, and the grammar that holds it to
//! their form.
//!
//! Reading a prompt costs a small machine more than writing the words does. So the examples come in a few fixed pairs:
//! a request is asked after one of them, which the engine has kept from the last time.

mod examples;
mod stated;
mod wish;

use std::borrow::Cow;

use serde::Serialize;

pub use stated::grammar_for;
pub use wish::{rewritten, wish_grammar, wish_messages};

const SYSTEM: &str = include_str!("system.md");
const GRAMMAR: &str = concat!(include_str!("grammar/words.gbnf"), include_str!("grammar/parts.gbnf"));

/// A message of a chat, as the OpenAI form writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Whose it is.
    pub role: Role,
    /// What it says.
    pub content: Cow<'static, str>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The one who says what is to be done, once, at the beginning.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

impl Message {
    fn system(content: &'static str) -> Self {
        Self { role: Role::System, content: content.trim_end().into() }
    }

    fn user(content: impl Into<Cow<'static, str>>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    fn assistant(content: impl Into<Cow<'static, str>>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

/// The messages that ask for the words of the page that is requested.
#[must_use]
pub fn messages(request: &str) -> Vec<Message> {
    let mut messages = start(examples::pair_near(request));
    messages.push(Message::user(request.trim().to_owned()));
    messages
}

/// The grammar in GBNF that the words of a new page are held to: it bounds every line and every list.
#[must_use]
pub fn grammar() -> &'static str {
    GRAMMAR
}

/// How each of the kit's prompts begins: what an engine may read before anybody asks. The first ones are the likeliest.
#[must_use]
pub fn warm_starts() -> Vec<Vec<Message>> {
    let pairs = examples::PAIRS.iter().map(start);
    pairs.chain([wish::start(wish::Form::Words)]).collect()
}

/// The words of all worked examples.
pub(crate) fn example_texts() -> impl Iterator<Item = &'static str> {
    examples::PAIRS.iter().flatten().map(|example| example.words())
}

fn start(pair: &[examples::Example; 2]) -> Vec<Message> {
    let shown = pair.iter().map(|example| (example.request(), example.words()));
    beginning(SYSTEM, shown)
}

fn beginning(system: &'static str, shown: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<Message> {
    let shown = shown.flat_map(|(asked, answered)| [Message::user(asked), Message::assistant(answered)]);
    [Message::system(system)].into_iter().chain(shown).collect()
}

#[cfg(test)]
mod tests;
