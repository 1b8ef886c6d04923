//! Where an answer begins when some of it was already said: after a prefill, or after a request to repeat the last
//! words and go on.

use crate::ask::{Ask, Form, Message};
use crate::text::{Text, token_after};

/// How many of the last words are repeated where the request does not quote the ones it means.
const REPEATED_WORDS: u32 = 8;

/// The first word to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Start {
    pub(crate) word: u32,
    /// Whether white space belongs before it, since the text so far ends in a word.
    pub(crate) space: bool,
}

impl Start {
    /// Nothing was said yet.
    pub(crate) const ANEW: Start = Start { word: 1, space: false };

    fn after(text: &str, trims: bool) -> Option<Start> {
        let last = last_run(text)?.last;
        let space = trims || !text.ends_with(char::is_whitespace);
        Some(Start { word: last.saturating_add(1), space })
    }
}

/// Reads from the end of the request where its answer begins. A model that `trims` does not see white space at the end of
/// what was said, and says it again.
pub(crate) fn start(form: Form, ask: &Ask<'_>, trims: bool) -> Start {
    let start = match form {
        Form::Text => ask.prompt().and_then(|prompt| Start::after(&prompt, trims)),
        Form::Chat => ask.messages.last.as_ref().and_then(|last| {
            let text = last.text();
            if last.is_from_assistant() {
                Start::after(&text, trims)
            } else {
                repeated(&text, ask.messages.before.as_ref())
            }
        }),
    };
    start.unwrap_or(Start::ANEW)
}

/// As [`start`], in a fixed text.
pub(crate) fn start_in(text: Text, form: Form, ask: &Ask<'_>, trims: bool) -> Start {
    let tokens = text.tokens();
    let after = |said: &str| token_after(if trims { said.trim_end() } else { said }, &tokens);
    let next = match form {
        Form::Text => None,
        Form::Chat => ask.messages.last.as_ref().and_then(|last| {
            if last.is_from_assistant() {
                return after(&last.text());
            }
            let asks_to_repeat = last.text().to_ascii_lowercase().contains("repeat");
            let said = ask.messages.before.as_ref().filter(|before| asks_to_repeat && before.is_from_assistant())?;
            Some((after(&said.text())?.0.saturating_sub(REPEATED_WORDS).max(1), false))
        }),
    };
    next.map_or(Start::ANEW, |(word, space)| Start { word, space })
}

/// The words, whatever they are, that the request asks to repeat.
pub(crate) fn quoted(ask: &Ask<'_>) -> Option<String> {
    let last = ask.messages.last.as_ref().filter(|last| !last.is_from_assistant())?.text();
    let asks_to_repeat = last.to_ascii_lowercase().contains("repeat");
    let (first, last_mark) = (last.find('"')?, last.rfind('"')?);
    (asks_to_repeat && first < last_mark).then(|| last[first + 1..last_mark].to_owned())
}

/// The words that the request quotes, or else the end of the assistant's message before it.
fn repeated(request: &str, before: Option<&Message<'_>>) -> Option<Start> {
    if !request.to_ascii_lowercase().contains("repeat") {
        return None;
    }
    if let Some(quoted) = last_run(request) {
        return Some(Start { word: quoted.first, space: false });
    }
    let said = last_run(&before.filter(|message| message.is_from_assistant())?.text())?;
    let first = said.last.saturating_sub(REPEATED_WORDS - 1).max(said.first);
    Some(Start { word: first, space: false })
}

/// Numbered words that follow each other.
struct Run {
    first: u32,
    last: u32,
}

fn last_run(text: &str) -> Option<Run> {
    let mut run: Option<Run> = None;
    for number in text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(number) {
        match &mut run {
            Some(run) if run.last.checked_add(1) == Some(number) => run.last = number,
            _ => run = Some(Run { first: number, last: number }),
        }
    }
    run
}

fn number(word: &str) -> Option<u32> {
    word.strip_prefix('w')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start_of(messages: &str) -> Start {
        let body = format!(r#"{{"model":"ok","messages":{messages}}}"#);
        start(Form::Chat, &Ask::read(body.as_bytes()).unwrap(), false)
    }

    #[test]
    fn an_ordinary_request_starts_at_the_first_word() {
        assert_eq!(start_of(r#"[{"role":"user","content":"w3 w4"}]"#), Start::ANEW);
        assert_eq!(start_of("[]"), Start::ANEW);
    }

    #[test]
    fn a_prefill_is_carried_on() {
        let prefill = |text: &str| start_of(&format!(r#"[{{"role":"assistant","content":"{text}"}}]"#));
        assert_eq!(prefill("w1 w2 w40"), Start { word: 41, space: true });
        assert_eq!(prefill("w1 w2 "), Start { word: 3, space: false });
        assert_eq!(prefill(""), Start::ANEW);
    }

    #[test]
    fn quoted_words_are_repeated() {
        let request = r#"[{"role":"user","content":"You said w1 before. Repeat «w38 w39 w40», then go on."}]"#;
        assert_eq!(start_of(request), Start { word: 38, space: false });
    }

    #[test]
    fn without_a_quote_the_end_of_the_last_answer_is_repeated() {
        let request = r#"[{"role":"assistant","content":"w1 w2 w3 w4 w5 w6 w7 w8 w9 w10"},
            {"role":"user","content":"repeat your last words and go on"}]"#;
        assert_eq!(start_of(request), Start { word: 3, space: false });
    }

    #[test]
    fn a_text_prompt_is_carried_on() {
        let ask = Ask::read(br#"{"model":"ok","prompt":"Say it. w1 w2"}"#).unwrap();
        assert_eq!(start(Form::Text, &ask, false), Start { word: 3, space: true });
    }
}
