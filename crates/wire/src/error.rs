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
}

impl ProviderError {
    /// Reads `{"error":{…}}` (OpenAI), `{"error":"…"}` (Hugging Face, Ollama), and a bare `message`, `detail` or
    /// `error_msg` (vLLM, FastAPI); `None` for what is none of these.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let Value::Object(body) = serde_json::from_slice(body).ok()? else { return None };
        match body.get("error") {
            Some(Value::Object(error)) => Some(Self::of(error)),
            Some(Value::String(message)) => Some(Self { message: message.clone(), ..Self::of(&body) }),
            Some(Value::Array(messages)) => Some(Self { message: join(messages), ..Self::of(&body) }),
            _ => Some(Self::of(&body)).filter(|error| !error.message.is_empty()),
        }
    }

    fn of(members: &Map<String, Value>) -> Self {
        let text = |name: &str| match members.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let details = || match members.get("detail")? {
            Value::String(text) => Some(text.clone()),
            Value::Array(details) => Some(join(details)),
            _ => None,
        };
        let code = text("code");
        let number = |name: &str| members.get(name).and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok());
        let status = number("status").or_else(|| number("status_code")).or_else(|| code.as_ref()?.parse().ok());
        Self {
            message: text("message").or_else(details).or_else(|| text("error_msg")).unwrap_or_default(),
            kind: text("type").or_else(|| text("error_type")),
            code,
            status: status.filter(|status| (100..=599).contains(status)),
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
        ] {
            let error = ProviderError::read(body.as_bytes()).expect(body);
            assert_eq!((&*error.message, error.code.as_deref()), (message, code), "{body}");
        }
        for body in ["", "<html>", "[]", "{}", r#"{"choices":[]}"#] {
            assert_eq!(ProviderError::read(body.as_bytes()), None, "{body}");
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
