//! A request as a tier gets it: the caller's own bytes, with a few values put in the place of others.

use std::ops::Range;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::form::Form;
use crate::request::{BoundName, Request, Segments};

/// What a tier is told that the caller did not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rewrite<'a> {
    /// The tier's own model.
    pub model: &'a str,
    /// Asks for a stream, though the caller wants a whole answer.
    pub as_stream: bool,
    /// Asks a stream to tell its usage, whether the caller wants that or not.
    pub tell_usage: bool,
    /// A lower bound on the answer than the caller's, in tokens.
    pub max_tokens: Option<u32>,
    /// The name of a bound that the caller has not given.
    pub bound: Option<BoundName>,
    /// Asks for reports of how much of the prompt has been read, for llama.cpp's server. Goes unheeded where the caller
    /// speaks of them.
    pub report_progress: bool,
    /// What was said of the answer already, and is to be carried on. Goes unheeded where
    /// [`Request::can_be_carried_on`] says no.
    pub carry_on: Option<CarryOn<'a>>,
    /// How hard a model that reasons is to think, as `reasoning_effort`. Goes unheeded where the caller speaks of it.
    pub effort: Option<&'a str>,
    /// A grammar that the answer is to be of, in llama.cpp's form (GBNF, its server's member `grammar`).
    pub grammar: Option<&'a str>,
}

/// Members by which callers say how hard a model is to think: OpenAI's, OpenRouter's, Z.ai's and Anthropic's, Groq's, vLLM's.
const EFFORT: [&str; 6] =
    ["reasoning_effort", "reasoning", "thinking", "include_reasoning", "reasoning_format", "chat_template_kwargs"];

/// The beginning of an answer that is to be carried on.
#[derive(Clone, Copy, Debug)]
pub struct CarryOn<'a> {
    /// What was said: put behind the messages as the assistant's last, or behind a text prompt.
    pub said: &'a str,
    /// What shows the tier that this is unfinished.
    pub by: CarryOnBy<'a>,
}

/// What shows a tier that the last message is an answer to go on with.
#[derive(Clone, Copy, Debug)]
pub enum CarryOnBy<'a> {
    /// The message itself, as the assistant's.
    Message,
    /// `continue_final_message`, with `add_generation_prompt` false.
    ContinueFinalMessage,
    /// `prefix` in the message.
    Prefix,
    /// What the user says to it, for a tier that does not carry on an assistant's message by itself.
    Request(&'a str),
}

/// A value and the place that it takes; an empty place is one between others.
struct Edit {
    place: Range<usize>,
    text: String,
}

impl Request {
    /// The body that a tier gets: every byte of the caller's but those that `rewrite` names, in their order.
    #[must_use]
    pub fn rewritten(&self, rewrite: &Rewrite<'_>) -> Segments {
        let mut edits = Vec::with_capacity(4);
        let model = Value::from(rewrite.model).to_string();
        edits.push(self.edit("model", self.members.model.as_ref(), model));
        if rewrite.as_stream {
            edits.push(self.edit("stream", self.members.stream.as_ref(), "true".to_owned()));
        }
        if rewrite.tell_usage {
            let options = self.members.stream_options.as_ref();
            edits.push(self.edit("stream_options", options, self.options_with_usage()));
        }
        if rewrite.report_progress && !self.speaks_of_progress() {
            edits.push(self.edit("return_progress", None, "true".to_owned()));
        }
        if let Some(effort) = rewrite.effort.filter(|_| self.leaves_effort_open()) {
            edits.push(self.edit("reasoning_effort", None, Value::from(effort).to_string()));
        }
        if let Some(grammar) = rewrite.grammar {
            edits.push(self.edit("grammar", None, Value::from(grammar).to_string()));
        }
        if let Some(bound) = rewrite.max_tokens {
            let (old, new) = (self.members.max_tokens.as_ref(), self.members.max_completion_tokens.as_ref());
            if old.is_some() || new.is_none() {
                let name = rewrite.bound.filter(|_| old.is_none()).unwrap_or(BoundName::MaxTokens);
                edits.push(self.edit(name.as_str(), old, bound.to_string()));
            }
            if new.is_some() {
                edits.push(self.edit("max_completion_tokens", new, bound.to_string()));
            }
        }
        if let (Some(carry_on), Some(end)) = (rewrite.carry_on, self.members.prompt_end) {
            edits.push(Edit { place: end..end, text: self.addition(carry_on) });
            if matches!((carry_on.by, self.form()), (CarryOnBy::ContinueFinalMessage, Form::Chat)) {
                edits.push(self.edit("add_generation_prompt", None, "false".to_owned()));
                edits.push(self.edit("continue_final_message", None, "true".to_owned()));
            }
        }
        edits.sort_by_key(|edit| edit.place.start);
        self.apply(edits)
    }

    /// Whether the caller says nothing of how hard the model is to think, in any of the forms that providers take.
    fn leaves_effort_open(&self) -> bool {
        self.form() == Form::Chat && !EFFORT.iter().any(|member| self.has_member(member))
    }

    /// Puts `value` where the member's stands, or the member behind the brace that opens the body.
    fn edit(&self, name: &str, place: Option<&Range<usize>>, value: String) -> Edit {
        match place {
            Some(place) => Edit { place: place.clone(), text: value },
            None => {
                let start = memchr::memchr(b'{', &self.body).map_or(0, |brace| brace + 1);
                Edit { place: start..start, text: format!("\"{name}\":{value},") }
            }
        }
    }

    /// What is added to the prompt.
    fn addition(&self, CarryOn { said, by }: CarryOn<'_>) -> String {
        match self.form() {
            Form::Text => {
                let text = Value::from(said).to_string();
                text[1..text.len() - 1].to_owned()
            }
            Form::Chat => {
                let answer = json!({ "role": "assistant", "content": said });
                match by {
                    CarryOnBy::Message | CarryOnBy::ContinueFinalMessage => format!(",{answer}"),
                    CarryOnBy::Prefix => {
                        format!(",{}", json!({ "role": "assistant", "content": said, "prefix": true }))
                    }
                    CarryOnBy::Request(words) => format!(",{answer},{}", json!({ "role": "user", "content": words })),
                }
            }
        }
    }

    fn options_with_usage(&self) -> String {
        let own = self.members.stream_options.clone().map(|place| &self.body[place]);
        let mut options: Map<String, Value> = own.and_then(|own| serde_json::from_slice(own).ok()).unwrap_or_default();
        options.insert("include_usage".to_owned(), Value::Bool(true));
        Value::Object(options).to_string()
    }

    fn apply(&self, edits: Vec<Edit>) -> Segments {
        let mut segments = Segments::default();
        let mut from = 0;
        for Edit { place, text } in edits {
            segments.push(self.body.slice(from..place.start));
            segments.push(Bytes::from(text));
            from = place.end;
        }
        segments.push(self.body.slice(from..));
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rewrite<'_> = Rewrite {
        model: "m",
        as_stream: false,
        tell_usage: false,
        max_tokens: None,
        bound: None,
        report_progress: false,
        carry_on: None,
        effort: None,
        grammar: None,
    };

    fn rewritten(body: &str, rewrite: &Rewrite<'_>) -> String {
        let request = Request::parse(Form::Chat, Bytes::copy_from_slice(body.as_bytes())).expect(body);
        String::from_utf8(request.rewritten(rewrite).concat().to_vec()).expect("text")
    }

    #[test]
    fn a_grammar_is_added_as_one_string() {
        let rewrite = Rewrite { grammar: Some("root ::= \"a\\n\""), ..PLAIN };
        let body = rewritten(r#"{"messages":[{}]}"#, &rewrite);
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body["grammar"], "root ::= \"a\\n\"");
    }

    #[test]
    fn every_byte_but_the_models_stays() {
        let body = r#"{ "messages" : [ {"role":"user","content":"é \u00e9"} ],"model":"auto" ,"x":1e5, "x y":[ ] }"#;
        assert_eq!(rewritten(body, &PLAIN), body.replace("\"auto\"", "\"m\""));
    }

    #[test]
    fn nothing_of_the_body_is_copied() {
        let body = Bytes::from_static(br#"{"model":"auto","messages":[{}]}"#);
        let request = Request::parse(Form::Chat, body.clone()).expect("well formed");
        let pieces: Vec<Bytes> = request.rewritten(&PLAIN).into_iter().collect();
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces[0].as_ptr(), body.as_ptr());
    }

    #[test]
    fn a_request_without_a_model_is_given_one() {
        assert_eq!(rewritten(r#" {"messages":[{}]}"#, &PLAIN), r#" {"model":"m","messages":[{}]}"#);
    }

    #[test]
    fn a_models_name_is_escaped() {
        let quoted = Rewrite { model: "a\"b", ..PLAIN };
        assert_eq!(rewritten(r#"{"model":"auto","messages":[{}]}"#, &quoted), r#"{"model":"a\"b","messages":[{}]}"#);
    }

    #[test]
    fn a_whole_answer_is_asked_for_as_a_stream_that_tells_its_usage() {
        let stream = Rewrite { as_stream: true, tell_usage: true, ..PLAIN };
        for body in [
            r#"{"messages":[{}]}"#,
            r#"{"messages":[{}],"stream":false,"stream_options":null}"#,
            r#"{"stream":false,"stream_options":{"include_usage":false,"other":1},"messages":[{}],"model":"a"}"#,
        ] {
            let value: Value = serde_json::from_str(&rewritten(body, &stream)).expect("JSON");
            assert_eq!(value["stream"], true, "{body}");
            assert_eq!(value["stream_options"]["include_usage"], true, "{body}");
            assert_eq!(value["model"], "m", "{body}");
            assert_eq!(value["messages"], serde_json::json!([{}]), "{body}");
        }
    }

    #[test]
    fn progress_is_asked_for_unless_the_caller_speaks_of_it() {
        let report = Rewrite { report_progress: true, ..PLAIN };
        assert_eq!(
            rewritten(r#"{"model":"a","messages":[{}]}"#, &report),
            r#"{"return_progress":true,"model":"m","messages":[{}]}"#
        );
        let own = r#"{"model":"m","messages":[{}],"return_progress":false}"#;
        assert_eq!(rewritten(own, &report), own);
    }

    #[test]
    fn the_effort_of_thinking_is_the_callers_where_they_say_one() {
        let least = Rewrite { effort: Some("low"), ..PLAIN };
        assert_eq!(
            rewritten(r#"{"model":"a","messages":[{}]}"#, &least),
            r#"{"reasoning_effort":"low","model":"m","messages":[{}]}"#
        );
        for own in
            [r#""reasoning_effort":"high""#, r#""reasoning":{"max_tokens":9}"#, r#""thinking":{"type":"enabled"}"#]
        {
            let own = format!(r#"{{"model":"m","messages":[{{}}],{own}}}"#);
            assert_eq!(rewritten(&own, &least), own);
        }
    }

    #[test]
    fn a_stream_can_be_asked_to_tell_its_usage() {
        let told = Rewrite { tell_usage: true, ..PLAIN };
        let value: Value = serde_json::from_str(&rewritten(r#"{"messages":[{}],"stream":true}"#, &told)).expect("JSON");
        assert_eq!((&value["stream"], &value["stream_options"]["include_usage"]), (&true.into(), &true.into()));
    }

    #[test]
    fn what_was_said_is_added_to_the_prompt() {
        let carry_on = |by| Rewrite { carry_on: Some(CarryOn { said: "a \"b\"\n", by }), ..PLAIN };
        let chat = r#"{"messages":[{"role":"user","content":"hi ]"} ],"model":"auto"}"#;
        assert_eq!(
            rewritten(chat, &carry_on(CarryOnBy::Message)),
            r#"{"messages":[{"role":"user","content":"hi ]"} ,{"role":"assistant","content":"a \"b\"\n"}],"model":"m"}"#
        );
        let value: Value =
            serde_json::from_str(&rewritten(chat, &carry_on(CarryOnBy::Request("go on")))).expect("JSON");
        assert_eq!(value["messages"][2], json!({ "role": "user", "content": "go on" }));
        let value = |by| serde_json::from_str::<Value>(&rewritten(chat, &carry_on(by))).expect("JSON");
        assert_eq!(value(CarryOnBy::Prefix)["messages"][1]["prefix"], true);
        let vllm = value(CarryOnBy::ContinueFinalMessage);
        assert_eq!((&vllm["continue_final_message"], &vllm["add_generation_prompt"]), (&true.into(), &false.into()));
        assert_eq!(vllm["messages"][1], json!({ "role": "assistant", "content": "a \"b\"\n" }));

        let text = |body: &'static str| {
            let request = Request::parse(Form::Text, Bytes::from_static(body.as_bytes())).expect(body);
            (request.can_be_carried_on(), request.rewritten(&carry_on(CarryOnBy::Message)).concat())
        };
        let (can, body) = text(r#"{"model":"auto","prompt":"once "}"#);
        assert_eq!((can, &body[..]), (true, &br#"{"model":"m","prompt":"once a \"b\"\n"}"#[..]));
        assert!(!text(r#"{"model":"auto","prompt":["once","twice"]}"#).0);
        assert!(!text(r#"{"model":"auto","prompt":[1,2]}"#).0);
        let (can, body) = text(r#"{"model":"auto","prompt":[{"a":"b"}]}"#);
        assert_eq!((can, &body[..]), (false, &br#"{"model":"m","prompt":[{"a":"b"}]}"#[..]));
        assert!(!text(r#"{"model":"auto","prompt":"once","n":2}"#).0);
    }

    #[test]
    fn the_bound_is_lowered_in_the_callers_own_member() {
        let bound = Rewrite { max_tokens: Some(9), ..PLAIN };
        for (body, member) in [
            (r#"{"model":"a","messages":[{}]}"#, "max_tokens"),
            (r#"{"model":"a","messages":[{}],"max_tokens":16384}"#, "max_tokens"),
            (r#"{"model":"a","max_completion_tokens":16384,"messages":[{}]}"#, "max_completion_tokens"),
        ] {
            let value: Value = serde_json::from_str(&rewritten(body, &bound)).expect("JSON");
            assert_eq!((&value[member], value.as_object().expect("object").len()), (&Value::from(9), 3), "{body}");
        }
    }
}
