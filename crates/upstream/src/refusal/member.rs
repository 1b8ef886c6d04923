//! Which member of a request a refusal names.

use std::sync::LazyLock;

use regex::Regex;
use wire::ProviderError;

use crate::failure::Member;

/// Sentences that name a member and say that it is not known or not taken: OpenAI's, Groq's, xAI's, Gemini's, vLLM's.
/// They are matched from the message's start or behind a fixed phrase, so that a quoted prompt does not speak for the provider.
static UNKNOWN: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        r#"(?i)^unsupported (?:parameter|value): ['`"](\w+)"#,
        r#"(?i)^unrecognized request arguments? supplied: (\w+)"#,
        r#"(?i)^property ['`"](\w+)['`"] is unsupported"#,
        r#"(?i)does not support (?:the )?(?:parameter|argument|option):? ?['`"]?(\w+)"#,
        r#"(?i)^(?:unknown|unexpected|invalid|unrecognized) (?:name|field|parameter|argument|key)s?:? ?['`"](\w+)"#,
        r#"(?i)^['`"](\w+)['`"] is not (?:supported|permitted|allowed)"#,
    ]
    .map(|pattern| Regex::new(pattern).expect("the patterns are constant"))
});

/// A refusal to stream, whatever member it names beside it (Groq: "`response_format` does not support streaming").
static NO_STREAM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W?\w+\W? (?:does not|doesn't) support streaming|^streaming is not supported|verified to stream")
        .expect("the pattern is constant")
});

/// Codes and types of "this member is not taken at all".
const UNKNOWN_CODES: [&str; 5] =
    ["unsupported_parameter", "unknown_parameter", "extra_forbidden", "unsupported_value", "unrecognized_argument"];
/// The same in words, where the member is named apart from them.
const UNKNOWN_WORDS: [&str; 7] = [
    "extra inputs are not permitted",
    "extra fields not permitted",
    "not supported",
    "unsupported",
    "unrecognized",
    "does not support",
    "unknown",
];

/// The member that `error` names.
pub(crate) fn named(error: &ProviderError) -> Option<Member> {
    if NO_STREAM.is_match(&error.message) {
        return Some(Member { name: "stream".to_owned(), unknown: true });
    }
    let words = error.message.to_lowercase();
    if let Some(param) = &error.param {
        let name = top_level(param);
        let code = [&error.code, &error.kind].into_iter().flatten().any(|code| UNKNOWN_CODES.contains(&&**code));
        let unknown = code || UNKNOWN_WORDS.iter().any(|unknown| words.contains(unknown));
        return (!name.is_empty()).then_some(Member { name, unknown });
    }
    let captured = UNKNOWN.iter().find_map(|pattern| pattern.captures(&error.message)?.get(1));
    captured.map(|name| Member { name: top_level(name.as_str()), unknown: true })
}

/// `messages` of `messages[0].role` or `messages.0.role`; `presence_penalty` of xAI's `presencePenalty`.
fn top_level(path: &str) -> String {
    let name = path.split(['.', '[']).next().unwrap_or_default();
    let mut snake = String::with_capacity(name.len() + 2);
    for char in name.chars() {
        if char.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str, param: Option<&str>, code: Option<&str>) -> Option<(String, bool)> {
        let error = ProviderError {
            message: message.to_owned(),
            param: param.map(str::to_owned),
            code: code.map(str::to_owned),
            ..ProviderError::default()
        };
        named(&error).map(|member| (member.name, member.unknown))
    }

    #[test]
    fn a_member_is_named_apart_or_in_known_words() {
        for (message, param, code, name, unknown) in [
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                Some("max_tokens"),
                Some("unsupported_parameter"),
                "max_tokens",
                true,
            ),
            (
                "max_tokens is too large: 9. This model supports at most 4.",
                Some("max_tokens"),
                Some("invalid_value"),
                "max_tokens",
                false,
            ),
            (
                "Your organization must be verified to stream this model.",
                Some("stream"),
                Some("unsupported_value"),
                "stream",
                true,
            ),
            ("`response_format` does not support streaming", None, None, "stream", true),
            ("Extra inputs are not permitted", Some("stream_options"), None, "stream_options", true),
            ("This model does not support the parameter `presence_penalty`", None, None, "presence_penalty", true),
            ("Model grok-4 does not support parameter presencePenalty.", None, None, "presence_penalty", true),
            ("property 'grammar' is unsupported", None, None, "grammar", true),
            ("Unrecognized request argument supplied: top_k", None, None, "top_k", true),
            ("Field required", Some("messages.0.role"), None, "messages", false),
            ("bad", Some("messages[3].content"), None, "messages", false),
        ] {
            assert_eq!(of(message, param, code), Some((name.to_owned(), unknown)), "{message}");
        }
        for message in ["I said: unsupported parameter: 'stop'", "no", ""] {
            assert_eq!(of(message, None, None), None, "{message}");
        }
    }
}
