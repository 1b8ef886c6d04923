//! A streamed answer: server-sent events, one a token.

use crate::ask::Form;
use crate::plan::Answer;
use crate::spoken::{CREATED, Said, Spoken, TOOL_ARGUMENTS, TOOL_NAME};

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
}

impl<'a> Events<'a> {
    pub(crate) fn new(said: &'a Said, crlf: bool) -> Self {
        Events { said, line_end: if crlf { "\r\n" } else { "\n" } }
    }

    /// The whole stream.
    pub(crate) fn spoken(&self, answer: &Answer, include_usage: bool) -> Spoken {
        let mut out = Spoken::default();
        if self.said.form == Form::Chat {
            out.add(&self.chat(r#"{"role":"assistant","content":""}"#, None));
        }
        out.mark();
        for (index, token) in self.tokens().enumerate() {
            if answer.malformed_at == u32::try_from(index + 1).ok() {
                out.add(&self.block(MALFORMED));
            }
            out.add(&token);
            out.mark();
        }
        let finish = Some(self.said.finish_reason);
        out.add(&match self.said.form {
            Form::Chat => self.chat("{}", finish),
            Form::Text => self.text("", finish),
        });
        if include_usage && answer.usage {
            out.add(&self.chunk("", Some(&self.said.usage())));
        }
        if answer.done {
            out.add(&self.block("data: [DONE]"));
        }
        out
    }

    fn tokens(&self) -> impl Iterator<Item = String> {
        let said = self.said;
        let reasoning = (1..=said.reasoning).map(|word| {
            let space = if word > 1 { " " } else { "" };
            self.chat(&format!(r#"{{"reasoning_content":"{space}r{word}"}}"#), None)
        });
        let words = said.words.clone().map(|word| {
            let text = said.word(word);
            match said.form {
                Form::Chat => self.chat(&format!(r#"{{"content":"{text}"}}"#), None),
                Form::Text => self.text(&text, None),
            }
        });
        reasoning.chain(self.tool_call()).chain(words)
    }

    fn tool_call(&self) -> impl Iterator<Item = String> {
        let opening = format!(
            r#"{{"tool_calls":[{{"index":0,"id":"call_wall","type":"function","function":{{"name":"{TOOL_NAME}","arguments":""}}}}]}}"#
        );
        let arguments = TOOL_ARGUMENTS
            .map(|part| format!(r#"{{"tool_calls":[{{"index":0,"function":{{"arguments":"{part}"}}}}]}}"#));
        let deltas = std::iter::once(opening).chain(arguments).map(|delta| self.chat(&delta, None));
        deltas.take(if self.said.tool_call { usize::MAX } else { 0 })
    }

    pub(crate) fn comment(&self) -> String {
        self.block(COMMENT)
    }

    pub(crate) fn empty_delta(&self) -> String {
        match self.said.form {
            Form::Chat => self.chat(r#"{"content":""}"#, None),
            Form::Text => self.text("", None),
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

    fn chat(&self, delta: &str, finish: Option<&str>) -> String {
        let finish = quoted(finish);
        self.chunk(&format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}"#), None)
    }

    fn text(&self, text: &str, finish: Option<&str>) -> String {
        let finish = quoted(finish);
        self.chunk(&format!(r#"{{"index":0,"text":"{text}","logprobs":null,"finish_reason":{finish}}}"#), None)
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
        format!("{line}{0}{0}", self.line_end)
    }
}

fn quoted(finish: Option<&str>) -> String {
    finish.map_or_else(|| "null".to_owned(), |reason| format!("\"{reason}\""))
}
