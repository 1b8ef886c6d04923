//! A streamed answer: server-sent events, one a token.

use std::cell::Cell;

use crate::ask::Form;
use crate::plan::Answer;
use crate::spoken::{CHOICE_ERROR, CREATED, Said, Spoken, TOOL_ARGUMENTS, TOOL_CALLS, TOOL_NAME};

/// A comment, which is no token.
const COMMENT: &str = ": keep-alive";
/// What stands where an event should be JSON.
const MALFORMED: &str = r#"data: {"id":"chatcmpl-wall","choices":[{"index":0,"delta":{"content":"#;
/// What went wrong, in the midst of a stream. Also the whole body of a call that was answered whole.
pub(crate) const ERROR: &str =
    r#"{"error":{"message":"The wall broke off.","type":"server_error","param":null,"code":"server_error"}}"#;

/// Writes events in one form, for one answer.
pub(crate) struct Events<'a> {
    said: &'a Said,
    line_end: &'static str,
    /// The number of the next event, where events are numbered.
    next_id: Option<Cell<u32>>,
}

impl<'a> Events<'a> {
    pub(crate) fn new(said: &'a Said, answer: &Answer) -> Self {
        let line_end = if answer.crlf { "\r\n" } else { "\n" };
        Events { said, line_end, next_id: answer.event_ids.then(|| Cell::new(1)) }
    }

    /// The whole stream.
    pub(crate) fn spoken(&self, answer: &Answer, include_usage: bool) -> Spoken {
        let mut out = Spoken::default();
        if self.said.form == Form::Chat {
            out.add(&self.chat(r#"{"role":"assistant","content":""}"#));
        }
        out.mark();
        for (index, token) in self.tokens().enumerate() {
            if answer.malformed_at == u32::try_from(index + 1).ok() {
                out.add(&self.malformed());
            }
            out.add(&token);
            out.mark();
        }
        if let Some(finish) = self.said.finish_reason {
            out.add(&self.finish(finish));
        }
        if include_usage && answer.usage {
            out.add(&self.chunk("", Some(&self.said.usage())));
        }
        if answer.done {
            out.add(&self.done());
        }
        out
    }

    fn finish(&self, reason: &str) -> String {
        let said = match self.said.form {
            Form::Chat => r#""delta":{}"#,
            Form::Text => r#""text":"""#,
        };
        let error = if self.said.failed { CHOICE_ERROR } else { "" };
        let usage = self.said.broken_usage.then(|| self.said.usage());
        self.chunk(
            &format!(r#"{{"index":0,{said},"logprobs":null,"finish_reason":"{reason}"{error}}}"#),
            usage.as_deref(),
        )
    }

    fn tokens(&self) -> impl Iterator<Item = String> {
        let said = self.said;
        let reasoning = (1..=said.reasoning).map(|word| {
            let thought = said.thought(word);
            if said.parts {
                let part = format!(r#"{{"type":"thinking","thinking":[{{"type":"text","text":"{thought}"}}]}}"#);
                return self.chat(&format!(r#"{{"content":[{part}]}}"#));
            }
            self.chat(&format!(r#"{{"reasoning_content":"{thought}"}}"#))
        });
        let words = said.words.clone().map(|word| {
            let text = said.word(word);
            match said.form {
                Form::Chat if said.parts => self.chat(&format!(r#"{{"content":[{{"type":"text","text":"{text}"}}]}}"#)),
                Form::Chat => self.chat(&format!(r#"{{"content":"{text}"}}"#)),
                Form::Text => self.text(&text),
            }
        });
        reasoning.chain(self.tool_call()).chain(words)
    }

    fn tool_call(&self) -> std::vec::IntoIter<String> {
        if self.said.same_index {
            return self.calls_of_one_index();
        }
        let opening = format!(
            r#"{{"tool_calls":[{{"index":0,"id":"call_wall","type":"function","function":{{"name":"{TOOL_NAME}","arguments":""}}}}]}}"#
        );
        let arguments = TOOL_ARGUMENTS
            .map(|part| format!(r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":"{part}"}}}}]}}"#));
        let deltas = std::iter::once(opening).chain(arguments);
        deltas.filter(|_| self.said.tool_call).map(|delta| self.chat(&delta)).collect::<Vec<_>>().into_iter()
    }

    fn calls_of_one_index(&self) -> std::vec::IntoIter<String> {
        let calls = TOOL_CALLS.map(|(id, arguments)| {
            self.chat(&format!(
                r#"{{"tool_calls":[{{"index":0,"id":"{id}","type":"function","function":{{"name":"{TOOL_NAME}","arguments":"{arguments}"}}}}]}}"#
            ))
        });
        calls.into_iter().filter(|_| self.said.tool_call).collect::<Vec<_>>().into_iter()
    }

    /// Events that are written out, an empty line between them.
    pub(crate) fn voiced(&self, events: &str) -> String {
        events.split("\n\n").filter(|event| !event.is_empty()).map(|event| self.block(event)).collect()
    }

    pub(crate) fn malformed(&self) -> String {
        self.block(MALFORMED)
    }

    pub(crate) fn done(&self) -> String {
        self.block("data: [DONE]")
    }

    pub(crate) fn comment(&self) -> String {
        self.block(COMMENT)
    }

    pub(crate) fn empty_delta(&self) -> String {
        match self.said.form {
            Form::Chat => self.chat(r#"{"content":""}"#),
            Form::Text => self.text(""),
        }
    }

    /// A report of how much of the prompt has been read, with the delta that llama.cpp's server sends beside it.
    pub(crate) fn progress(&self, report: u32) -> String {
        let total = self.said.prompt_tokens;
        let read = report.min(total);
        let delta = match self.said.form {
            Form::Chat => r#"{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}"#,
            Form::Text => r#"{"index":0,"text":"","finish_reason":null}"#,
        };
        let progress = format!(r#"{{"total":{total},"cache":0,"processed":{read},"time_ms":{}}}"#, 50 * report);
        self.chunk_with(delta, &format!(r#","prompt_progress":{progress}"#))
    }

    pub(crate) fn error(&self) -> String {
        self.block(&format!("data: {ERROR}"))
    }

    fn chat(&self, delta: &str) -> String {
        self.said_in(&format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":null}}"#))
    }

    fn text(&self, text: &str) -> String {
        self.said_in(&format!(r#"{{"index":0,"text":"{text}","logprobs":null,"finish_reason":null}}"#))
    }

    fn said_in(&self, choice: &str) -> String {
        self.chunk(choice, self.said.broken_usage.then_some(r#""""#))
    }

    fn chunk(&self, choice: &str, usage: Option<&str>) -> String {
        self.chunk_with(choice, &usage.map(|usage| format!(r#","usage":{usage}"#)).unwrap_or_default())
    }

    fn chunk_with(&self, choice: &str, members: &str) -> String {
        let Said { id, model, form, .. } = self.said;
        let object = match form {
            Form::Chat => "chat.completion.chunk",
            Form::Text => "text_completion",
        };
        self.block(&format!(
            r#"data: {{"id":"{id}","object":"{object}","created":{CREATED},"model":{model},"choices":[{choice}]{members}}}"#
        ))
    }

    fn block(&self, line: &str) -> String {
        let end = self.line_end;
        let fields = self.next_id.as_ref().map(|next| {
            let id = next.replace(next.get() + 1);
            format!("id: {id}{end}retry: 3000{end}")
        });
        format!("{}{line}{end}{end}", fields.unwrap_or_default())
    }
}
