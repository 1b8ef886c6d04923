//! Finds a model's calls of tools in what it says.
//!
//! Models write a call as text, each family in a form of its own, which its template teaches it. Text that may become a
//! call is held back until that is clear.

use std::mem;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What marks a call in the form that most models learn (Nous' Hermes, Qwen).
pub(in crate::worker) const OPEN: &str = "<tool_call>";
pub(in crate::worker) const CLOSE: &str = "</tool_call>";

/// How an answer begins that is a call and nothing else, without its blanks: Llama 3 is taught to, and small models of
/// other families fall back on it, often within a fence.
const BARE: [&str; 6] =
    ["{\"name\":", "{\"type\":", "```json{\"name\":", "```json{\"type\":", "```{\"name\":", "```{\"type\":"];
/// What may stand before and, without its word, behind such an answer.
pub(in crate::worker) const FENCES: [&str; 2] = ["```json", "```"];

/// What may stand before a call's name, without its blanks.
const KINDS: [&str; 2] = ["", "\"type\":\"function\","];

/// How a model is taught to write its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::worker) enum Style {
    /// `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, any number of them, beside text.
    Marked,
    /// The whole answer is `{"name": …, "parameters": {…}}` (Llama 3).
    Bare,
}

/// A stretch of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::worker) enum Said {
    /// Words, and where they stand: bytes from the answer's beginning.
    Text {
        at: usize,
        text: String,
    },
    Call(Call),
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::worker) struct Call {
    /// Counted from 0.
    pub(super) index: u32,
    pub(super) id: String,
    pub(super) name: String,
    /// JSON.
    pub(super) arguments: String,
}

/// Tells calls from text, as it comes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::worker) struct Calls {
    style: Style,
    /// The functions that there are.
    names: Vec<String>,
    /// How an answer begins that is a call and nothing else, without its blanks.
    bare: Vec<String>,
    held: String,
    /// Where what is held begins: bytes from the answer's beginning.
    at: usize,
    /// Something has been passed on.
    has_spoken: bool,
    made: u32,
}

impl Calls {
    pub(in crate::worker) fn new(style: Style, names: Vec<String>) -> Self {
        let bare = BARE.iter().map(|&form| form.to_owned()).collect();
        Self { style, names, bare, held: String::new(), at: 0, has_spoken: false, made: 0 }
    }

    /// For calls that a grammar holds to their functions: an answer that is a call and nothing else has to begin as the grammar
    /// lets it, with one of the functions named at once.
    #[must_use]
    pub(in crate::worker) fn held(mut self) -> Self {
        let dense = |name: &String| without_blanks(&Value::from(name.as_str()).to_string());
        let named = |name| {
            let fences = FENCES.into_iter().chain([""]);
            fences.flat_map(move |fence| KINDS.map(|kind| format!("{fence}{{{kind}\"name\":{name}")))
        };
        self.bare = self.names.iter().map(dense).flat_map(|name| named(name).collect::<Vec<_>>()).collect();
        self
    }

    /// Whether a call was made.
    pub(super) fn any(&self) -> bool {
        self.made > 0
    }

    /// How many calls were made.
    #[cfg(test)]
    pub(in crate::worker) fn count(&self) -> u32 {
        self.made
    }

    pub(in crate::worker) fn hear(&mut self, text: &str) -> Vec<Said> {
        self.held.push_str(text);
        let mut said = Vec::new();
        if !self.has_spoken && !self.any() && self.may_be_bare() {
            return said;
        }
        match self.style {
            Style::Marked => while self.next_marked(&mut said) {},
            Style::Bare => self.speak(self.held.len(), &mut said),
        }
        said
    }

    /// What is left when the answer has ended: a call whose end is missing is one all the same.
    pub(in crate::worker) fn end(&mut self) -> Vec<Said> {
        let mut said = Vec::new();
        let whole = self.held.trim();
        let inner = FENCES.iter().find_map(|fence| whole.strip_prefix(fence)?.strip_suffix("```"));
        let inner = inner.or_else(|| whole.strip_prefix(OPEN)).unwrap_or(whole).to_owned();
        match self.call(&inner) {
            Some(call) => {
                self.let_go(self.held.len());
                said.push(Said::Call(call));
            }
            None if self.any() && self.held.trim().is_empty() => {}
            None => self.speak(self.held.len(), &mut said),
        }
        said
    }

    /// Whether an answer that begins like this may be a call.
    fn may_be_bare(&self) -> bool {
        let longest = self.bare.iter().map(String::len).max().unwrap_or_default();
        let dense = self.held.chars().filter(|character| !character.is_whitespace()).take(longest);
        let dense: String = dense.collect();
        self.bare.iter().any(|form| form.starts_with(&dense) || dense.starts_with(form))
    }

    /// Passes on the next stretch that is clear; false where none is.
    fn next_marked(&mut self, said: &mut Vec<Said>) -> bool {
        let Some(open) = self.held.find(OPEN) else {
            let clear = self.held.len() - possible_open(&self.held);
            self.speak(clear, said);
            return false;
        };
        // What stands between calls is the form's.
        let before = self.held[..open].trim_end().len();
        self.speak(before, said);
        self.let_go(self.held.len() - self.held.trim_start().len());
        let Some(close) = self.held.find(CLOSE) else { return false };
        let inner = self.held[OPEN.len()..close].to_owned();
        match self.call(&inner) {
            Some(call) => {
                self.let_go(close + CLOSE.len());
                said.push(Said::Call(call));
            }
            None => self.speak(close + CLOSE.len(), said),
        }
        true
    }

    fn speak(&mut self, length: usize, said: &mut Vec<Said>) {
        let at = self.at;
        let text = self.let_go(length);
        if !text.is_empty() {
            self.has_spoken = true;
            said.push(Said::Text { at, text });
        }
    }

    /// The first bytes of what is held, which are held no longer.
    fn let_go(&mut self, length: usize) -> String {
        self.at += length;
        let rest = self.held.split_off(length);
        mem::replace(&mut self.held, rest)
    }

    /// A call of a function that there is.
    fn call(&mut self, json: &str) -> Option<Call> {
        #[derive(Deserialize)]
        struct Written<'a> {
            name: String,
            #[serde(borrow, alias = "parameters")]
            arguments: Option<&'a RawValue>,
        }
        let Written { name, arguments } = serde_json::from_str(json.trim()).ok()?;
        let arguments = arguments.map_or("{}", RawValue::get);
        // Some write the arguments as OpenAI's form has them: JSON in a string.
        let arguments = serde_json::from_str(arguments).unwrap_or_else(|_| arguments.to_owned());
        if !self.names.contains(&name) {
            return None;
        }
        let index = self.made;
        self.made += 1;
        Some(Call { index, id: format!("call_{}", uuid::Uuid::now_v7().simple()), name, arguments })
    }
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// The length of the longest end of the text with which a call, or the blank before it, may begin.
fn possible_open(text: &str) -> usize {
    let most = (OPEN.len() - 1).min(text.len());
    let begun = (1..=most).rev().find(|&length| text.as_bytes().ends_with(&OPEN.as_bytes()[..length])).unwrap_or(0);
    text.len() - text[..text.len() - begun].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of these pieces: text as it is, a call as `name(arguments)`.
    fn heard(style: Style, pieces: &[&str]) -> Vec<String> {
        let mut calls = Calls::new(style, vec!["add".to_owned(), "now".to_owned()]);
        let mut said: Vec<_> = pieces.iter().flat_map(|piece| calls.hear(piece)).collect();
        said.extend(calls.end());
        let told = |said| match said {
            Said::Text { text, .. } => text,
            Said::Call(call) => format!("{}:{}({})", call.index, call.name, call.arguments),
        };
        said.into_iter().map(told).collect()
    }

    #[test]
    fn a_marked_call_is_found_however_it_is_cut() {
        let answer = "Let me see. \n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [2]}}\n</tool_call>\n<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>\n";
        let expected = ["Let me see.", "0:add({\"a\": 1, \"b\": [2]})", "1:now({})"];
        let joined = |pieces: &[&str]| {
            let said = heard(Style::Marked, pieces);
            let calls = said.len() - 2;
            [said[..calls].concat(), said[calls].clone(), said[calls + 1].clone()]
        };
        assert_eq!(joined(&[answer]), expected);
        for at in 1..answer.len() {
            assert_eq!(joined(&[&answer[..at], &answer[at..]]), expected, "{at}");
        }
        let bytes: Vec<_> = (0..answer.len()).map(|at| &answer[at..=at]).collect();
        assert_eq!(joined(&bytes), expected);
    }

    #[test]
    fn an_answer_that_is_a_call_alone_is_found_however_it_is_cut() {
        let answer = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
        for at in 1..answer.len() {
            assert_eq!(heard(Style::Marked, &[&answer[..at], &answer[at..]]), ["0:now({})"], "{at}");
        }
        let bytes: Vec<_> = (0..answer.len()).map(|at| &answer[at..=at]).collect();
        assert_eq!(heard(Style::Marked, &bytes), ["0:now({})"]);
    }

    #[test]
    fn what_only_looked_like_a_call_is_text() {
        for pieces in [
            &["a <tool", "box> b"][..],
            &["a <"],
            &["<tool_call>not json</tool_call> b"],
            &["<tool_call>{\"name\": \"rob\", \"arguments\": {}}</tool_call>"],
            &["<tool_call>{\"name\": \"add\", \"argu"],
            &["line\n\n", "line\n"],
        ] {
            assert_eq!(heard(Style::Marked, pieces).concat(), pieces.concat());
        }
        assert_eq!(heard(Style::Bare, &["{\"a\"", ": 1}"]).concat(), "{\"a\": 1}");
        assert_eq!(heard(Style::Bare, &["Yes", " {"]), ["Yes", " {"]);
        let example = ["Like this:\n", "{\"name\": \"now\"}"];
        assert_eq!(heard(Style::Marked, &example).concat(), example.concat());
    }

    #[test]
    fn text_is_held_no_longer_than_it_may_become_a_call() {
        let mut calls = Calls::new(Style::Marked, Vec::new());
        assert_eq!(calls.hear("one <to"), [Said::Text { at: 0, text: "one".to_owned() }]);
        assert_eq!(calls.hear("p>"), [Said::Text { at: 3, text: " <top>".to_owned() }]);
    }

    #[test]
    fn words_stand_where_the_answer_has_them() {
        let answer = "One.\n<tool_call>{\"name\": \"now\"}</tool_call>\n two <tool_call>x</tool_call>";
        let mut calls = Calls::new(Style::Marked, vec!["now".to_owned()]);
        let mut said = calls.hear(answer);
        said.extend(calls.end());
        let mut words = Vec::new();
        for said in said {
            let Said::Text { at, text } = said else { continue };
            assert_eq!(&answer[at..at + text.len()], text);
            words.push(text);
        }
        assert_eq!(words.concat(), "One.\n two<tool_call>x</tool_call>");
    }

    #[test]
    fn a_call_without_its_end_and_a_bare_one_count() {
        assert_eq!(heard(Style::Marked, &["<tool_call>\n{\"name\": \"now\"}"]), ["0:now({})"]);
        for style in [Style::Marked, Style::Bare] {
            let fenced = ["```js", "on\n{\n  \"name\": \"add\", \"arguments\": {\"a\": 1}}\n`", "``"];
            assert_eq!(heard(style, &fenced), ["0:add({\"a\": 1})"]);
            assert_eq!(heard(style, &["```json\n{\"a\"", ": 1}\n```"]).concat(), "```json\n{\"a\": 1}\n```");
        }
        let bare = ["\n{\"name\": \"add\",", " \"parameters\": {\"a\": 1}}"];
        assert_eq!(heard(Style::Bare, &bare), ["0:add({\"a\": 1})"]);
        let string = ["<tool_call>{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>"];
        assert_eq!(heard(Style::Marked, &string), ["0:add({\"a\": 1})"]);
    }
}
