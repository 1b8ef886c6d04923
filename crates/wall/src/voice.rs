//! Providers' dialects: how each writes an answer, a tool call and its refusals. One file a provider, in `voices/`.
//!
//! A file holds sections that begin with `= NAME`. What stands before the first one names the sources.
//!
//! | section | what |
//! | --- | --- |
//! | `headers` | headers of an answer |
//! | `open`, `thought`, `word`, `close`, `usage` | events of a stream; `usage` only where the call asks for it |
//! | `call`, `call-close` | the events of a tool call, and their own `close` |
//! | `whole`, `whole-thought`, `whole-call` | whole answers |
//! | `400`, `429`, `bad-key` | a refusal: the status, headers, an empty line, the body |
//!
//! `$ID`, `$MODEL` (a JSON string), `$NAME` (the same without quotes), `$CREATED`, `$PROMPT`, `$SAID`, `$TOTAL`, `$FINISH`,
//! `$WORD`, `$EMPTY-LINES` and, in whole answers, `$THOUGHTS` and `$WORDS` stand for what varies.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::plan::Answer;
use crate::reply::Reply;
use crate::spoken::{Said, Spoken};
use crate::stream::Events;

/// The providers, by the name behind `as-`, with their transcripts.
const FILES: [(&str, &str); 13] = [
    ("groq", include_str!("../voices/groq.txt")),
    ("openai", include_str!("../voices/openai.txt")),
    ("openrouter", include_str!("../voices/openrouter.txt")),
    ("mistral", include_str!("../voices/mistral.txt")),
    ("deepseek", include_str!("../voices/deepseek.txt")),
    ("gemini", include_str!("../voices/gemini.txt")),
    ("azure", include_str!("../voices/azure.txt")),
    ("huggingface", include_str!("../voices/huggingface.txt")),
    ("vllm", include_str!("../voices/vllm.txt")),
    ("llama-cpp", include_str!("../voices/llama-cpp.txt")),
    ("ollama", include_str!("../voices/ollama.txt")),
    ("lm-studio", include_str!("../voices/lm-studio.txt")),
    ("tgi", include_str!("../voices/tgi.txt")),
];

type Sections = HashMap<&'static str, &'static str>;

static TRANSCRIPTS: LazyLock<Vec<Sections>> =
    LazyLock::new(|| FILES.iter().map(|(_, transcript)| sections(transcript)).collect());

/// One provider's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Voice(usize);

impl Voice {
    /// The voice of this provider: `groq`, `openai`, …
    #[must_use]
    pub fn named(provider: &str) -> Option<Voice> {
        FILES.iter().position(|(name, _)| *name == provider).map(Voice)
    }

    /// All of them, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Voice> {
        (0..FILES.len()).map(Voice)
    }

    /// The provider's name, as it stands behind `as-`.
    #[must_use]
    pub fn name(self) -> &'static str {
        FILES[self.0].0
    }

    /// The headers of an answer, such as what is left of a quota.
    pub(crate) fn headers(self) -> Vec<(&'static str, String)> {
        self.section("headers").map(|lines| lines.lines().map(header).collect()).unwrap_or_default()
    }

    /// How the provider refuses with this status; 401 is what it makes of a bad key, whatever its status there.
    pub(crate) fn refusal(self, status: u16, model: &str) -> Option<Reply> {
        let section = self.section(match status {
            400 => "400",
            401 => "bad-key",
            429 => "429",
            _ => return None,
        })?;
        let (head, body) = section.split_once("\n\n").unwrap_or((section, ""));
        let (status, headers) = head.split_once('\n').unwrap_or((head, ""));
        let name = serde_json::Value::from(model).to_string();
        let body = body.replace("$NAME", &name[1..name.len() - 1]);
        let status = status.parse().expect("a test has read every refusal");
        let mut reply =
            Reply { status, content_type: "application/json", headers: Vec::new(), body: body.into_bytes() };
        for (name, value) in headers.lines().map(header) {
            match name {
                "content-type" => reply.content_type = content_type(&value),
                _ => reply.headers.push((name, value)),
            }
        }
        Some(reply)
    }

    /// A whole stream.
    pub(crate) fn stream(self, said: &Said, answer: &Answer, events: &Events<'_>, include_usage: bool) -> Spoken {
        let write =
            |section: &str| self.section(section).map(|text| events.voiced(&fill(text, said))).unwrap_or_default();
        let with_word = |section: &str, word: &str| {
            self.section(section).map(|text| events.voiced(&fill(text, said).replace("$WORD", word)))
        };
        let mut out = Spoken::default();
        out.add(&write("open"));
        out.mark();
        let thoughts = (1..=said.reasoning).filter_map(|word| with_word("thought", &said.thought(word)));
        let calls = said.tool_call.then(|| self.section("call")).flatten();
        let calls =
            calls.into_iter().flat_map(|text| text.split("\n\n")).map(|event| events.voiced(&fill(event, said)));
        let words = said.words.clone().filter_map(|word| with_word("word", &said.word(word)));
        for (index, token) in thoughts.chain(calls).chain(words).enumerate() {
            if answer.malformed_at == u32::try_from(index + 1).ok() {
                out.add(&events.malformed());
            }
            out.add(&token);
            out.mark();
        }
        let own_close = said.tool_call.then(|| self.section("call-close")).flatten();
        match own_close {
            _ if said.finish_reason.is_none() => {}
            Some(text) => out.add(&events.voiced(&fill(text, said))),
            None => out.add(&write("close")),
        }
        if include_usage && answer.usage {
            out.add(&write("usage"));
        }
        if answer.done {
            out.add(&events.done());
        }
        out
    }

    /// A whole answer.
    pub(crate) fn whole(self, said: &Said) -> Spoken {
        let section = match (said.tool_call, said.reasoning > 0) {
            (true, _) => "whole-call",
            (false, true) if self.section("whole-thought").is_some() => "whole-thought",
            (false, _) => "whole",
        };
        let mut out = Spoken::default();
        let mut rest = fill(self.section(section).unwrap_or_default(), said);
        if let Some((before, after)) = rest.split_once("$THOUGHTS") {
            out.add(before);
            out.mark();
            for word in 1..=said.reasoning {
                out.add(&said.thought(word));
                out.mark();
            }
            rest = after.to_owned();
        }
        let (before, after) = rest.split_once("$WORDS").unwrap_or((&rest, ""));
        out.add(before);
        if said.reasoning == 0 || section != "whole-thought" {
            out.mark();
        }
        for word in said.words.clone() {
            out.add(&said.word(word));
            out.mark();
        }
        out.add(after);
        out
    }

    fn section(self, name: &str) -> Option<&'static str> {
        TRANSCRIPTS[self.0].get(name).copied()
    }
}

/// The sections of a transcript, without the white space around them.
fn sections(transcript: &'static str) -> Sections {
    let parts = transcript.split("\n= ").skip(1);
    parts.map(|part| part.split_once('\n').unwrap_or((part, ""))).map(|(name, text)| (name, text.trim())).collect()
}

fn header(line: &'static str) -> (&'static str, String) {
    let (name, value) = line.split_once(": ").unwrap_or((line, ""));
    (name, value.to_owned())
}

fn content_type(value: &str) -> &'static str {
    ["text/html", "text/plain", "application/problem+json"]
        .into_iter()
        .find(|known| value.starts_with(known))
        .unwrap_or("application/json")
}

fn fill(text: &str, said: &Said) -> String {
    let finish = said.finish_reason.map_or_else(|| "null".to_owned(), |reason| format!("\"{reason}\""));
    let (prompt, completion, total) = said.counted();
    text.replace("$EMPTY-LINES", "\n\n\n")
        .replace("$ID", said.id.rsplit('-').next().unwrap_or_default())
        .replace("$MODEL", &said.model)
        .replace("$CREATED", &crate::spoken::CREATED.to_string())
        .replace("$FINISH", &finish)
        .replace("$PROMPT", &prompt.to_string())
        .replace("$SAID", &completion.to_string())
        .replace("$TOTAL", &total.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transcript_names_its_sources_and_has_what_every_provider_says() {
        for (voice, (name, transcript)) in Voice::all().zip(FILES) {
            let sources = transcript.split("\n= ").next().unwrap_or_default();
            assert!(sources.contains("https://"), "{name} names no source");
            for section in ["word", "call", "close", "whole", "whole-call", "400", "429", "bad-key"] {
                assert!(voice.section(section).is_some(), "{name} has no {section}");
            }
            for status in [400, 401, 429] {
                assert!(voice.refusal(status, "m").unwrap().status >= 400, "{name}");
            }
        }
    }
}
