//! Errors, in the forms that providers send them, and in OpenAI's to send on.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a provider says of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderError {
    /// In words.
    pub message: String,
    /// OpenAI's `type`.
    pub kind: Option<String>,
    /// OpenAI's `code`; a number as text.
    pub code: Option<String>,
    /// The HTTP status, where the body repeats it.
    pub status: Option<u16>,
    /// The member of the request that is at fault, as the provider names it: OpenAI's `param`, pydantic's `loc` without its
    /// `body`, the parts joined by dots.
    pub param: Option<String>,
}

impl ProviderError {
    /// Reads `{"error":{…}}` (OpenAI), `{"error":"…"}` (Hugging Face, Ollama), the same in an array (Gemini), `errors`
    /// (Cloudflare), a bare `message`, `detail` or `error_msg` (vLLM, FastAPI), a `message` that is an object with a `detail`
    /// (Mistral), and what OpenRouter quotes of the provider behind it (`metadata.raw`); `None` for what is none of these.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        match serde_json::from_slice(body).ok()? {
            Value::Object(body) => Self::of_body(&body),
            Value::Array(items) => items.iter().find_map(Value::as_object).and_then(Self::of_body),
            _ => None,
        }
    }

    fn of_body(body: &Map<String, Value>) -> Option<Self> {
        match body.get("error") {
            Some(Value::Object(error)) => Some(Self::of(error).with_what_it_quotes(error)),
            Some(Value::String(message)) => Some(Self { message: message.clone(), ..Self::of(body) }),
            Some(Value::Array(messages)) => Some(Self { message: join(messages), ..Self::of(body) }),
            _ => {
                let listed = || body.get("errors")?.as_array()?.iter().find_map(Value::as_object).map(Self::of);
                let error = Some(Self::of(body)).filter(|error| !error.message.is_empty());
                error.or_else(|| listed().filter(|error| !error.message.is_empty()))
            }
        }
    }

    fn of(members: &Map<String, Value>) -> Self {
        let text = |name: &str| match members.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let nested = members.get("message").and_then(Value::as_object);
        let details = members.get("detail").or_else(|| nested?.get("detail"));
        let words = || match details? {
            Value::String(text) => Some(text.clone()),
            Value::Array(details) => Some(join(details)),
            _ => None,
        };
        let said = || nested?.get("message")?.as_str().map(str::to_owned);
        let code = text("code");
        let number = |name: &str| members.get(name).and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok());
        let status = number("status").or_else(|| number("status_code")).or_else(|| code.as_ref()?.parse().ok());
        let message = text("message").or_else(said).or_else(words).or_else(|| text("error_msg")).unwrap_or_default();
        Self {
            param: text("param").or_else(|| details.and_then(location)).or_else(|| printed_location(&message)),
            message: printed_message(&message).unwrap_or(message),
            kind: text("type").or_else(|| text("error_type")).or_else(|| text("status")),
            code,
            status: status.filter(|status| (100..=599).contains(status)),
        }
    }

    /// OpenRouter says "Provider returned error", and quotes the provider's own in `metadata.raw`.
    fn with_what_it_quotes(self, error: &Map<String, Value>) -> Self {
        let raw = error.get("metadata").and_then(|metadata| metadata.get("raw"));
        let quoted = match raw {
            Some(Value::String(raw)) => Self::read(raw.as_bytes()),
            Some(Value::Object(raw)) => Self::of_body(raw),
            _ => None,
        };
        match quoted {
            Some(quoted) => Self {
                kind: quoted.kind.or(self.kind),
                code: quoted.code.or(self.code),
                status: self.status.or(quoted.status),
                ..quoted
            },
            None => self,
        }
    }
}

fn join(messages: &[Value]) -> String {
    let text = |message: &Value| match message {
        Value::String(text) => Some(text.clone()),
        Value::Object(members) => Some(members.get("msg").or_else(|| members.get("message"))?.as_str()?.to_owned()),
        _ => None,
    };
    messages.iter().filter_map(text).collect::<Vec<_>>().join("; ")
}

/// Where pydantic found the first fault: `["body", "messages", 0, "role"]` is `messages.0.role`.
fn location(details: &Value) -> Option<String> {
    let path = details.as_array()?.iter().find_map(|detail| detail.get("loc")?.as_array())?;
    let part = |part: &Value| match part {
        Value::String(name) => Some(name.clone()),
        Value::Number(index) => Some(index.to_string()),
        _ => None,
    };
    let parts: Vec<String> = path.iter().filter_map(part).skip_while(|part| part == "body").collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// What vLLM makes of pydantic's list: Python's own print of it, which quotes the caller's input.
const PRINTED: &str = "[{'type': ";

/// The place of the first fault in such a print.
fn printed_location(message: &str) -> Option<String> {
    let path = message.strip_prefix(PRINTED)?.split_once("'loc': (")?.1.split_once(')')?.0;
    let parts = path.split(',').map(|part| part.trim().trim_matches('\''));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).skip_while(|part| *part == "body").collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The words of the first fault in such a print, without the input that it quotes.
fn printed_message(message: &str) -> Option<String> {
    let words = message.strip_prefix(PRINTED)?.split_once("'msg': '")?.1.split_once('\'')?.0;
    Some(words.to_owned())
}

/// OpenAI's error body.
#[must_use]
pub fn error_body(message: &str, kind: &str, code: Option<&str>, param: Option<&str>) -> Bytes {
    #[derive(Serialize)]
    struct Body<'a> {
        error: Error<'a>,
    }
    #[derive(Serialize)]
    struct Error<'a> {
        message: &'a str,
        r#type: &'a str,
        param: Option<&'a str>,
        code: Option<&'a str>,
    }
    let body = Body { error: Error { message, r#type: kind, param, code } };
    serde_json::to_vec(&body).expect("strings serialize").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_providers_are_read() {
        for (body, message, code) in [
            (r#"{"error":{"message":"no","type":"t","code":"model_not_found"}}"#, "no", Some("model_not_found")),
            (r#"{"error":"Model is loading","estimated_time":20.0}"#, "Model is loading", None),
            (r#"{"error":["a","b"]}"#, "a; b", None),
            (r#"{"detail":"Not Found"}"#, "Not Found", None),
            (r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, "field required", None),
            (r#"{"object":"error","message":"long","code":400}"#, "long", Some("400")),
            (r#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, "m", Some("400")),
            (
                r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#,
                "Authentication error",
                Some("10000"),
            ),
            (
                r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"inner\"}}"}}}"#,
                "inner",
                Some("400"),
            ),
            (r#"{"error":{"message":"outer","code":502,"metadata":{"raw":"words"}}}"#, "outer", Some("502")),
        ] {
            let error = ProviderError::read(body.as_bytes()).expect(body);
            assert_eq!((&*error.message, error.code.as_deref()), (message, code), "{body}");
        }
        for body in ["", "<html>", "[]", "{}", r#"{"choices":[]}"#] {
            assert_eq!(ProviderError::read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn the_member_at_fault_is_read_and_never_what_was_in_it() {
        for (body, message, param) in [
            (r#"{"error":{"message":"no","param":"tools"}}"#, "no", "tools"),
            (
                r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"a":1}}]},"code":null}"#,
                "Extra inputs are not permitted",
                "stream_options",
            ),
            (
                r#"{"detail":[{"loc":["body","messages",0,"role"],"msg":"field required"}]}"#,
                "field required",
                "messages.0.role",
            ),
            (
                r#"{"object":"error","message":"[{'type': 'missing', 'loc': ('body', 'messages', 0, 'role'), 'msg': 'Field required', 'input': {'content': 'unknown model'}}]","code":400}"#,
                "Field required",
                "messages.0.role",
            ),
        ] {
            let error = ProviderError::read(body.as_bytes()).expect(body);
            assert_eq!((&*error.message, error.param.as_deref()), (message, Some(param)), "{body}");
        }
    }

    #[test]
    fn the_body_is_openais() {
        let body = error_body("a \"b\"", "invalid_request_error", Some("c"), None);
        assert_eq!(
            &body[..],
            br#"{"error":{"message":"a \"b\"","type":"invalid_request_error","param":null,"code":"c"}}"#
        );
    }
}
