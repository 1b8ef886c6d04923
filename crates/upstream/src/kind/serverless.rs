//! Hugging Face's serverless inference: the router in front of its inference providers.
//!
//! Calls and errors: <https://huggingface.co/docs/inference-providers/en/index>; what is free:
//! <https://huggingface.co/docs/inference-providers/en/pricing>.

use crate::failure::Cause;
use crate::refusal::Refusal;

/// The month's included credits used up come as 402, or as 429 with the same words. A model that no enabled provider
/// serves is a 400 `model_not_supported`. A cold model answers 503 with `estimated_time`, in seconds.
pub(super) fn cause(refusal: &Refusal<'_>) -> Option<Cause> {
    if refusal.is(429) && refusal.says_any(&["included credits", "monthly"]) {
        return Some(Cause::QuotaExhausted);
    }
    if refusal.code_in(&["model_not_supported"]) || refusal.says("not supported by any provider") {
        return Some(Cause::ModelNotFound);
    }
    let estimated = refusal.estimated_time();
    (refusal.is(503) && (estimated.is_some() || refusal.says("currently loading")))
        .then_some(Cause::Waking { estimated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn credits_models_and_cold_starts_are_told_apart() {
        let read = |status, body: &str| cause(&Refusal::new(Some(status), body.as_bytes()));
        let spent = r#"{"error":"You have exceeded your monthly included credits for Inference Providers."}"#;
        assert_eq!(read(429, spent), Some(Cause::QuotaExhausted));
        let unknown = r#"{"error":{"message":"The requested model 'a/b' is not supported by any provider you have enabled.","type":"invalid_request_error","param":"model","code":"model_not_supported"}}"#;
        assert_eq!(read(400, unknown), Some(Cause::ModelNotFound));
        let cold = r#"{"error":"Model a/b is currently loading","estimated_time":20.5}"#;
        assert_eq!(read(503, cold), Some(Cause::Waking { estimated: Some(Duration::from_millis(20_500)) }));
    }
}
