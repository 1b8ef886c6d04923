//! Refusals in the words of many providers.

use super::*;

fn target(kind: Kind) -> Target {
    let base_url = "http://host/v1".parse().expect("an address");
    let key = Some(SecretString::from("sk-very-secret"));
    Target { kind, base_url, key, model: "m".into(), connect: Duration::from_secs(1) }
}

fn cause(status: u16, body: &str) -> Option<Cause> {
    Refusal::new(Some(status), body.as_bytes()).general()
}

#[test]
fn each_provider_says_that_a_model_is_not_there_in_its_own_way() {
    let table = [
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"The model `x` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}}"#,
        ),
        (
            404,
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
        ),
        (404, r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}}"#),
        (400, r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}"#),
        (404, r#"{"error":{"message":"No endpoints found for x/y:free.","code":404},"user_id":"user_1"}"#),
        (
            404,
            r#"{"error":{"message":"This model is unavailable for free. The paid version is available now - use this slug instead: x/y","code":404}}"#,
        ),
        (
            404,
            r#"[{"error":{"code":404,"message":"models/x is not found for API version v1main, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.","status":"NOT_FOUND"}}]"#,
        ),
        (
            404,
            r#"[{"error":{"code":404,"message":"This model models/x is no longer available to new users. Please update your code to use models/y for the latest features and improvements.","status":"NOT_FOUND"}}]"#,
        ),
        (
            410,
            r#"{"errors":[{"message":"AiError: Model has been deprecated: This model was deprecated on 2026-05-30. Please use an alternative model. (c627d6a0)","code":5028}],"success":false,"result":{},"messages":[]}"#,
        ),
        (400, r#"{"errors":[{"message":"AiError: No such model @cf/x/y or task","code":5007}],"success":false}"#),
        (
            404,
            r#"{"id":"b078a1f9","message":"model 'x' was removed on September 15, 2025. See https://docs.cohere.com/docs/models#command for a list of models you can use instead."}"#,
        ),
        (400, r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}"#),
        (400, r#"{"error":{"code":"1211","message":"Unknown Model, please check the model code."}}"#),
    ];
    for (status, body) in table {
        assert_eq!(cause(status, body), Some(Cause::ModelNotFound), "{body}");
    }
    for another_matter in [
        r#"{"error":{"message":"No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing","code":404}}"#,
        r#"{"error":{"message":"No endpoints found matching your data policy (Free model publication).","code":404}}"#,
        r#"{"detail":"Not Found"}"#,
    ] {
        assert_eq!(cause(404, another_matter), Some(Cause::Status), "{another_matter}");
    }
    assert_eq!(cause(404, "<html>the model of a page: not found</html>"), Some(Cause::Status));
}

#[test]
fn each_provider_says_too_long_in_its_own_way_and_with_its_numbers() {
    let table = [
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            Some(5000),
            Some(4097),
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
            Some(5000),
            Some(4096),
        ),
        (
            422,
            r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 20 `max_new_tokens`","error_type":"validation"}"#,
            Some(5000),
            Some(4096),
        ),
        (
            400,
            r#"{"error":{"message":"prompt is too long: 200,001 tokens > 200,000 maximum"}}"#,
            Some(200_001),
            Some(200_000),
        ),
        (
            400,
            r#"{"error":{"message":"Please reduce the length of the messages or completion.","code":"context_length_exceeded"}}"#,
            None,
            None,
        ),
    ];
    for (status, body, asked, fits) in table {
        assert_eq!(cause(status, body), Some(Cause::ContextTooLong { asked, fits }), "{body}");
    }
}

#[test]
fn what_is_left_of_the_client_errors_is_a_refusal_of_this_request() {
    assert_eq!(cause(400, r#"{"error":{"message":"'temperature' must be a number"}}"#), Some(Cause::Rejected));
    assert_eq!(cause(422, r#"{"detail":[{"loc":["body","messages"],"msg":"field required"}]}"#), Some(Cause::Rejected));
    for status in [400, 413, 415, 431] {
        assert_eq!(cause(status, "<html><h1>no</h1></html>"), Some(Cause::Rejected));
        assert_eq!(cause(status, ""), Some(Cause::Rejected));
    }
}

#[test]
fn what_echoes_the_prompt_says_nothing_of_the_tier() {
    for body in [
        r#"{"object":"error","message":"[{'type': 'missing', 'loc': ('body', 'messages', 0, 'role'), 'msg': 'Field required', 'input': {'content': 'unknown model'}}]","code":400}"#,
        r#"{"error":{"message":"bad input \"the unknown model has an invalid api key\""}}"#,
        "unknown model: invalid api key, context length exceeded",
    ] {
        assert_eq!(cause(400, body), Some(Cause::Rejected), "{body}");
    }
    assert_eq!(cause(403, "<html><h1>403 Forbidden</h1></html>"), Some(Cause::Blocked));
    assert_eq!(cause(403, r#"{"error":{"message":"no access"}}"#), Some(Cause::Forbidden));
}

#[test]
fn an_account_that_is_limited_is_told_from_a_request_that_is_refused() {
    let of = |code: &str| cause(400, &format!(r#"{{"error":{{"message":"m","code":"{code}"}}}}"#));
    assert_eq!(of("organization_restricted"), Some(Cause::Restricted));
    assert_eq!(of("billing_hard_limit_reached"), Some(Cause::QuotaExhausted));
    assert_eq!(of("tool_use_failed"), Some(Cause::Rejected));
}

#[test]
fn a_challenge_is_known_by_its_header_and_a_wait_is_believed_for_an_hour() {
    let headers = |name: &'static str, value: &'static str| {
        HeaderMap::from_iter([(HeaderName::from_static(name), http::HeaderValue::from_static(value))])
    };
    let page = Bytes::from_static(b"<html>Just a moment...</html>");
    let failure =
        read(&target(Kind::commercial()), 403, &headers("cf-mitigated", "challenge"), page).expect("a refusal");
    assert_eq!((failure.cause, failure.challenged), (Cause::Blocked, true));
    for (status, hours) in [(429, 1), (402, 24)] {
        let wait = headers("retry-after", "31536000");
        let failure = read(&target(Kind::named("groq")), status, &wait, Bytes::new()).expect("a refusal");
        assert_eq!(failure.retry_after, Some(Duration::from_secs(hours * 3_600)), "{status}");
    }
}

#[test]
fn a_plans_limit_is_learned_from_the_words_of_a_413() {
    let body = Bytes::from_static(br#"{"error":{"message":"Request too large for model `m` in organization `o` service tier `on_demand` on tokens per minute (TPM): Limit 8000, Requested 12400, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#);
    let failure = read(&target(Kind::named("groq")), 413, &HeaderMap::new(), body).expect("a refusal");
    assert_eq!(failure.cause, Cause::ContextTooLong { asked: Some(12_400), fits: Some(8_000) });
    assert_eq!((failure.quotas[0].measure, failure.quotas[0].limit), (Measure::Tokens, Some(8_000)));
}

#[test]
fn each_number_of_a_plan_is_learned_from_the_words_of_a_429() {
    for (words, measure, window, limit, remaining) in [
        ("requests per day (RPD): Limit 1000, Used 1000, Requested 1", Measure::Requests, Window::Day, 1_000, 0),
        ("tokens per day (TPD): Limit 200000, Used 199500, Requested 1200", Measure::Tokens, Window::Day, 200_000, 500),
        ("requests per minute (RPM): Limit 30, Used 30, Requested 1", Measure::Requests, Window::Minute, 30, 0),
    ] {
        let message =
            format!("Rate limit reached for model `m` in organization `o` on {words}. Please try again in 5m2s.");
        let body = serde_json::json!({ "error": { "message": message, "code": "rate_limit_exceeded" } }).to_string();
        let failure = read(&target(Kind::named("groq")), 429, &HeaderMap::new(), body.into()).expect("a refusal");
        let reading = QuotaReading {
            measure,
            window: Some(window),
            limit: Some(limit),
            remaining: Some(remaining),
            reset: Some(Duration::from_secs(302)),
        };
        assert_eq!(failure.quotas, [reading], "{words}");
    }
}

#[test]
fn keys_quotas_and_filters_are_told_from_the_callers_fault() {
    assert_eq!(cause(400, r#"{"error":"Incorrect API key provided: xa***"}"#), Some(Cause::Unauthorized));
    assert_eq!(
        cause(429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#),
        Some(Cause::QuotaExhausted)
    );
    assert_eq!(cause(429, r#"{"error":{"message":"slow down"}}"#), Some(Cause::RateLimited));
    assert_eq!(
        cause(400, r#"{"error":{"message":"The response was filtered","code":"content_filter"}}"#),
        Some(Cause::ContentFilter)
    );
}

#[test]
fn a_message_that_names_the_wait_is_heard_where_no_header_does() {
    let body = Bytes::from_static(br#"{"error":{"message":"Rate limit reached: Limit 15000, Used 11972. Please try again in 1m5.25s. Visit x","code":"rate_limit_exceeded"}}"#);
    let failure = read(&target(Kind::named("groq")), 429, &HeaderMap::new(), body).expect("a refusal");
    assert_eq!(failure.cause, Cause::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_millis(65_250)));
}

#[test]
fn geminis_spent_minute_is_no_spent_account() {
    let body = Bytes::from_static(br#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.\nPlease retry in 36.5s.","status":"RESOURCE_EXHAUSTED"}}]"#);
    let failure = read(&target(Kind::commercial()), 429, &HeaderMap::new(), body).expect("a refusal");
    assert_eq!(failure.cause, Cause::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_millis(36_500)));
}

#[test]
fn our_own_key_is_blotted_out_of_a_refusal_that_echoes_it() {
    let body = Bytes::from_static(br#"{"error":"bad header: Bearer sk-very-secret, sk-very-secret"}"#);
    let failure = read(&target(Kind::space()), 400, &HeaderMap::new(), body).expect("a refusal");
    let answer = failure.provider.expect("a 400 is kept");
    assert_eq!(answer.body, br#"{"error":"bad header: Bearer ***, ***"}"#.as_slice());
    let short = Some(SecretString::from("token"));
    let words = Bytes::from_static(b"use 'max_completion_tokens', token");
    assert_eq!(blot_out(words.clone(), short.as_ref()), words, "a short key may be a word");
}
