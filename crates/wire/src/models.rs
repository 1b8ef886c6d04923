//! `GET /v1/models`, as providers answer it.

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// More models than any provider has: a longer list is none.
pub const MOST_MODELS: usize = 10_000;

/// A longer name is none.
const LONGEST_NAME: usize = 200;

/// Outputs that a chat has, in the words of OpenRouter, Together and Cloudflare.
const CHAT: [&str; 6] = ["chat", "text", "language", "llm", "vlm", "text generation"];
/// Methods that a chat is asked by, in the words of Gemini's own list and of Cohere's.
const CHAT_METHODS: [&str; 2] = ["generatecontent", "chat"];

/// One model of a provider's list, as far as the list says anything of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedModel {
    /// The name to ask for.
    pub id: String,
    /// Whether it is one for chats.
    pub chat: Option<bool>,
    /// Whether it is said to be switched off, or to go soon.
    pub leaving: bool,
    /// What the provider names in its place.
    pub replacement: Option<String>,
    /// How many tokens it has room for.
    pub context: Option<u64>,
    /// Dollars for a token of the prompt and one of the answer together.
    pub price: Option<f64>,
}

/// The models in a provider's list, in its order; `None` where the body is no such list, or has more than [`MOST_MODELS`].
#[must_use]
pub fn list(body: &[u8]) -> Option<Vec<ListedModel>> {
    let List(entries) = serde_json::from_slice(body).ok()?;
    Some(entries.iter().filter_map(ListedModel::read).collect())
}

/// The ids in a provider's list of models; `None` where the body is no such list.
#[must_use]
pub fn read(body: &[u8]) -> Option<Vec<String>> {
    Some(list(body)?.into_iter().map(|model| model.id).collect())
}

/// Who owns the models of the list (`owned_by`), by the first of them: servers name themselves there.
#[must_use]
pub fn owner(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Model>,
    }
    #[derive(Deserialize)]
    struct Model {
        owned_by: String,
    }
    let List { data } = serde_json::from_slice(body).ok()?;
    data.into_iter().next().map(|model| model.owned_by)
}

impl ListedModel {
    /// `None` for an entry without a name that can be asked for.
    fn read(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        // Cloudflare's `id` is a number of its own, and its `name` is what is asked for.
        let id = if entry.get("task").is_some() { text("name") } else { text("id").or_else(|| text("name")) }?;
        // Gemini lists the names of resources, and is asked for either.
        let id = id.strip_prefix("models/").unwrap_or(id);
        let nameable = !id.is_empty() && id.len() <= LONGEST_NAME && id.bytes().all(|byte| byte.is_ascii_graphic());
        nameable.then(|| Self {
            id: id.to_owned(),
            chat: is_for_chats(entry),
            leaving: is_leaving(entry),
            replacement: text("deprecation_replacement_model").map(str::to_owned),
            context: ["context_window", "context_length", "max_context_length", "max_model_len"]
                .iter()
                .find_map(|name| entry.get(name)?.as_u64()),
            price: price(entry),
        })
    }
}

/// Whether an entry says that it is for chats: Mistral's `capabilities`, OpenRouter's `architecture`, Together's `type`,
/// Cloudflare's `task`, Gemini's and Cohere's lists of methods.
fn is_for_chats(entry: &Value) -> Option<bool> {
    let one_of = |words: &[&str], value: &Value| {
        value.as_str().is_some_and(|word| words.contains(&word.to_ascii_lowercase().as_str()))
    };
    let any_of = |words: &[&str], list: &Value| Some(list.as_array()?.iter().any(|word| one_of(words, word)));
    let only_of = |words: &[&str], list: &Value| Some(list.as_array()?.iter().all(|word| one_of(words, word)));
    let capability = || entry.get("capabilities")?.get("completion_chat")?.as_bool();
    let output = || only_of(&CHAT, entry.get("architecture")?.get("output_modalities")?);
    let methods = |name: &str| any_of(&CHAT_METHODS, entry.get(name)?);
    let task = || entry.get("task")?.get("name").map(|name| one_of(&CHAT, name));
    // Mistral's type of everything is "base".
    let kind = || entry.get("type").filter(|kind| !one_of(&["base", "model"], kind)).map(|kind| one_of(&CHAT, kind));
    capability()
        .or_else(output)
        .or_else(|| methods("supportedGenerationMethods"))
        .or_else(|| methods("endpoints"))
        .or_else(task)
        .or_else(kind)
}

/// Groq's `active`, Cohere's `is_deprecated`, Mistral's `deprecation` and OpenRouter's `expiration_date`, which are dates.
fn is_leaving(entry: &Value) -> bool {
    let dated = |name: &str| entry.get(name).is_some_and(|date| !date.is_null());
    entry.get("active") == Some(&Value::Bool(false))
        || entry.get("is_deprecated") == Some(&Value::Bool(true))
        || dated("deprecation")
        || dated("expiration_date")
}

/// OpenRouter's `pricing`, whose numbers are texts; a router's is -1.
fn price(entry: &Value) -> Option<f64> {
    let pricing = entry.get("pricing")?;
    let number = |name: &str| {
        let value = pricing.get(name)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    Some(number("prompt")? + number("completion")?)
}

/// The entries of a list in any of the forms: `{"data":[…]}` (OpenAI), `{"models":[…]}` (Ollama, Gemini, Cohere),
/// `{"result":[…]}` (Cloudflare), and the bare array (Together).
struct List(Vec<Value>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor).map(Self)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of models")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<Value>, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = entries.next_element()? {
            if all.len() == MOST_MODELS {
                return Err(A::Error::custom("more models than there are"));
            }
            all.push(entry);
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vec<Value>, A::Error> {
        let mut entries = None;
        while let Some(name) = members.next_key::<String>()? {
            if entries.is_none() && matches!(&*name, "data" | "models" | "result") {
                entries = Some(members.next_value::<List>()?.0);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        entries.ok_or_else(|| A::Error::custom("no list of models"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_found_in_each_form() {
        for body in [
            r#"{"object":"list","data":[{"id":"a","object":"model"}]}"#,
            r#"[{"id":"a"}]"#,
            r#"{"models":[{"name":"a"}]}"#,
            r#"{"models":[{"name":"models/a"}]}"#,
            r#"{"success":true,"result":[{"id":"fe8904cf","name":"a","task":{"name":"Text Generation"}}],"errors":[]}"#,
            r#"{"data":[{"id":"a","name":"A: the model","object":"model"}]}"#,
            r#"{"object":"list","data":[7,null,{"id":4},{"id":""},{"id":"a b"},{"name":null},{"id":"a"}]}"#,
        ] {
            assert_eq!(read(body.as_bytes()), Some(vec!["a".to_owned()]), "{body}");
        }
        assert_eq!(read(br#"{"data":[]}"#), Some(Vec::new()));
        for none in
            ["<html>", "{}", r#"{"error":{"message":"no"}}"#, "7", r#"{"data":7}"#, r#"{"data":[{"id":"a"}"#, ""]
        {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn what_a_list_says_of_a_model_is_read_from_each_providers_words() {
        let of = |entry: &str| list(format!("[{entry}]").as_bytes()).expect("a list").remove(0);
        for (chat, entry) in [
            (Some(true), r#"{"id":"a","capabilities":{"completion_chat":true},"type":"base"}"#),
            (Some(false), r#"{"id":"a","capabilities":{"completion_chat":false},"type":"base"}"#),
            (Some(true), r#"{"id":"a","architecture":{"output_modalities":["text"]}}"#),
            (Some(false), r#"{"id":"a","architecture":{"output_modalities":["image","text"]}}"#),
            (Some(true), r#"{"id":"a","type":"chat"}"#),
            (Some(false), r#"{"id":"a","type":"embedding"}"#),
            (Some(true), r#"{"name":"a","task":{"name":"Text Generation"}}"#),
            (Some(false), r#"{"name":"a","task":{"name":"Text Embeddings"}}"#),
            (Some(true), r#"{"name":"models/a","supportedGenerationMethods":["generateContent","countTokens"]}"#),
            (Some(false), r#"{"name":"models/a","supportedGenerationMethods":["embedContent"]}"#),
            (Some(true), r#"{"name":"a","endpoints":["chat","generate"]}"#),
            (None, r#"{"id":"a","object":"model","owned_by":"Meta"}"#),
            (None, r#"{"id":"a","capabilities":{"vision":true},"architecture":{}}"#),
        ] {
            assert_eq!(of(entry).chat, chat, "{entry}");
        }
        for leaving in [r#""active":false"#, r#""is_deprecated":true"#, r#""deprecation":"2026-12-01T00:00:00Z""#] {
            assert!(of(&format!(r#"{{"id":"a",{leaving}}}"#)).leaving, "{leaving}");
        }
        let stays = of(r#"{"id":"a","active":true,"deprecation":null,"expiration_date":null,"context_window":131072}"#);
        assert!(!stays.leaving && stays.context == Some(131_072) && stays.price.is_none());
        assert_eq!(of(r#"{"id":"a","pricing":{"prompt":"0","completion":"0"}}"#).price, Some(0.0));
        assert!(of(r#"{"id":"a","pricing":{"prompt":"-1","completion":"-1"}}"#).price.is_some_and(|price| price < 0.0));
        assert_eq!(of(r#"{"id":"a","deprecation_replacement_model":"b"}"#).replacement.as_deref(), Some("b"));
    }

    #[test]
    fn a_list_of_more_models_than_there_are_is_none() {
        let of = |models: usize| format!("[{}]", vec![r#"{"id":"a"}"#; models].join(","));
        assert_eq!(read(of(MOST_MODELS).as_bytes()).map(|models| models.len()), Some(MOST_MODELS));
        assert_eq!(read(of(100_000).as_bytes()), None);
    }

    #[test]
    fn the_owner_of_the_models_is_told_by_the_first() {
        let list = br#"{"object":"list","data":[{"id":"a","object":"model","owned_by":"vllm"}]}"#;
        assert_eq!(owner(list).as_deref(), Some("vllm"));
        for none in [r#"{"data":[]}"#, r#"{"data":[{"id":"a"}]}"#, "[]"] {
            assert_eq!(owner(none.as_bytes()), None, "{none}");
        }
    }
}
