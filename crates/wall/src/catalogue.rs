//! The names that the wall understands, for its list of models and for people.

/// A kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The forms of the name, with what varies in capitals.
    pub name: &'static str,
    /// One such name.
    pub example: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

/// All names.
pub const CATALOGUE: &[Entry] = &[
    entry(
        "as-groq, as-openai, as-openrouter, as-mistral, as-deepseek, as-gemini, as-azure, as-huggingface, as-vllm, as-llama-cpp, as-ollama, as-lm-studio, as-tgi",
        "as-groq",
        "answers a chat and refuses as that provider does; `400`, `429` and `401` (a bad key) beside it are in its words",
    ),
    entry("ok", "ok", "a healthy model: sixty words, `w1 w2 … w60`"),
    entry("ok-N", "ok-5", "so many words"),
    entry(
        "other-words",
        "other-words",
        "words that have nothing in common with those: `v1 v2 …`, always from the first",
    ),
    entry("page", "page", "says a whole HTML page, its text numbered words"),
    entry("half-page", "half-page", "says the first half of that page and ends there as if it were all"),
    entry("json", "json", "says a JSON object: `words`, an array of strings, and `count`, a number"),
    entry("markdown", "markdown", "says a page's words in short Markdown: `# Nord` and three sections"),
    entry("half-json", "half-json", "says the first half of that object and ends there as if it were all"),
    entry("fenced-json", "fenced-json", "says such an object in a Markdown fence"),
    entry("blank", "blank", "says white space alone"),
    entry("anew", "anew", "takes no notice of what was said before: always from `w1`"),
    entry(
        "reasoning-N, reasoning-N-then-ok",
        "reasoning-20-then-ok",
        "thinks so many words (`reasoning_content`) first",
    ),
    entry("parts", "parts", "says its text as a list of parts, its thoughts too"),
    entry(
        "surrogate-halves",
        "surrogate-halves",
        "says an emoji behind `w2`, each half of its surrogate pair in a chunk of its own",
    ),
    entry("tool-call", "tool-call", "calls a tool, its arguments in three pieces"),
    entry("tool-call-cut", "tool-call-cut", "closes the connection in the midst of the tool call's arguments"),
    entry("tool-calls-same-index", "tool-calls-same-index", "calls two tools, each whole and each with the index 0"),
    entry("length-N", "length-30", "ends after so many tokens with the finish reason `length`"),
    entry(
        "content-filter-after-N",
        "content-filter-after-10",
        "ends after so many tokens with the finish reason `content_filter`",
    ),
    entry(
        "error-in-choice-after-N",
        "error-in-choice-after-10",
        "ends after so many tokens with the finish reason `error` and the error inside the choice",
    ),
    entry("finish-NAME", "finish-insufficient_system_resource", "ends properly and gives this finish reason"),
    entry("no-finish", "no-finish", "ends properly and gives no finish reason"),
    entry("insert-nothing", "insert-nothing", "says nothing where the call carries a `suffix`"),
    entry("apology", "apology", "asked to carry on, apologizes and begins anew"),
    entry("repeats", "repeats", "says whatever it is asked to repeat, then its words from the first"),
    entry("trim", "trim", "does not see white space at the end of what it carries on, and says it again"),
    entry("no-usage", "no-usage", "never says what was used"),
    entry("broken-usage", "broken-usage", "says what was used in forms that are none"),
    entry("slow-head-TIME", "slow-head-3s", "sends nothing for so long, not even a head"),
    entry(
        "slow-first-TIME",
        "slow-first-3000ms",
        "sends head and role at once, its first token so much later; a whole answer is late as a whole",
    ),
    entry(
        "reads-TIME",
        "reads-3s",
        "a llama.cpp server that reads its prompt for so long: silent, or with reports where `return_progress` asks for them",
    ),
    entry("trickle-TIME", "trickle-50ms", "so long between two tokens"),
    entry("silence-TIME-after-N", "silence-12s-after-3", "says nothing for so long after so many tokens, and goes on"),
    entry("hang", "hang", "never answers"),
    entry("reset", "reset", "resets the connection (RST) before the head"),
    entry("close", "close", "closes the connection before the head"),
    entry("cut-in-head", "cut-in-head", "closes the connection in the midst of the head"),
    entry("html", "html", "200 with a page of HTML"),
    entry("garbage", "garbage", "200 with bytes that are no JSON, called JSON"),
    entry("empty", "empty", "200 without a body"),
    entry("empty-stream", "empty-stream", "200, an event stream without an event"),
    entry("no-choices", "no-choices", "200, JSON with empty `choices`"),
    entry(
        "role-only-then-hang",
        "role-only-then-hang",
        "the delta with the role, then nothing more; whole: the head, then nothing more",
    ),
    entry("comments-only", "comments-only", "SSE comments for ever; whole: blanks for ever"),
    entry("empty-deltas-only", "empty-deltas-only", "deltas with empty content for ever; whole: blanks for ever"),
    entry("status-CODE, CODE", "status-503", "400 to 599, with the error body that goes with it"),
    entry("status-CODE-retry-after-SECONDS", "status-429-retry-after-2", "with `retry-after` in seconds"),
    entry("status-CODE-retry-after-Nms", "status-429-retry-after-200ms", "with `retry-after-ms`"),
    entry(
        "status-CODE-retry-after-date-SECONDS",
        "status-503-retry-after-date-2",
        "with `retry-after` as a date, so many seconds from now",
    ),
    entry("404-model", "404-model", "404 with the code `model_not_found`"),
    entry("content-filter", "content-filter", "400 with the code `content_filter`"),
    entry(
        "context-N",
        "context-4096",
        "400 with the code `context_length_exceeded` where the prompt has more tokens (four bytes each)",
    ),
    entry("refuse-prefill", "refuse-prefill", "400 where the last message is an assistant's"),
    entry(
        "refuse-tool-use-failed",
        "refuse-tool-use-failed",
        "Groq's 400 with the code `tool_use_failed` and `failed_generation`",
    ),
    entry(
        "refuse-tool-use-failed-in-stream",
        "refuse-tool-use-failed-in-stream",
        "the same as an `event: error` in a stream with status 200",
    ),
    entry(
        "refuse-streamed-response-format",
        "refuse-streamed-response-format",
        "Groq's 400 to a stream with `response_format`",
    ),
    entry(
        "refuse-unverified-stream",
        "refuse-unverified-stream",
        "OpenAI's 400 to a stream: the organization must be verified",
    ),
    entry(
        "refuse-stream-options",
        "refuse-stream-options",
        "Mistral's 422 `extra_forbidden` where the call carries `stream_options`",
    ),
    entry(
        "refuse-organization-restricted",
        "refuse-organization-restricted",
        "Groq's 400 with the code `organization_restricted`",
    ),
    entry("refuse-roles-alternate", "refuse-roles-alternate", "vLLM's 400: conversation roles must alternate"),
    entry("refuse-system-role", "refuse-system-role", "TGI's 422: system role not supported"),
    entry("refuse-no-user-query", "refuse-no-user-query", "vLLM's 400: no user query found in messages"),
    entry(
        "refuse-max-tokens",
        "refuse-max-tokens",
        "OpenAI's 400 where the call carries `max_tokens`: use `max_completion_tokens`",
    ),
    entry("refuse-challenge", "refuse-challenge", "Cloudflare's 403 with HTML and `cf-mitigated: challenge`"),
    entry(
        "refuse-tpm-N",
        "refuse-tpm-8000",
        "Groq's 413 where prompt and `max_tokens` are more than so many tokens a minute",
    ),
    entry("refuse-presence-penalty", "refuse-presence-penalty", "xAI's 400 where the call carries `presence_penalty`"),
    entry(
        "refuse-reasoning-effort",
        "refuse-reasoning-effort",
        "OpenAI's 400 where the call carries `reasoning_effort`",
    ),
    entry("refuse-credit", "refuse-credit", "OpenRouter's 402 without a word of when the credit is back"),
    entry("refuse-pictures", "refuse-pictures", "vLLM's 400 where a message holds a picture, a sound or a file"),
    entry(
        "refuse-model-decommissioned",
        "refuse-model-decommissioned",
        "Groq's 400 with the code `model_decommissioned`",
    ),
    entry("refuse-quoting-input", "refuse-quoting-input", "vLLM's 400 that quotes the last message"),
    entry("refuse-script", "refuse-script", "a firewall's 403 with HTML where the body holds `<script>`"),
    entry("refuse-body-over-N", "refuse-body-over-100000", "nginx's 413 with HTML where the body has more bytes"),
    entry("redirect-CODE", "redirect-308", "a redirect to another path at the same address, where the call is taken"),
    entry(
        "redirect-CODE-port-N, redirect-CODE-localhost-N",
        "redirect-307-port-8080",
        "to another port of the same host; to `localhost` with that port",
    ),
    entry(
        "redirect-CODE-https, redirect-CODE-elsewhere",
        "redirect-308-https",
        "to https at the same host; to a host that does not exist",
    ),
    entry("loading", "loading", "503 of a llama.cpp server that is loading its model"),
    entry("loading-estimated-SECONDS", "loading-estimated-20", "503 with `estimated_time`, as Hugging Face says it"),
    entry("flap-TIME", "flap-5s", "so long up, so long down (503), and again, from its first call on"),
    entry(
        "sleep-then-wake-TIME",
        "sleep-then-wake-4s",
        "a Space that its first call wakes: 503 with HTML until so long has passed",
    ),
    entry(
        "rate-limit-Nrps, -Nrpm, -Nrpd",
        "rate-limit-30rpm",
        "429 for requests beyond a second's, minute's, day's quota; `x-ratelimit-*` on every answer",
    ),
    entry(
        "rate-limit-Ntpm",
        "rate-limit-6000tpm",
        "the same for tokens a minute: prompt plus `max_tokens`; 413 for a call that alone is more",
    ),
    entry(
        "cut-after-N",
        "cut-after-40",
        "closes the connection inside a chunk and inside an event; whole: short of its content length",
    ),
    entry("reset-after-N", "reset-after-40", "resets the connection"),
    entry("stall-after-N", "stall-after-20", "sends nothing more and keeps the connection open"),
    entry(
        "end-after-N",
        "end-after-40",
        "ends the body properly, without finish reason or `[DONE]`; whole: half a JSON text",
    ),
    entry("bad-chunk-after-N", "bad-chunk-after-40", "a chunk whose size is no number"),
    entry(
        "error-frame-after-N",
        "error-frame-after-10",
        "an event with an error, then the end; whole: 200 with the error as its body",
    ),
    entry(
        "malformed-event-at-N",
        "malformed-event-at-10",
        "one event that is no JSON before the Nth token; the text stays whole",
    ),
    entry("no-done", "no-done", "no `[DONE]`"),
    entry("whole-only", "whole-only", "answers whole even when asked to stream"),
    entry("stream-only", "stream-only", "streams even when asked for a whole answer"),
    entry(
        "lie-content-type-json, -stream, -html, -none",
        "lie-content-type-json",
        "says another content type than what it sends",
    ),
    entry("crlf", "crlf", "events whose lines end in CR LF"),
    entry("event-ids", "event-ids", "gives each event an `id` and a `retry`"),
    entry("bytewise", "bytewise", "each byte in a write of its own"),
];

const fn entry(name: &'static str, example: &'static str, meaning: &'static str) -> Entry {
    Entry { name, example, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Script;
    use crate::voice::Voice;

    #[test]
    fn every_example_is_understood() {
        for entry in CATALOGUE {
            assert!(entry.example.parse::<Script>().is_ok(), "{}", entry.example);
        }
    }

    #[test]
    fn every_voice_has_its_name_here() {
        let names: Vec<_> = CATALOGUE.iter().flat_map(|entry| entry.name.split(", ")).collect();
        for voice in Voice::all() {
            assert!(names.contains(&format!("as-{}", voice.name()).as_str()), "{}", voice.name());
        }
    }

    #[test]
    fn the_documentation_lists_every_name_with_its_meaning() {
        let documentation = include_str!("lib.rs");
        for entry in CATALOGUE {
            let names: Vec<_> = entry.name.split(", ").map(|name| format!("`{name}`")).collect();
            let row = format!("//! | {} | {} |", names.join(", "), entry.meaning);
            assert!(documentation.contains(&row), "{row}");
        }
    }
}
