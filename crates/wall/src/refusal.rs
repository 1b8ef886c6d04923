//! Refusals that providers give in the field, each in the words that it has there.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::reply::Reply;

/// A refusal that a provider is known for. Those that name a member refuse only calls that carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Groq: the model's tool call could not be read (`tool_use_failed`).
    ToolUseFailed,
    /// The same as an `event: error` in a stream with status 200; whole: as [`Refusal::ToolUseFailed`].
    ToolUseFailedInStream,
    /// Groq: no stream with `response_format`.
    StreamedResponseFormat,
    /// OpenAI: no stream for an organization that is not verified.
    UnverifiedStream,
    /// Mistral: `stream_options` is no member that it knows (422).
    StreamOptions,
    /// Groq: the account is restricted.
    OrganizationRestricted,
    /// vLLM: the chat template wants the roles to alternate.
    RolesAlternate,
    /// TGI: the chat template has no system role.
    SystemRole,
    /// vLLM: the chat template finds no user query.
    NoUserQuery,
    /// OpenAI's newer models: `max_tokens` has another name.
    MaxTokens,
    /// Cloudflare: a page of HTML that wants to see a browser.
    Challenge,
    /// Groq: prompt and `max_tokens` alone are more than so many tokens a minute.
    TokensPerMinute(u32),
    /// xAI: the model does not take `presence_penalty`.
    PresencePenalty,
    /// A model that does not think: OpenAI's refusal of `reasoning_effort`.
    ReasoningEffort,
    /// OpenRouter: the credit is used up, without a word of when it is back.
    Credit,
    /// A model without eyes or ears: no picture, sound or file.
    Pictures,
    /// Groq: the model was taken out of service.
    ModelDecommissioned,
    /// vLLM: the refusal quotes what the caller sent.
    QuotesInput,
    /// A firewall: a page of HTML where the body holds `<script>`.
    Script,
    /// nginx: a page of HTML where the body has more bytes than this.
    BodyOver(u32),
}

/// The names of the refusals that have no measure.
const NAMES: [(&str, Refusal); 18] = [
    ("refuse-tool-use-failed", Refusal::ToolUseFailed),
    ("refuse-tool-use-failed-in-stream", Refusal::ToolUseFailedInStream),
    ("refuse-streamed-response-format", Refusal::StreamedResponseFormat),
    ("refuse-unverified-stream", Refusal::UnverifiedStream),
    ("refuse-stream-options", Refusal::StreamOptions),
    ("refuse-organization-restricted", Refusal::OrganizationRestricted),
    ("refuse-roles-alternate", Refusal::RolesAlternate),
    ("refuse-system-role", Refusal::SystemRole),
    ("refuse-no-user-query", Refusal::NoUserQuery),
    ("refuse-max-tokens", Refusal::MaxTokens),
    ("refuse-challenge", Refusal::Challenge),
    ("refuse-presence-penalty", Refusal::PresencePenalty),
    ("refuse-reasoning-effort", Refusal::ReasoningEffort),
    ("refuse-credit", Refusal::Credit),
    ("refuse-pictures", Refusal::Pictures),
    ("refuse-model-decommissioned", Refusal::ModelDecommissioned),
    ("refuse-quoting-input", Refusal::QuotesInput),
    ("refuse-script", Refusal::Script),
];

impl Refusal {
    pub(crate) fn named(word: &str) -> Option<Refusal> {
        NAMES.iter().find(|(name, _)| *name == word).map(|(_, refusal)| *refusal)
    }

    /// The reply, where this call gives cause for it.
    pub(crate) fn reply(self, ask: &Ask<'_>) -> Option<Reply> {
        let applies = match self {
            Refusal::StreamedResponseFormat => ask.streamed() && ask.response_format.is_some(),
            Refusal::UnverifiedStream => ask.streamed(),
            Refusal::StreamOptions => ask.carries_stream_options(),
            Refusal::MaxTokens => ask.carries_max_tokens(),
            Refusal::TokensPerMinute(limit) => tokens(ask) > limit,
            Refusal::PresencePenalty => ask.presence_penalty.is_some(),
            Refusal::ReasoningEffort => ask.reasoning_effort.is_some(),
            Refusal::Pictures => ask.messages.media,
            Refusal::Script => ask.body_holds("<script>"),
            Refusal::BodyOver(bytes) => ask.body.len() > bytes as usize,
            _ => true,
        };
        applies.then(|| self.words(ask))
    }

    fn words(self, ask: &Ask<'_>) -> Reply {
        match self {
            Refusal::ToolUseFailed => Reply::json(400, &tool_use_failed()),
            Refusal::ToolUseFailedInStream if ask.streamed() => tool_use_failed_event(),
            Refusal::ToolUseFailedInStream => Reply::json(400, &tool_use_failed()),
            Refusal::Challenge => Reply::html(403, CHALLENGE).with(vec![("cf-mitigated", "challenge".to_owned())]),
            Refusal::Script => Reply::html(403, FIREWALL),
            Refusal::BodyOver(_) => Reply::html(413, NGINX_413),
            _ => {
                let (status, body) = self.json(ask);
                Reply::json(status, &body)
            }
        }
    }

    fn json(self, ask: &Ask<'_>) -> (u16, Value) {
        let model = &ask.model;
        match self {
            Refusal::StreamedResponseFormat => {
                (400, groq("`response_format` does not support streaming", "invalid_request_error", None))
            }
            // https://community.openai.com/t/1229684
            Refusal::UnverifiedStream => (
                400,
                openai(
                    "Your organization must be verified to stream this model. Please go to: \
                     https://platform.openai.com/settings/organization/general and click on Verify Organization. If \
                     you just verified, it can take up to 15 minutes for access to propagate.",
                    "stream",
                    "unsupported_value",
                ),
            ),
            Refusal::StreamOptions => (422, extra_forbidden("stream_options")),
            Refusal::OrganizationRestricted => (
                400,
                groq(
                    "Organization has been restricted. Please reach out to support if you believe this was in error.",
                    "invalid_request_error",
                    Some("organization_restricted"),
                ),
            ),
            Refusal::RolesAlternate => {
                (400, vllm_flat("Conversation roles must alternate user/assistant/user/assistant/..."))
            }
            Refusal::SystemRole => (
                422,
                json!({
                    "error": "Template error: invalid operation: System role not supported (in <string>:1)",
                    "error_type": "template_error",
                }),
            ),
            Refusal::NoUserQuery => (400, vllm("No user query found in messages.")),
            Refusal::MaxTokens => (
                400,
                openai(
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                     'max_completion_tokens' instead.",
                    "max_tokens",
                    "unsupported_parameter",
                ),
            ),
            Refusal::TokensPerMinute(limit) => (413, too_large(model, limit, tokens(ask))),
            Refusal::PresencePenalty => (
                400,
                json!({
                    "code": "Client specified an invalid argument",
                    "error": format!("Model {model} does not support the parameter `presence_penalty`."),
                }),
            ),
            Refusal::ReasoningEffort => (
                400,
                openai(
                    "Unrecognized request argument supplied: reasoning_effort",
                    "reasoning_effort",
                    "unknown_parameter",
                ),
            ),
            Refusal::Credit => {
                (402, json!({ "error": { "code": 402, "message": "Insufficient credits. Add more to your account." } }))
            }
            Refusal::Pictures => (400, vllm(&format!("{model} is not a multimodal model"))),
            Refusal::ModelDecommissioned => (
                400,
                groq(
                    &format!(
                        "The model `{model}` has been decommissioned and is no longer supported. Please refer to \
                         https://console.groq.com/docs/deprecations for a recommendation on which model to use instead."
                    ),
                    "invalid_request_error",
                    Some("model_decommissioned"),
                ),
            ),
            Refusal::QuotesInput => {
                let input = ask.messages.last.as_ref().map(|last| last.text()).unwrap_or_default();
                let message = format!(
                    "[{{'type': 'missing', 'loc': ('body', 'messages', 0, 'role'), 'msg': 'Field required', \
                     'input': {{'content': '{input}'}}}}]"
                );
                (400, vllm(&message))
            }
            _ => unreachable!("it has no JSON body"),
        }
    }
}

/// Groq counts the prompt and the bound of the answer (<https://console.groq.com/docs/rate-limits>).
fn tokens(ask: &Ask<'_>) -> u32 {
    ask.prompt_tokens().saturating_add(ask.max_tokens().unwrap_or(0))
}

/// The error of a call that alone is more than the tokens a minute.
pub(crate) fn too_large(model: &str, limit: u32, requested: u32) -> Value {
    groq(
        &format!(
            "Request too large for model `{model}` in organization `org_wall` service tier `on_demand` on tokens per \
             minute (TPM): Limit {limit}, Requested {requested}, please reduce your message size and try again. Need \
             more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
        ),
        "tokens",
        Some("rate_limit_exceeded"),
    )
}

fn tool_use_failed() -> Value {
    let message = "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.";
    let mut error = groq(message, "invalid_request_error", Some("tool_use_failed"));
    error["error"]["failed_generation"] = json!(r#"<function=get_weather{"city":"Paris"</function>"#);
    error
}

fn tool_use_failed_event() -> Reply {
    let mut error = tool_use_failed();
    error["error"]["status_code"] = json!(400);
    Reply::stream(format!("event: error\ndata: {error}\n\n"))
}

fn groq(message: &str, kind: &str, code: Option<&str>) -> Value {
    let mut error = json!({ "message": message, "type": kind });
    if let Some(code) = code {
        error["code"] = json!(code);
    }
    json!({ "error": error })
}

fn openai(message: &str, param: &str, code: &str) -> Value {
    json!({ "error": { "message": message, "type": "invalid_request_error", "param": param, "code": code } })
}

fn vllm(message: &str) -> Value {
    json!({ "error": { "message": message, "type": "BadRequestError", "param": null, "code": 400 } })
}

/// The form of vLLM before 0.10.
fn vllm_flat(message: &str) -> Value {
    json!({ "object": "error", "message": message, "type": "BadRequestError", "param": null, "code": 400 })
}

fn extra_forbidden(member: &str) -> Value {
    let detail = json!([{
        "type": "extra_forbidden", "loc": ["body", member], "msg": "Extra inputs are not permitted", "input": {},
    }]);
    json!({
        "object": "error", "message": { "detail": detail }, "type": "invalid_request_error", "param": null,
        "code": null,
    })
}

const CHALLENGE: &str = "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title></head><body>\
    <noscript>Enable JavaScript and cookies to continue</noscript></body></html>\n";
const FIREWALL: &str = "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>\
    <h1>Sorry, you have been blocked</h1></body></html>\n";
const NGINX_413: &str = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>\
    413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
