//! A scripted upstream: it speaks OpenAI's API, and the *model name* of a request chooses what goes wrong.
//!
//! It is run in three ways: inside a test ([`Wall::start`]), as a task ([`serve`]), and as a process of its own. It works
//! below HTTP, on the socket, since half of what goes wrong in the world is no HTTP: resets, bodies cut inside a chunk,
//! silence. [`ClosedPort`] and [`DeafPort`] are what cannot be had by a name, as no name is ever sent to them.
//!
//! ```
//! let wall = wall::Wall::start("127.0.0.1:0")?;
//! println!("ask {} for the model `slow-first-200ms+cut-after-40`", wall.base_url());
//! wall.script("my-model", "status-500-once".parse::<wall::Script>()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Names
//!
//! Parts are joined with `+`. A part may end in `-once` or `-N-times`: it holds for so many calls that meet it. Of several
//! parts that refuse a call, the first that applies wins. What follows `#` is a tag: each whole name has counters and
//! clocks of its own, so that two tests do not share theirs. `TIME` is `50ms`, `5s`, `2m`; a token is a word, a word of
//! reasoning, or a piece of a tool call. A name that means nothing here is a healthy model, unless the wall is strict.
//!
//! | name | what it does |
//! | --- | --- |
//! | **A provider** | |
//! | `as-groq`, `as-openai`, `as-openrouter`, `as-mistral`, `as-deepseek`, `as-gemini`, `as-azure`, `as-huggingface`, `as-vllm`, `as-llama-cpp`, `as-ollama`, `as-lm-studio`, `as-tgi` | answers a chat and refuses as that provider does; `400`, `429` and `401` (a bad key) beside it are in its words |
//! | **An answer** | |
//! | `ok` | a healthy model: sixty words, `w1 w2 … w60` |
//! | `ok-N` | so many words |
//! | `other-words` | words that have nothing in common with those: `v1 v2 …`, always from the first |
//! | `page` | says a whole HTML page, its text numbered words |
//! | `half-page` | says the first half of that page and ends there as if it were all |
//! | `json` | says a JSON object: `words`, an array of strings, and `count`, a number |
//! | `markdown` | says a page's words in short Markdown: `# Nord` and three sections |
//! | `half-json` | says the first half of that object and ends there as if it were all |
//! | `fenced-json` | says such an object in a Markdown fence |
//! | `blank` | says white space alone |
//! | `anew` | takes no notice of what was said before: always from `w1` |
//! | `reasoning-N`, `reasoning-N-then-ok` | thinks so many words (`reasoning_content`) first |
//! | `parts` | says its text as a list of parts, its thoughts too |
//! | `surrogate-halves` | says an emoji behind `w2`, each half of its surrogate pair in a chunk of its own |
//! | `tool-call` | calls a tool, its arguments in three pieces |
//! | `tool-call-cut` | closes the connection in the midst of the tool call's arguments |
//! | `tool-calls-same-index` | calls two tools, each whole and each with the index 0 |
//! | `length-N` | ends after so many tokens with the finish reason `length` |
//! | `content-filter-after-N` | ends after so many tokens with the finish reason `content_filter` |
//! | `error-in-choice-after-N` | ends after so many tokens with the finish reason `error` and the error inside the choice |
//! | `finish-NAME` | ends properly and gives this finish reason |
//! | `no-finish` | ends properly and gives no finish reason |
//! | `insert-nothing` | says nothing where the call carries a `suffix` |
//! | `apology` | asked to carry on, apologizes and begins anew |
//! | `repeats` | says whatever it is asked to repeat, then its words from the first |
//! | `trim` | does not see white space at the end of what it carries on, and says it again |
//! | `no-usage` | never says what was used |
//! | `broken-usage` | says what was used in forms that are none |
//! | **Its time** | |
//! | `slow-head-TIME` | sends nothing for so long, not even a head |
//! | `slow-first-TIME` | sends head and role at once, its first token so much later; a whole answer is late as a whole |
//! | `reads-TIME` | a llama.cpp server that reads its prompt for so long: silent, or with reports where `return_progress` asks for them |
//! | `trickle-TIME` | so long between two tokens |
//! | `silence-TIME-after-N` | says nothing for so long after so many tokens, and goes on |
//! | **No answer** | |
//! | `hang` | never answers |
//! | `reset` | resets the connection (RST) before the head |
//! | `close` | closes the connection before the head |
//! | `cut-in-head` | closes the connection in the midst of the head |
//! | `html` | 200 with a page of HTML |
//! | `garbage` | 200 with bytes that are no JSON, called JSON |
//! | `empty` | 200 without a body |
//! | `empty-stream` | 200, an event stream without an event |
//! | `no-choices` | 200, JSON with empty `choices` |
//! | `role-only-then-hang` | the delta with the role, then nothing more; whole: the head, then nothing more |
//! | `comments-only` | SSE comments for ever; whole: blanks for ever |
//! | `empty-deltas-only` | deltas with empty content for ever; whole: blanks for ever |
//! | **A status** | |
//! | `status-CODE`, `CODE` | 400 to 599, with the error body that goes with it |
//! | `status-CODE-retry-after-SECONDS` | with `retry-after` in seconds |
//! | `status-CODE-retry-after-Nms` | with `retry-after-ms` |
//! | `status-CODE-retry-after-date-SECONDS` | with `retry-after` as a date, so many seconds from now |
//! | `404-model` | 404 with the code `model_not_found` |
//! | `content-filter` | 400 with the code `content_filter` |
//! | `context-N` | 400 with the code `context_length_exceeded` where the prompt has more tokens (four bytes each) |
//! | `refuse-prefill` | 400 where the last message is an assistant's |
//! | `refuse-tool-use-failed` | Groq's 400 with the code `tool_use_failed` and `failed_generation` |
//! | `refuse-tool-use-failed-in-stream` | the same as an `event: error` in a stream with status 200 |
//! | `refuse-streamed-response-format` | Groq's 400 to a stream with `response_format` |
//! | `refuse-unverified-stream` | OpenAI's 400 to a stream: the organization must be verified |
//! | `refuse-stream-options` | Mistral's 422 `extra_forbidden` where the call carries `stream_options` |
//! | `refuse-organization-restricted` | Groq's 400 with the code `organization_restricted` |
//! | `refuse-roles-alternate` | vLLM's 400: conversation roles must alternate |
//! | `refuse-system-role` | TGI's 422: system role not supported |
//! | `refuse-no-user-query` | vLLM's 400: no user query found in messages |
//! | `refuse-max-tokens` | OpenAI's 400 where the call carries `max_tokens`: use `max_completion_tokens` |
//! | `refuse-challenge` | Cloudflare's 403 with HTML and `cf-mitigated: challenge` |
//! | `refuse-tpm-N` | Groq's 413 where prompt and `max_tokens` are more than so many tokens a minute |
//! | `refuse-presence-penalty` | xAI's 400 where the call carries `presence_penalty` |
//! | `refuse-reasoning-effort` | OpenAI's 400 where the call carries `reasoning_effort` |
//! | `refuse-credit` | OpenRouter's 402 without a word of when the credit is back |
//! | `refuse-pictures` | vLLM's 400 where a message holds a picture, a sound or a file |
//! | `refuse-model-decommissioned` | Groq's 400 with the code `model_decommissioned` |
//! | `refuse-quoting-input` | vLLM's 400 that quotes the last message |
//! | `refuse-script` | a firewall's 403 with HTML where the body holds `<script>` |
//! | `refuse-body-over-N` | nginx's 413 with HTML where the body has more bytes |
//! | `redirect-CODE` | a redirect to another path at the same address, where the call is taken |
//! | `redirect-CODE-port-N`, `redirect-CODE-localhost-N` | to another port of the same host; to `localhost` with that port |
//! | `redirect-CODE-https`, `redirect-CODE-elsewhere` | to https at the same host; to a host that does not exist |
//! | `loading` | 503 of a llama.cpp server that is loading its model |
//! | `loading-estimated-SECONDS` | 503 with `estimated_time`, as Hugging Face says it |
//! | **By time and count** | |
//! | `flap-TIME` | so long up, so long down (503), and again, from its first call on |
//! | `sleep-then-wake-TIME` | a Space that its first call wakes: 503 with HTML until so long has passed |
//! | `rate-limit-Nrps`, `-Nrpm`, `-Nrpd` | 429 for requests beyond a second's, minute's, day's quota; `x-ratelimit-*` on every answer |
//! | `rate-limit-Ntpm` | the same for tokens a minute: prompt plus `max_tokens`; 413 for a call that alone is more |
//! | **Broken off (where the answer has as many tokens)** | |
//! | `cut-after-N` | closes the connection inside a chunk and inside an event; whole: short of its content length |
//! | `reset-after-N` | resets the connection |
//! | `stall-after-N` | sends nothing more and keeps the connection open |
//! | `end-after-N` | ends the body properly, without finish reason or `[DONE]`; whole: half a JSON text |
//! | `bad-chunk-after-N` | a chunk whose size is no number |
//! | `error-frame-after-N` | an event with an error, then the end; whole: 200 with the error as its body |
//! | `malformed-event-at-N` | one event that is no JSON before the Nth token; the text stays whole |
//! | `no-done` | no `[DONE]` |
//! | **Another form than asked for** | |
//! | `whole-only` | answers whole even when asked to stream |
//! | `stream-only` | streams even when asked for a whole answer |
//! | `lie-content-type-json`, `-stream`, `-html`, `-none` | says another content type than what it sends |
//! | `crlf` | events whose lines end in CR LF |
//! | `event-ids` | gives each event an `id` and a `retry` |
//! | `bytewise` | each byte in a write of its own |
//!
//! # Answers
//!
//! Words are numbered so that a lost or a repeated one is seen. Where the last message is an assistant's (or the prompt of
//! the text form ends in a word), the answer goes on after its last word. Where the last message is a user's that says
//! "repeat" and quotes words, the answer begins with the first of those; without a quote it begins with the last eight of
//! the assistant's message before it. `max_tokens` is honoured (`finish_reason` is then `length`), usage is counted, and
//! equal calls are answered with equal bytes.

mod ask;
mod catalogue;
mod continuation;
mod fault;
mod grammar;
mod head;
mod http;
mod log;
mod models;
mod perform;
mod plan;
mod port;
mod rate;
mod redirect;
mod refusal;
mod reply;
mod serve;
mod spoken;
mod stage;
mod steps;
mod stream;
mod text;
mod voice;
mod wall;
mod whole;

pub use catalogue::{CATALOGUE, Entry};
pub use fault::{Body, Break, ContentType, Fault, Filler, FinishReason, Quota, Rate, RetryAfter, Script};
pub use grammar::UnknownFault;
pub use log::{End, Ended, Seen};
pub use port::{ClosedPort, DeafPort};
pub use redirect::Redirect;
pub use refusal::Refusal;
pub use serve::{Options, Server, serve};
pub use stage::ModelList;
pub use text::Text;
pub use voice::Voice;
pub use wall::Wall;
