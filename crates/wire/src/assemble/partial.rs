//! What an answer says as far as it has been put together, for those who must judge it.

use serde_json::Value;
use serde_json::value::RawValue;

use super::Assembler;
use crate::chunk::{Finish, FinishMember};

/// One choice of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialChoice<'a> {
    /// Its text: a message's content, or a completion's text. Reasoning is no text.
    pub text: &'a str,
    /// The model's own refusal, where it put it apart from the text.
    pub refusal: &'a str,
    /// Whether it calls a tool.
    pub tool_call: bool,
    /// Why it ended, where it said so.
    pub finish: Option<Finish>,
}

impl Assembler {
    /// Each choice as far as it has come, by its index.
    pub fn choices(&self) -> impl Iterator<Item = PartialChoice<'_>> {
        self.choices.iter().map(|choice| {
            let text = |name: &str| choice.message.get(name).and_then(Value::as_str);
            let calls = |name: &str| choice.message.get(name).is_some_and(|calls| !calls.is_null());
            let finish = choice.kept.get("finish_reason").map(RawValue::get);
            PartialChoice {
                text: choice.text.as_str().or_else(|| text("content")).unwrap_or_default(),
                refusal: text("refusal").unwrap_or_default(),
                tool_call: calls("tool_calls") || calls("function_call"),
                finish: finish.and_then(|reason| serde_json::from_str::<FinishMember>(reason).ok()?.0),
            }
        })
    }

    /// Lets go of what it says that it cost: others carry it on, and say what all of it did.
    pub fn forget_usage(&mut self) {
        self.head.remove("usage");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;

    #[test]
    fn each_choice_is_read_as_far_as_it_has_come() {
        let mut chat = Assembler::new(Form::Chat);
        chat.push(br#"{"choices":[{"index":0,"delta":{"reasoning_content":"hm","content":"a"}}]}"#);
        chat.push(br#"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":null}]}"#);
        chat.push(br#"{"choices":[{"index":1,"delta":{"tool_calls":[{"index":0}]},"finish_reason":"length"}]}"#);
        let read: Vec<_> = chat.choices().map(|choice| (choice.text, choice.tool_call, choice.finish)).collect();
        assert_eq!(read, [("ab", false, None), ("", true, Some(Finish::Length))]);
        let mut text = Assembler::new(Form::Text);
        text.push(br#"{"choices":[{"index":0,"text":"once","finish_reason":"stop"}]}"#);
        let read: Vec<_> = text.choices().map(|choice| (choice.text, choice.finish)).collect();
        assert_eq!(read, [("once", Some(Finish::Stop))]);
    }

    #[test]
    fn a_whole_answer_is_read_as_one_chunk() {
        let mut whole = Assembler::new(Form::Chat);
        whole.push(
            br#"{"choices":[{"index":0,"message":{"content":"a","refusal":"no"},"finish_reason":"max_tokens"}]}"#,
        );
        let choice = whole.choices().next().expect("a choice");
        assert_eq!((choice.text, choice.refusal, choice.finish), ("a", "no", Some(Finish::Length)));
    }

    #[test]
    fn a_usage_that_is_let_go_of_is_not_told() {
        let mut answer = Assembler::new(Form::Text);
        answer.push(br#"{"id":"a","choices":[{"text":"a"}],"usage":{"total_tokens":7}}"#);
        answer.forget_usage();
        let body: Value = serde_json::from_slice(&answer.finish().expect("an answer")).expect("JSON");
        assert_eq!((&body["id"], &body["usage"]), (&"a".into(), &Value::Null));
    }
}
