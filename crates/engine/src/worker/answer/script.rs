//! What is said when in the stream of one choice.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use wire::Form;

use super::among::Among;
use super::calls::{Calls, Said};
use super::logprobs::Written;
use super::usage::Usage;
use super::whole::without_first;
use super::{Echo, Head, Made, finish_reason};
use crate::model::{Done, Logprob, Output};

/// What the chunks of all choices have in common.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) head: Head,
    pub(super) include_usage: bool,
}

/// One choice.
#[derive(Debug)]
pub(super) struct Script {
    index: usize,
    calls: Option<Calls>,
    echo: Option<Echo>,
    tokens: Option<Tokens>,
}

/// What is told of the choice's tokens.
#[derive(Debug, Default)]
struct Tokens {
    written: Written,
    among: Among,
}

#[derive(Serialize)]
struct Chunk<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: C,
    /// Absent where the client did not ask for it; `null` in all chunks but the last where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: usize,
    #[serde(flatten)]
    content: Content<'a>,
    logprobs: Option<Value>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Content<'a> {
    Delta(Delta<'a>),
    Text(&'a str),
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Made<'a>; 1]>,
}

impl Sheet {
    /// The last chunk but one, where the client asked for it.
    pub(super) fn usage(&self, usage: Usage) -> Bytes {
        self.event::<[Choice<'_>; 0]>([], Some(Some(usage)))
    }

    fn choice(&self, choice: Choice<'_>) -> Bytes {
        self.event([choice], self.include_usage.then_some(None))
    }

    fn content<'a>(&self, text: &'a str) -> Content<'a> {
        match self.head.form {
            Form::Chat => Content::Delta(Delta { content: Some(text), ..Delta::default() }),
            Form::Text => Content::Text(text),
        }
    }

    fn nothing(&self) -> Content<'static> {
        match self.head.form {
            Form::Chat => Content::Delta(Delta::default()),
            Form::Text => Content::Text(""),
        }
    }

    fn event<C: Serialize>(&self, choices: C, usage: Option<Option<Usage>>) -> Bytes {
        let Head { form, id, created, model } = &self.head;
        let object = match form {
            Form::Chat => "chat.completion.chunk",
            Form::Text => "text_completion",
        };
        let chunk = Chunk { id, object, created: *created, model, choices, usage };
        let json = serde_json::to_vec(&chunk).expect("strings and numbers are always JSON");
        wire::sse::data(&json)
    }
}

impl Script {
    pub(super) fn new(index: usize, calls: Option<Calls>, echo: Option<&Echo>, logprobs: bool) -> Self {
        Self { index, calls, echo: echo.cloned(), tokens: logprobs.then(Tokens::default) }
    }

    /// A chat begins with who speaks; a text with nothing, or its prompt, which waits where its tokens are told.
    pub(super) fn begin(&self, sheet: &Sheet) -> Option<Bytes> {
        let content = match (sheet.head.form, &self.echo) {
            (Form::Chat, _) => Content::Delta(Delta { role: Some("assistant"), content: Some(""), tool_calls: None }),
            (Form::Text, Some(echo)) if self.tokens.is_none() => Content::Text(&echo.text),
            (Form::Text, _) => return None,
        };
        Some(self.choice(sheet, content, None, None))
    }

    /// Tells anything but the end.
    pub(super) fn tell(&mut self, sheet: &Sheet, said: Output, queued: &mut VecDeque<Bytes>) {
        match said {
            Output::Reading { done, total } => {
                queued.push_back(wire::sse::comment(&format!("reading {done}/{total}")));
            }
            Output::Prompt(prompt) => {
                let Echo { text, unsaid } = self.echo.take().unwrap_or_default();
                self.hold(without_first(&prompt[unsaid.min(prompt.len())..]));
                self.say(sheet, &text, queued);
            }
            Output::Logprobs(tokens) => self.hold(tokens),
            Output::Text(text) => self.say(sheet, &text, queued),
            Output::Done(_) | Output::Failed(_) => {}
        }
    }

    pub(super) fn end(&mut self, sheet: &Sheet, done: &Done, queued: &mut VecDeque<Bytes>) {
        let rest = self.calls.as_mut().map(Calls::end).unwrap_or_default();
        self.pass_on(sheet, &rest, queued);
        let called = self.calls.as_ref().is_some_and(Calls::any);
        let reason = finish_reason(done.finish, called);
        let logprobs = self.told(sheet.head.form, if self.calls.is_some() { Among::rest } else { Among::all });
        queued.push_back(self.choice(sheet, sheet.nothing(), logprobs, Some(reason)));
    }

    fn hold(&mut self, more: Vec<Logprob>) {
        if let Some(tokens) = &mut self.tokens {
            tokens.among.hold(more);
        }
    }

    fn say(&mut self, sheet: &Sheet, text: &str, queued: &mut VecDeque<Bytes>) {
        if let Some(calls) = &mut self.calls {
            let said = calls.hear(text);
            return self.pass_on(sheet, &said, queued);
        }
        let logprobs = self.told(sheet.head.form, Among::all);
        queued.push_back(self.choice(sheet, sheet.content(text), logprobs, None));
    }

    fn pass_on(&mut self, sheet: &Sheet, said: &[Said], queued: &mut VecDeque<Bytes>) {
        for said in said {
            let (content, logprobs) = match said {
                Said::Text { at, text } => {
                    let logprobs = self.told(sheet.head.form, |among| among.of_words(*at, text.len()));
                    (sheet.content(text), logprobs)
                }
                Said::Call(call) => {
                    let made = Made { index: Some(call.index), ..Made::from(call) };
                    (Content::Delta(Delta { tool_calls: Some([made]), ..Delta::default() }), None)
                }
            };
            queued.push_back(self.choice(sheet, content, logprobs, None));
        }
    }

    /// What is told of those tokens that are taken from among the ones that wait.
    fn told(&mut self, form: Form, take: impl FnOnce(&mut Among) -> Vec<Logprob>) -> Option<Value> {
        let Tokens { written, among } = self.tokens.as_mut()?;
        let tokens = take(among);
        (!tokens.is_empty()).then(|| written.write(form, &tokens))
    }

    fn choice(
        &self,
        sheet: &Sheet,
        content: Content<'_>,
        logprobs: Option<Value>,
        finish_reason: Option<&'static str>,
    ) -> Bytes {
        sheet.choice(Choice { index: self.index, content, logprobs, finish_reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Drafted, Finish, Timings};
    use crate::worker::answer::Style;
    use serde_json::json;

    fn sheet(form: Form, include_usage: bool) -> Sheet {
        Sheet { head: Head::new(form, "tiny"), include_usage }
    }

    fn spoken(sheet: &Sheet, mut script: Script, said: Vec<Output>) -> Vec<String> {
        let mut queued: VecDeque<Bytes> = script.begin(sheet).into_iter().collect();
        for said in said {
            match said {
                Output::Done(done) => script.end(sheet, &done, &mut queued),
                said => script.tell(sheet, said, &mut queued),
            }
        }
        queued.iter().map(|event| String::from_utf8_lossy(event).into_owned()).collect()
    }

    fn told(form: Form, include_usage: bool, said: Vec<Output>) -> Vec<String> {
        spoken(&sheet(form, include_usage), Script::new(0, None, None, false), said)
    }

    fn json_of(event: &str) -> Value {
        let data = event.strip_prefix("data: ").expect("a data line");
        serde_json::from_str(data).expect("JSON")
    }

    fn done() -> Output {
        let (prompt_tokens, cached_tokens, completion_tokens) = (12, 5, 3);
        let timings = Timings::default();
        Output::Done(Done {
            finish: Finish::Length,
            prompt_tokens,
            cached_tokens,
            completion_tokens,
            timings,
            batch: 0,
            drafts: Drafted::default(),
        })
    }

    #[test]
    fn a_chat_begins_with_its_role_and_ends_with_its_reason() {
        let events = told(Form::Chat, true, vec![Output::Text("<p>\n".to_owned()), done()]);
        let [role, text, end] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(json_of(role)["choices"][0]["delta"]["role"], "assistant");
        assert_eq!(json_of(text)["choices"][0]["delta"], json!({"content": "<p>\n"}));
        assert_eq!(json_of(text)["usage"], Value::Null);
        assert_eq!(json_of(text)["object"], "chat.completion.chunk");
        assert_eq!(json_of(end)["choices"][0]["finish_reason"], "length");
    }

    #[test]
    fn usage_counts_a_prompt_once_and_all_that_was_answered_and_guessed() {
        let Output::Done(done) = done() else { panic!("an end") };
        let drafts = Drafted { tokens: 16, accepted: 9, near_ties: 1 };
        let mut usage = Usage::default();
        usage.count(&done, true);
        let plain = json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 5}});
        assert_eq!(json!(usage), plain);
        usage.count(&Done { drafts, ..done.clone() }, false);
        usage.count(&Done { drafts, ..done }, true);
        let cost = json!({"prompt_tokens": 24, "completion_tokens": 9, "total_tokens": 33,
            "prompt_tokens_details": {"cached_tokens": 10},
            "completion_tokens_details": {"draft_tokens": 32, "draft_accepted": 18, "near_ties": 2}});
        let chunk = sheet(Form::Text, true).usage(usage);
        let chunk = json_of(&String::from_utf8_lossy(&chunk));
        assert_eq!((&chunk["choices"], &chunk["usage"]), (&json!([]), &cost));
    }

    #[test]
    fn nobody_gets_usage_unasked() {
        let events = told(Form::Chat, false, vec![done()]);
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| !event.contains("usage")));
    }

    #[test]
    fn a_call_of_a_tool_is_an_event_of_its_own_and_the_reason_of_the_end() {
        let calls = Some(Calls::new(Style::Marked, vec!["now".to_owned()]));
        let text = "Wait.\n<tool_call>{\"name\": \"now\", \"arguments\": {\"zone\": \"UTC\"}}</tool_call>".to_owned();
        let Output::Done(done) = done() else { unreachable!("that is what it is") };
        let done = Done { finish: Finish::Stop, ..done };
        let script = Script::new(1, calls, None, false);
        let events = spoken(&sheet(Form::Chat, false), script, vec![Output::Text(text), Output::Done(done)]);
        assert_eq!(json_of(&events[1])["choices"][0]["delta"], json!({"content": "Wait."}));
        assert_eq!(json_of(&events[1])["choices"][0]["index"], 1);
        let call = &json_of(&events[2])["choices"][0]["delta"]["tool_calls"][0];
        assert!(call["id"].as_str().is_some_and(|id| id.starts_with("call_")), "{call}");
        assert_eq!((&call["index"], &call["type"]), (&json!(0), &json!("function")));
        assert_eq!(call["function"], json!({"name": "now", "arguments": "{\"zone\": \"UTC\"}"}));
        assert_eq!(json_of(&events[3])["choices"][0]["finish_reason"], "tool_calls");
    }

    fn weighed(words: &[&str]) -> Vec<Logprob> {
        let token = |word: &&str| Logprob {
            bytes: word.as_bytes().to_vec(),
            logprob: Some(-0.5),
            top: Vec::new(),
            shown: word.len(),
        };
        words.iter().map(token).collect()
    }

    #[test]
    fn tokens_are_told_with_the_text_that_they_say() {
        let said = vec![
            Output::Prompt(weighed(&["<s>", "once", " upon"])),
            Output::Logprobs(weighed(&[" a"])),
            Output::Text(" a".to_owned()),
            Output::Logprobs(weighed(&["<|sep|>"])),
            done(),
        ];
        let echo = Echo { text: "once upon".to_owned(), unsaid: 1 };
        let events = spoken(&sheet(Form::Text, false), Script::new(0, None, Some(&echo), true), said);
        let choices: Vec<_> = events.iter().map(|event| json_of(event)["choices"][0].clone()).collect();
        let tokens: Vec<_> = choices.iter().map(|choice| choice["logprobs"]["tokens"].clone()).collect();
        assert_eq!(tokens, [json!(["once", " upon"]), json!([" a"]), json!(["<|sep|>"])]);
        assert_eq!(choices[0]["text"], "once upon");
        assert_eq!(choices[0]["logprobs"]["token_logprobs"], json!([null, -0.5]));
        assert_eq!(choices[1]["logprobs"]["text_offset"], json!([9]));
        assert_eq!(choices[2]["finish_reason"], "length");
    }

    #[test]
    fn beside_tools_the_tokens_of_words_are_told_and_those_of_calls_are_not() {
        let calls = Some(Calls::new(Style::Marked, vec!["now".to_owned()]));
        let said = vec![
            Output::Logprobs(weighed(&["Wait", ".", "<tool_call>", "{\"name\": ", "\"now\"}", "</tool_call>"])),
            Output::Text("Wait.<tool_call>{\"name\": \"now\"}</tool_call>".to_owned()),
            done(),
        ];
        let events = spoken(&sheet(Form::Chat, false), Script::new(0, calls, None, true), said);
        let choices: Vec<_> = events.iter().map(|event| json_of(event)["choices"][0].clone()).collect();
        let tokens = choices[1]["logprobs"]["content"].as_array().expect("tokens");
        let tokens: Vec<_> = tokens.iter().map(|token| token["token"].as_str().expect("a text")).collect();
        assert_eq!((tokens, &choices[1]["delta"]["content"]), (vec!["Wait", "."], &json!("Wait.")));
        assert!(choices[2]["delta"]["tool_calls"].is_array(), "{choices:?}");
        assert!(choices[2..].iter().all(|choice| choice["logprobs"].is_null()), "{choices:?}");
    }

    #[test]
    fn an_echo_comes_first() {
        let echo = Echo { text: "once".to_owned(), unsaid: 0 };
        let events = spoken(&sheet(Form::Text, false), Script::new(0, None, Some(&echo), false), vec![done()]);
        assert_eq!(json_of(&events[0])["choices"][0]["text"], "once");
    }

    #[test]
    fn a_text_has_no_role() {
        let events = told(Form::Text, false, vec![Output::Text("once".to_owned()), done()]);
        assert_eq!(json_of(&events[0])["choices"][0]["text"], "once");
        assert_eq!(json_of(&events[0])["object"], "text_completion");
        assert_eq!(json_of(&events[1])["choices"][0]["finish_reason"], "length");
    }

    #[test]
    fn reading_a_prompt_is_a_comment() {
        let events = told(Form::Text, false, vec![Output::Reading { done: 512, total: 4096 }]);
        assert_eq!(events[0].trim_end(), ": reading 512/4096");
    }
}
