//! Choices from lists as providers give them, shortened: Groq's of 2024 and of August 2026, the others of 2026.

use std::time::Duration;

use super::*;

/// Groq's, with the tokens that each has room for.
const GROQ: &str = r#"{"object":"list","data":[
    {"id":"allam-2-7b","object":"model","owned_by":"SDAIA","active":true,"context_window":4096},
    {"id":"canopylabs/orpheus-v1-english","owned_by":"Canopy Labs","active":true,"context_window":4000},
    {"id":"groq/compound","owned_by":"Groq","active":true,"context_window":131072},
    {"id":"groq/compound-mini","owned_by":"Groq","active":true,"context_window":131072},
    {"id":"meta-llama/llama-prompt-guard-2-86m","owned_by":"Meta","active":true,"context_window":512},
    {"id":"openai/gpt-oss-120b","owned_by":"OpenAI","active":true,"context_window":131072},
    {"id":"openai/gpt-oss-20b","owned_by":"OpenAI","active":true,"context_window":131072},
    {"id":"openai/gpt-oss-safeguard-20b","owned_by":"OpenAI","active":true,"context_window":131072},
    {"id":"qwen/qwen3.6-27b","owned_by":"Alibaba Cloud","active":true,"context_window":131072},
    {"id":"whisper-large-v3","owned_by":"OpenAI","active":true,"context_window":448},
    {"id":"whisper-large-v3-turbo","owned_by":"OpenAI","active":true,"context_window":448}]}"#;

const GROQ_BEFORE: &str = r#"{"object":"list","data":[
    {"id":"gemma2-9b-it","active":true,"context_window":8192},
    {"id":"llama3-8b-8192","active":true,"context_window":8192},
    {"id":"llama-guard-3-8b","active":true,"context_window":8192},
    {"id":"distil-whisper-large-v3-en","active":true,"context_window":448},
    {"id":"llama-3.3-70b-specdec","active":false,"context_window":8192},
    {"id":"llama-3.3-70b-versatile","active":true,"context_window":131072},
    {"id":"llama-3.1-8b-instant","active":true,"context_window":131072}]}"#;

const OPENROUTER: &str = r#"{"data":[
    {"id":"openrouter/auto","name":"Auto Router","pricing":{"prompt":"-1","completion":"-1"},"context_length":2000000},
    {"id":"google/gemma-4-31b-it:free","name":"Google: Gemma 4 31B (free)","pricing":{"prompt":"0","completion":"0"},"architecture":{"output_modalities":["text"]},"context_length":262144},
    {"id":"google/gemini-2.5-flash-image:free","pricing":{"prompt":"0","completion":"0"},"architecture":{"output_modalities":["image","text"]}},
    {"id":"nvidia/nemotron-3-ultra-550b-a55b:free","pricing":{"prompt":"0","completion":"0"},"context_length":262144},
    {"id":"nvidia/nemotron-3.5-content-safety:free","pricing":{"prompt":"0","completion":"0"},"context_length":131072},
    {"id":"meta-llama/llama-3.3-70b-instruct","pricing":{"prompt":"0.00000013","completion":"0.0000004"},"context_length":131072},
    {"id":"meta-llama/llama-3.2-3b-instruct:free","pricing":{"prompt":"0","completion":"0"},"context_length":131072},
    {"id":"qwen/qwen3-coder:free","pricing":{"prompt":"0","completion":"0"},"context_length":262144},
    {"id":"openai/gpt-oss-120b:free","pricing":{"prompt":"0","completion":"0"},"context_length":131072},
    {"id":"openai/gpt-oss-20b:free","pricing":{"prompt":"0","completion":"0"},"context_length":131072},
    {"id":"openai/gpt-oss-120b","pricing":{"prompt":"0.00000005","completion":"0.00000025"},"context_length":131072},
    {"id":"openai/gpt-5.4-mini","pricing":{"prompt":"0.00000025","completion":"0.000002"},"context_length":400000},
    {"id":"openai/gpt-5.4-pro","pricing":{"prompt":"0.00003","completion":"0.00018"},"context_length":400000}]}"#;

const GEMINI: &str = r#"{"object":"list","data":[
    {"id":"models/text-embedding-004","object":"model","owned_by":"google"},
    {"id":"models/gemini-embedding-001","object":"model","owned_by":"google"},
    {"id":"models/aqa","object":"model","owned_by":"google"},
    {"id":"models/imagen-4.0-generate-001","object":"model","owned_by":"google"},
    {"id":"models/gemini-2.5-flash-preview-tts","object":"model","owned_by":"google"},
    {"id":"models/gemini-3-flash-preview","object":"model","owned_by":"google"},
    {"id":"models/gemini-3.5-flash","object":"model","owned_by":"google"},
    {"id":"models/gemini-3.5-flash-lite","object":"model","owned_by":"google"},
    {"id":"models/gemini-3.6-flash","object":"model","owned_by":"google"},
    {"id":"models/gemini-pro-latest","object":"model","owned_by":"google"},
    {"id":"models/gemma-4-31b-it","object":"model","owned_by":"google"}]}"#;

const MISTRAL: &str = r#"{"object":"list","data":[
    {"id":"codestral-latest","capabilities":{"completion_chat":true},"max_context_length":256000,"deprecation":null,"type":"base"},
    {"id":"magistral-medium-2507","capabilities":{"completion_chat":true},"deprecation":"2026-02-01T00:00:00Z","type":"base"},
    {"id":"mistral-embed","capabilities":{"completion_chat":false},"max_context_length":8192,"type":"base"},
    {"id":"mistral-large-2512","capabilities":{"completion_chat":true},"max_context_length":262144,"deprecation":null,"type":"base"},
    {"id":"mistral-medium-2505","capabilities":{"completion_chat":true},"deprecation":"2026-10-01T00:00:00Z","deprecation_replacement_model":"mistral-medium-3-5","type":"base"},
    {"id":"mistral-medium-3-5","capabilities":{"completion_chat":true},"max_context_length":262144,"type":"base"},
    {"id":"mistral-moderation-latest","capabilities":{"completion_chat":false,"classification":true},"type":"base"},
    {"id":"mistral-ocr-latest","capabilities":{"completion_chat":false},"type":"base"},
    {"id":"mistral-small-2603","capabilities":{"completion_chat":true},"max_context_length":262144,"type":"base"},
    {"id":"mistral-small-latest","capabilities":{"completion_chat":true},"max_context_length":262144,"type":"base"},
    {"id":"ministral-8b-2512","capabilities":{"completion_chat":true},"max_context_length":262144,"type":"base"}]}"#;

const CLOUDFLARE: &str = r#"{"success":true,"errors":[],"result":[
    {"id":"429b9e8b","name":"@cf/baai/bge-m3","task":{"name":"Text Embeddings"}},
    {"id":"1a2b3c4d","name":"@cf/meta/llama-guard-3-8b","task":{"name":"Text Generation"}},
    {"id":"0b1c2d3e","name":"@cf/openai/whisper","task":{"name":"Automatic Speech Recognition"}},
    {"id":"7d8e9f0a","name":"@cf/openai/gpt-oss-120b","task":{"name":"Text Generation"}},
    {"id":"fe8904cf","name":"@cf/qwen/qwen3-30b-a3b-fp8","task":{"name":"Text Generation"}},
    {"id":"9f8e7d6c","name":"@cf/meta/llama-3.1-8b-instruct-fp8","task":{"name":"Text Generation"}},
    {"id":"5e6f7a8b","name":"@cf/meta/llama-3.3-70b-instruct-fp8-fast","task":{"name":"Text Generation"}}]}"#;

const OLLAMA: &str = r#"{"object":"list","data":[
    {"id":"nomic-embed-text:latest","object":"model","owned_by":"library"},
    {"id":"qwen2.5-coder:1.5b","object":"model","owned_by":"library"},
    {"id":"llama3.2:latest","object":"model","owned_by":"library"},
    {"id":"qwen2.5-coder:7b-instruct-q4_K_M","object":"model","owned_by":"library"}]}"#;

const TOGETHER: &str = r#"[
    {"id":"black-forest-labs/FLUX.1-schnell","type":"image"},
    {"id":"BAAI/bge-large-en-v1.5","type":"embedding"},
    {"id":"Salesforce/Llama-Rank-V1","type":"rerank"},
    {"id":"meta-llama/Llama-3.3-70B-Instruct-Turbo","type":"chat"}]"#;

/// What a choice is made from, beside the list.
#[derive(Clone, Copy)]
struct Given {
    kind: &'static str,
    refusal: &'static str,
    gone: &'static [&'static str],
    /// The rows of a file of the user's own.
    rows: &'static str,
}

/// A kind of which nothing is documented.
const PLAIN: Given = Given { kind: "sambanova", refusal: "", gone: &[], rows: "" };
/// One whose free models are known by their names.
const FREE: Given = Given { kind: "openrouter", ..PLAIN };

fn choose(list: &str, wanted: &str, given: &Given) -> Option<String> {
    let list = wire::models::list(list.as_bytes()).expect("a list");
    let gone: Vec<_> = given.gone.iter().chain([&wanted]).map(ToString::to_string).collect();
    let target = Target {
        kind: given.kind.parse().expect("a kind"),
        base_url: "http://host/v1".parse().expect("an address"),
        key: None,
        model: wanted.to_owned(),
        connect: Duration::from_secs(1),
    };
    let providers = Providers::with(given.rows).expect("sound rows");
    let succession = Succession { target: &target, providers: &providers, gone: &gone, refusal: given.refusal };
    succession.of(&list).map(str::to_owned)
}

#[test]
fn the_nearest_of_a_providers_list_is_of_the_same_family_then_of_about_the_size_then_free() {
    for (list, wanted, given, chosen) in [
        (GROQ, "llama-3.3-70b-versatile", &PLAIN, "openai/gpt-oss-120b"),
        (GROQ, "llama-3.1-8b-instant", &PLAIN, "openai/gpt-oss-20b"),
        (GROQ, "qwen/qwen3-32b", &PLAIN, "qwen/qwen3.6-27b"),
        (GROQ_BEFORE, "llama-3.1-70b-versatile", &PLAIN, "llama-3.3-70b-versatile"),
        (GROQ_BEFORE, "llama-3.2-3b-preview", &PLAIN, "llama-3.1-8b-instant"),
        (GROQ_BEFORE, "gemma-7b-it", &PLAIN, "gemma2-9b-it"),
        (OPENROUTER, "qwen/qwen-2.5-coder-32b-instruct:free", &FREE, "qwen/qwen3-coder:free"),
        (OPENROUTER, "google/gemma-2-9b-it:free", &FREE, "google/gemma-4-31b-it:free"),
        (OPENROUTER, "openai/gpt-4o-mini", &FREE, "openai/gpt-5.4-mini"),
        (GEMINI, "gemini-2.0-flash", &PLAIN, "gemini-3.5-flash"),
        (GEMINI, "models/gemini-2.5-flash-lite", &PLAIN, "gemini-3.5-flash-lite"),
        (GEMINI, "gemini-2.5-pro", &PLAIN, "gemini-pro-latest"),
        (GEMINI, "gemma-3-27b-it", &PLAIN, "gemma-4-31b-it"),
        (MISTRAL, "mistral-small-2409", &PLAIN, "mistral-small-latest"),
        (MISTRAL, "mistral-large-2411", &PLAIN, "mistral-large-2512"),
        (MISTRAL, "codestral-2405", &PLAIN, "codestral-latest"),
        (CLOUDFLARE, "@cf/meta/llama-3.1-8b-instruct", &PLAIN, "@cf/meta/llama-3.1-8b-instruct-fp8"),
        (CLOUDFLARE, "@cf/meta/llama-4-scout-17b-16e-instruct", &PLAIN, "@cf/meta/llama-3.1-8b-instruct-fp8"),
        (CLOUDFLARE, "@cf/qwen/qwq-32b", &PLAIN, "@cf/qwen/qwen3-30b-a3b-fp8"),
        (OLLAMA, "qwen2.5-coder:14b", &PLAIN, "qwen2.5-coder:7b-instruct-q4_K_M"),
        (OLLAMA, "llama3.2", &PLAIN, "llama3.2:latest"),
        (OLLAMA, "auto", &PLAIN, "qwen2.5-coder:1.5b"),
        (TOGETHER, "meta-llama/Llama-3.1-70B-Instruct-Turbo", &PLAIN, "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        (TOGETHER, "mistralai/Mixtral-8x7B-Instruct-v0.1", &PLAIN, "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    ] {
        assert_eq!(choose(list, wanted, given).as_deref(), Some(chosen), "{wanted}");
    }
}

#[test]
fn in_the_place_of_a_model_that_costs_nothing_stands_none_that_bills() {
    let chosen = choose(OPENROUTER, "meta-llama/llama-3.3-70b-instruct:free", &FREE);
    assert_eq!(chosen.as_deref(), Some("meta-llama/llama-3.2-3b-instruct:free"), "and not the same model for money");
    let only_paid = r#"[{"id":"openai/gpt-5.4-mini","pricing":{"prompt":"0.1","completion":"0.1"}},{"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}}]"#;
    assert_eq!(choose(only_paid, "openai/gpt-oss-20b:free", &FREE), None);
    assert_eq!(choose(only_paid, "gpt-oss-20b", &PLAIN), None, "whatever its name says, the list names a price");
    assert_eq!(choose(only_paid, "openai/gpt-4o-mini", &FREE).as_deref(), Some("openai/gpt-5.4-mini"));
}

#[test]
fn what_is_documented_comes_first_where_the_list_has_it() {
    let groq = Given { kind: "groq", ..PLAIN };
    assert_eq!(choose(GROQ, "llama-3.3-70b-versatile", &groq).as_deref(), Some("openai/gpt-oss-120b"));
    assert_eq!(choose(GROQ_BEFORE, "llama-3.1-70b-versatile", &groq).as_deref(), Some("llama-3.3-70b-versatile"));
    let own = Given {
        rows: r#"
            [[successor]]
            kind = "groq"
            to = "llama-3.2-3b"
            from = ["llama-3.1-8b-instant"]
            sources = ["https://groq.example"]
            as_of = 2027-01-01
            [[successor]]
            kind = "groq"
            to = "qwen/qwen3.6-27b"
            from = ["llama-3.2-3b"]
            sources = ["https://groq.example"]
            as_of = 2027-01-01
            [[successor]]
            kind = "groq"
            to = "round"
            from = ["and-round"]
            sources = ["https://groq.example"]
            as_of = 2027-01-01
            [[successor]]
            kind = "groq"
            to = "and-round"
            from = ["round"]
            sources = ["https://groq.example"]
            as_of = 2027-01-01
        "#,
        ..groq
    };
    assert_eq!(choose(GROQ, "llama-3.1-8b-instant", &own).as_deref(), Some("qwen/qwen3.6-27b"), "two steps on");
    let gone = Given { gone: &["qwen/qwen3.6-27b"], ..own };
    assert_eq!(choose(GROQ, "llama-3.1-8b-instant", &gone).as_deref(), Some("openai/gpt-oss-20b"), "it is gone too");
    assert_eq!(choose(GROQ, "round", &own).as_deref(), Some("groq/compound"), "a circle leads nowhere");
}

#[test]
fn what_the_provider_itself_names_comes_before_what_is_near() {
    let chosen = |list, wanted, refusal| choose(list, wanted, &Given { refusal, ..PLAIN });
    let moved = "This model models/gemini-2.5-flash is no longer available to new users. Please update your code to use \
                 models/gemini-3.6-flash for the latest features and improvements.";
    assert_eq!(chosen(GEMINI, "gemini-2.5-flash", moved).as_deref(), Some("gemini-3.6-flash"));
    assert_eq!(
        chosen(GEMINI, "gemini-2.5-flash", "Use gemini-3.5-flash-lite.").as_deref(),
        Some("gemini-3.5-flash-lite")
    );
    assert_eq!(chosen(MISTRAL, "mistral-medium-2505", "").as_deref(), Some("mistral-medium-3-5"));
    let paid = Given { refusal: "use this slug instead: openai/gpt-oss-120b", ..FREE };
    assert_eq!(choose(OPENROUTER, "openai/gpt-oss-120b:free", &paid).as_deref(), Some("openai/gpt-oss-20b:free"));
}

#[test]
fn a_list_without_a_model_for_chats_has_no_successor() {
    let none = r#"{"data":[{"id":"whisper-large-v3"},{"id":"text-embedding-3-small"},{"id":"playai-tts"},
        {"id":"llama-guard-4-12b"},{"id":"orpheus","context_window":4000},{"id":"gone"},{"id":"models/Gone"},
        {"id":"rerank-v3.5"},{"id":"llama-3.3-70b","active":false}]}"#;
    assert_eq!(choose(none, "gone", &PLAIN), None);
    assert_eq!(choose(r#"{"data":[]}"#, "gone", &PLAIN), None);
    assert_eq!(choose(r#"{"data":[{"id":"attsomething"}]}"#, "gone", &PLAIN).as_deref(), Some("attsomething"));
}
