//! What a model is asked: the commands that there are, worked examples on two pages, then the page and the wish. All but the last
//! message is the same for every wish, so that an engine keeps it.

use kit::{Message, Role, Spot, Words};

use super::targets::Targets;

const SYSTEM: &str = include_str!("prompt/system.md");
/// A page, then each wish on it with its commands, divided by lines of `---`.
const EXAMPLES: [&str; 2] = [include_str!("prompt/cafe.md"), include_str!("prompt/photographer.md")];

/// What every such prompt begins with.
pub(crate) fn start() -> Vec<Message> {
    let mut messages = vec![message(Role::System, SYSTEM.trim_end())];
    for example in EXAMPLES {
        let mut parts = example.split("---\n");
        let mut page = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (wish, commands) = part.split_once('\n').unwrap_or((part, ""));
            messages.push(message(Role::User, format!("{page}{wish}")));
            messages.push(message(Role::Assistant, commands.trim_end()));
            page.clear();
        }
    }
    messages
}

pub(super) fn messages(words: &Words, targets: &Targets, wish: &str, wrong: Option<&str>) -> Vec<Message> {
    let note = wrong.map(|wrong| format!(" ({wrong})")).unwrap_or_default();
    let mut messages = start();
    messages.push(message(Role::User, format!("{}\nWish: {}{note}", targets.shown(words), wish.trim())));
    messages
}

/// One to three commands whose targets are the page's own.
pub(super) fn grammar(targets: &Targets) -> String {
    let any = |is_one: fn(Option<Spot>) -> bool| {
        let names: Vec<String> = targets.names(is_one).map(quoted).collect();
        names.join(" | ")
    };
    let is_named = |spot: Option<Spot>| matches!(spot, Some(Spot::Name | Spot::Section(_) | Spot::Line(..)));
    let is_section = |spot: Option<Spot>| matches!(spot, None | Some(Spot::Section(_)));
    format!(
        include_str!("prompt/commands.gbnf"),
        target = any(|_| true),
        named = any(is_named),
        section = any(is_section)
    )
}

/// A string of GBNF.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn message(role: Role, content: impl Into<String>) -> Message {
    Message { role, content: content.into().into() }
}
