//! Providers' dialects: each voice speaks as its transcript says.

use serde_json::{Value, json};
use wall::Voice;

use crate::client::{Received, chat, post, streamed, wall, whole, words};

/// What tells one provider from another.
struct Habits {
    provider: &'static str,
    /// In a stream that thinks, and in one that calls a tool.
    stream: &'static [&'static str],
    call: &'static [&'static str],
    /// The member that holds thoughts, where the provider says them.
    thoughts: Option<&'static str>,
    /// The status and the words of a refusal; a header that comes with a 429.
    refused: (u16, &'static str),
    limited: (u16, &'static str, Option<(&'static str, &'static str)>),
    bad_key: (u16, &'static str),
}

const HABITS: [Habits; 13] = [
    Habits {
        provider: "groq",
        stream: &[r#""x_groq":{"id":"req_"#, r#"","usage":{"queue_time":"#, r#""reasoning":"r1""#],
        call: &[r#""finish_reason":"tool_calls""#],
        thoughts: Some("reasoning"),
        refused: (400, "must be less than or equal to `8192`"),
        limited: (429, "tokens per minute (TPM): Limit 6000", Some(("x-ratelimit-reset-requests", "2m59.56s"))),
        bad_key: (401, "Invalid API Key"),
    },
    Habits {
        provider: "openai",
        stream: &[r#""obfuscation":"#, r#""usage":null"#],
        call: &[r#""id":"call_"#],
        thoughts: None,
        refused: (400, r#""code": "unsupported_value""#),
        limited: (429, "requests per min (RPM)", Some(("retry-after-ms", "20000"))),
        bad_key: (401, "invalid_api_key"),
    },
    Habits {
        provider: "openrouter",
        stream: &[
            ": OPENROUTER PROCESSING\n\n",
            r#""native_finish_reason":"stop""#,
            r#""cost":0"#,
            r#""reasoning":"r1""#,
        ],
        call: &[": OPENROUTER PROCESSING\n\n"],
        thoughts: Some("reasoning"),
        refused: (400, r#""provider_name":"Fireworks""#),
        limited: (429, "is temporarily rate-limited upstream", None),
        bad_key: (401, "User not found."),
    },
    Habits {
        provider: "mistral",
        stream: &[r#"[{"type":"thinking","thinking":[{"type":"text","text":"r1"}]}]"#, r#""p":"#],
        call: &[r#""id":"D681PevKs""#],
        thoughts: None,
        refused: (400, "invalid_request_message_order"),
        limited: (429, r#""code":"1300""#, Some(("x-ratelimit-remaining-req-minute", "0"))),
        bad_key: (401, r#"{"detail":"Unauthorized"}"#),
    },
    Habits {
        provider: "deepseek",
        stream: &[": keep-alive\n\n", r#""prompt_cache_miss_tokens":"#, r#""reasoning_content":"r1""#],
        call: &[r#""id":"call_0_"#],
        thoughts: Some("reasoning_content"),
        refused: (400, "valid range of max_tokens"),
        limited: (429, "Rate limit reached", None),
        bad_key: (401, "Authentication Fails"),
    },
    Habits {
        provider: "gemini",
        stream: &[r#""delta":{"content":"w1","role":"assistant"},"index":0}"#],
        call: &[r#""finish_reason":"stop""#, r#""thought_signature":"#],
        thoughts: None,
        refused: (400, "Cannot find field."),
        limited: (429, r#""retryDelay":"36s""#, None),
        bad_key: (400, "API_KEY_INVALID"),
    },
    Habits {
        provider: "azure",
        stream: &[r#"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":"#],
        call: &[r#""content_filter_results":{}"#],
        thoughts: None,
        refused: (400, "Unrecognized request argument supplied: top_k"),
        limited: (429, "Please retry after 21 seconds", Some(("retry-after", "21"))),
        bad_key: (401, "Access denied due to invalid subscription key"),
    },
    Habits {
        provider: "huggingface",
        stream: &[r#""text":"w1""#, r#""token_id":468"#],
        call: &[r#""id":null,"type":null,"function":{"name":null"#],
        thoughts: None,
        refused: (400, "model_not_supported"),
        limited: (429, "Too Many Requests", Some(("ratelimit", r#""api";r=0;t=55"#))),
        bad_key: (401, "Invalid username or password."),
    },
    Habits {
        provider: "vllm",
        stream: &[r#""stop_reason":null"#, r#""reasoning_content":"r1""#],
        call: &[r#""id":"chatcmpl-tool-"#],
        thoughts: Some("reasoning_content"),
        refused: (400, "--enable-auto-tool-choice"),
        limited: (429, "<center>nginx</center>", Some(("content-type", "text/html"))),
        bad_key: (401, r#"{"error":"Unauthorized"}"#),
    },
    Habits {
        provider: "llama-cpp",
        stream: &[r#""delta":{"role":"assistant","content":null}"#, r#""timings":"#, r#""reasoning_content":"r1""#],
        call: &[r#""arguments":"{""#],
        thoughts: Some("reasoning_content"),
        refused: (400, "tools param requires --jinja flag"),
        limited: (503, "Loading model", None),
        bad_key: (401, "authentication_error"),
    },
    Habits {
        provider: "ollama",
        stream: &[r#""system_fingerprint":"fp_ollama""#, r#""content":"","reasoning":"r1""#],
        call: &[r#""id":"call_lbcjwr0u","index":0"#],
        thoughts: Some("reasoning"),
        refused: (400, "does not support tools"),
        limited: (503, "maximum pending requests exceeded", None),
        bad_key: (401, r#"{"error":"unauthorized"}"#),
    },
    Habits {
        provider: "lm-studio",
        stream: &[r#""reasoning_content":"r1""#],
        call: &[r#""id":"365174485""#],
        thoughts: Some("reasoning_content"),
        refused: (400, "Only user and assistant roles are supported!"),
        limited: (429, "Too Many Requests", Some(("content-type", "text/plain"))),
        bad_key: (401, "invalid_api_key"),
    },
    Habits {
        provider: "tgi",
        stream: &[r#""object":"chat.completion.chunk","id":"""#],
        call: &[r#""id":"0","type":"function","function":{"name":null"#, r#""finish_reason":"stop""#],
        thoughts: None,
        refused: (422, r#""error_type":"validation""#),
        limited: (429, r#""error_type":"overloaded""#, None),
        bad_key: (401, ""),
    },
];

fn body(answer: &Received) -> String {
    if answer.header("transfer-encoding").is_some() { answer.unchunked().0 } else { text(answer) }
}

fn text(answer: &Received) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// Name and arguments of the call in a stream.
fn called(answer: &Received) -> (String, Value) {
    let (mut name, mut arguments) = (String::new(), String::new());
    for chunk in answer.chunks() {
        let function = &chunk["choices"][0]["delta"]["tool_calls"][0]["function"];
        name += function["name"].as_str().unwrap_or_default();
        arguments += function["arguments"].as_str().unwrap_or_default();
    }
    (name, serde_json::from_str(&arguments).unwrap())
}

#[test]
fn every_voice_stands_in_the_table() {
    let table = HABITS.iter().map(|habits| habits.provider);
    assert!(Voice::all().map(Voice::name).eq(table));
}

#[test]
fn each_voice_streams_as_its_provider_does() {
    let wall = wall();
    for Habits { provider, stream, .. } in HABITS {
        let mut ask = chat(&format!("as-{provider}+reasoning-2+ok-3"), true);
        ask["stream_options"] = json!({ "include_usage": true });
        let answer = post(&wall, "/v1/chat/completions", &ask);
        let body = body(&answer);
        for habit in stream {
            assert!(body.contains(habit), "{provider}: no {habit} in {body}");
        }
        assert_eq!(answer.streamed_text(), words(1, 3), "{provider}");
        assert_eq!(answer.finish_reason().as_deref(), Some("stop"), "{provider}");
        assert!(answer.is_done() && body.contains(r#""prompt_tokens":3"#), "{provider}: {body}");
    }
}

#[test]
fn each_voice_answers_whole_as_its_provider_does() {
    let wall = wall();
    for Habits { provider, thoughts, .. } in HABITS {
        let answer = whole(&wall, &format!("as-{provider}+ok-3")).json();
        assert_eq!(answer["choices"][0]["message"]["content"], words(1, 3), "{provider}");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop", "{provider}");
        assert_eq!(answer["usage"]["completion_tokens"], 3, "{provider}");
        if let Some(member) = thoughts {
            let message =
                whole(&wall, &format!("as-{provider}+reasoning-2+ok-3")).json()["choices"][0]["message"].clone();
            assert_eq!((&message[member], &message["content"]), (&json!("r1 r2"), &json!(words(1, 3))), "{provider}");
        }
    }
    let parts = whole(&wall, "as-mistral+reasoning-2+ok-3").json()["choices"][0]["message"]["content"].clone();
    assert_eq!(parts[0]["thinking"][0]["text"], "r1 r2");
    assert_eq!(parts[1], json!({ "type": "text", "text": words(1, 3) }));
    assert!(text(&whole(&wall, "as-deepseek")).starts_with("\n\n\n{"), "empty lines while it waits");
}

#[test]
fn each_voice_calls_a_tool_as_its_provider_does() {
    let wall = wall();
    let paris = json!({ "city": "Paris" });
    for Habits { provider, call, .. } in HABITS {
        let model = format!("as-{provider}+tool-call");
        let answer = streamed(&wall, &model);
        let body = body(&answer);
        for habit in call {
            assert!(body.contains(habit), "{provider}: no {habit} in {body}");
        }
        assert_eq!(called(&answer), ("get_weather".to_owned(), paris.clone()), "{provider}");
        let message = whole(&wall, &model).json()["choices"][0]["message"].clone();
        let arguments = message["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), paris, "{provider}");
    }
    let gemini = streamed(&wall, "as-gemini+tool-call").chunks();
    assert!(gemini[0]["choices"][0]["delta"]["tool_calls"][0].get("index").is_none());
}

#[test]
fn each_voice_refuses_as_its_provider_does() {
    let wall = wall();
    for Habits { provider, refused, limited, bad_key, .. } in HABITS {
        let (limited, header) = ((limited.0, limited.1), limited.2);
        for (fault, (status, says)) in [("400", refused), ("429", limited), ("401", bad_key)] {
            let answer = whole(&wall, &format!("as-{provider}+{fault}"));
            assert_eq!(answer.status(), status, "{provider}, {fault}");
            assert!(text(&answer).contains(says), "{provider}, {fault}: {}", text(&answer));
            let Some((name, value)) = header.filter(|_| fault == "429") else { continue };
            assert_eq!(answer.header(name), Some(value), "{provider}, {fault}");
        }
    }
    assert_eq!(whole(&wall, "429-retry-after-3+as-groq").header("retry-after"), Some("3"));
    assert_eq!(whole(&wall, "as-groq").header("x-ratelimit-limit-requests"), Some("14400"));
}

#[test]
fn faults_hold_in_every_voice() {
    let wall = wall();
    for voice in Voice::all().map(Voice::name) {
        let cut = streamed(&wall, &format!("as-{voice}+cut-after-2"));
        assert_eq!((cut.streamed_text(), cut.is_done()), (words(1, 2), false), "{voice}");
        let failed = streamed(&wall, &format!("as-{voice}+error-frame-after-2"));
        assert!(body(&failed).contains("The wall broke off."), "{voice}");
        let lengthy = streamed(&wall, &format!("as-{voice}+length-2"));
        assert_eq!(lengthy.finish_reason().as_deref(), Some("length"), "{voice}");
        let silent = streamed(&wall, &format!("as-{voice}+no-finish+ok-2"));
        assert_eq!((silent.finish_reason(), silent.is_done()), (None, true), "{voice}");
    }
}
