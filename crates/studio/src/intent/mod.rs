//! What a wish on a page of words means: a model says it in a few commands whose targets are the page's own, code checks each
//! against the wish and carries it out. What is not sure is asked back; what cannot be done is said.
//!
//! Data runs one way: `targets` → `prompt` (what is asked) → `command` (what came) → `check` → `execution` or `reply`.

mod check;
mod command;
mod execution;
mod first;
mod prompt;
mod reply;
mod targets;

use kit::{Message, Spot, Style, Words};

use command::Command;
use targets::Targets;

pub(crate) use first::{asked_back, not_had};
pub(crate) use prompt::start;
pub(crate) use reply::{Choice, not_understood};

/// The longest answer, in tokens: three commands with a sentence each.
pub(crate) const LONGEST: u32 = 160;

/// A wish that is being understood.
pub(crate) struct Intent<'a> {
    wish: &'a str,
    words: &'a Words,
    style: Style,
    targets: Targets,
}

/// What a model's commands come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// The page as it is to be, and what was done.
    Done { words: Words, style: Style, summary: String },
    /// A model writes this again: the whole page where no spot is given.
    Rewrite(Option<Spot>),
    /// The version before is to come back.
    Undo,
    /// It is not sure; the user chooses.
    Unsure { question: String, choices: Vec<Choice> },
    /// It cannot be done here, and this is said.
    Cannot(String),
    /// It is not what the wish says, for this reason.
    Wrong(String),
    /// It is no answer in commands.
    Unread,
}

impl<'a> Intent<'a> {
    pub(crate) fn new(wish: &'a str, words: &'a Words, style: Style) -> Self {
        Self { wish, words, style, targets: Targets::of(words) }
    }

    /// What is asked; once more, where the last answer was wrong for this reason.
    pub(crate) fn messages(&self, wrong: Option<&str>) -> Vec<Message> {
        prompt::messages(self.words, &self.targets, self.wish, wrong)
    }

    /// The grammar in GBNF that holds an answer to commands on this page.
    pub(crate) fn grammar(&self) -> String {
        prompt::grammar(&self.targets)
    }

    /// What an answer comes to.
    pub(crate) fn meaning(&self, answer: &str) -> Meaning {
        let read = |line: &str| Command::read(line, &self.targets, self.words);
        let lines = answer.lines().map(str::trim).filter(|line| !line.is_empty());
        let Some(commands) = lines.map(read).collect::<Option<Vec<_>>>().filter(|all| (1..=3).contains(&all.len()))
        else {
            return Meaning::Unread;
        };
        let meant = |command| {
            let said = check::coloured(check::quoted(command, self.wish), self.wish);
            check::narrowed(said, self.wish, self.words)
        };
        let commands: Vec<Command> = commands.into_iter().map(meant).collect();
        if let Some(wrong) = commands.iter().find_map(|command| check::wrong(command, self.wish, self.words)) {
            return Meaning::Wrong(wrong);
        }
        match commands.as_slice() {
            [Command::Undo] => Meaning::Undo,
            [Command::Cannot(what)] => Meaning::Cannot(reply::cannot(self.wish, what)),
            [Command::Translate(_)] => Meaning::Rewrite(None),
            [Command::Rewrite(spot, _)] => Meaning::Rewrite(*spot),
            // One model call writes the whole page again, with all that was wished for.
            all if all.iter().any(Command::needs_a_model) => Meaning::Rewrite(None),
            all if all.iter().any(|command| !check::is_sure(command, self.wish, self.words)) => self.unsure(all),
            all => match execution::carried_out(all, self.words, self.style) {
                Some((words, style, summary)) => Meaning::Done { words, style, summary },
                None => self.unsure(all),
            },
        }
    }

    fn unsure(&self, commands: &[Command]) -> Meaning {
        let choices: Vec<Choice> = commands.iter().filter_map(|command| reply::choice(command, self.words)).collect();
        match choices.is_empty() {
            true => Meaning::Cannot(not_understood(self.wish)),
            false => Meaning::Unsure { question: reply::question(self.wish), choices },
        }
    }
}

/// Whether a wish says that the last change is to be undone, and nothing else.
pub(crate) fn is_undo(wish: &str) -> bool {
    const UNDO: &str = "undo|undo that|undo it|undo this|undo the last change|go back|revert|revert that|take that back|rückgängig|mach das rückgängig|mach es rückgängig|rückgängig machen|\
        annule|annuler|annule ça|annulez|deshacer|deshaz|deshazlo|annulla|desfazer|ongedaan maken|geri al|cofnij|zpět|撤销|元に戻す|실행 취소|отмени|تراجع|בטל";
    let wish = wish.trim().trim_end_matches(['.', '!']).to_lowercase();
    UNDO.split('|').any(|undo| undo == wish)
}

#[cfg(test)]
mod tests;
