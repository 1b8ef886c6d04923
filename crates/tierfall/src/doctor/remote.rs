//! Tries a tier that is reached over the network: one request of a few tokens.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use upstream::{Cause, Failure, Outgoing, Target, Upstream};
use wire::{Allowed, Form, Request, Rewrite};

use super::Trouble;
use super::remedy::{self, nearest};
use crate::config::TierConfig;

/// One alone may be nothing visible.
const TOKENS: u32 = 16;

/// How long the tier took to answer.
///
/// # Errors
/// What stands in the way, and its remedy.
pub(super) async fn try_out(tier: &TierConfig, limit: Duration) -> Result<Duration, Trouble> {
    let upstream = client(tier)?;
    let start = Instant::now();
    let asked = tokio::time::timeout(limit, ask(&upstream)).await;
    let failure = match asked.unwrap_or_else(|_| Err(Cause::Timeout(limit).into())) {
        Ok(()) => return Ok(start.elapsed()),
        Err(failure) => failure,
    };
    let models = match failure.cause {
        Cause::ModelNotFound => upstream.models().await.unwrap_or_default(),
        _ => Vec::new(),
    };
    Err(Trouble { cause: failure.to_string(), fix: remedy::of(tier, &failure, &nearest(&tier.model, models)) })
}

fn client(tier: &TierConfig) -> Result<Upstream, Trouble> {
    let wrong = |what: &str| Trouble { cause: what.to_owned(), fix: "correct it in the configuration".to_owned() };
    let base_url = tier.base_url.clone().ok_or_else(|| wrong("the tier has no address"))?;
    let (key, model, connect) = (tier.key.clone(), tier.model.clone(), tier.limits.connect);
    let target = Target { kind: tier.kind, base_url, key, model, connect };
    Upstream::new(target).map_err(|error| wrong(&format!("the key {error}")))
}

/// Some newer models know `max_completion_tokens` alone, most servers `max_tokens` alone: what is refused in one name is asked
/// for in the other. The few tokens are enough for any model to say something.
pub(super) async fn ask(upstream: &Upstream) -> Result<(), Failure> {
    let mut asked = Ok(());
    for limit in ["max_tokens", "max_completion_tokens"] {
        let body = json!({"messages": [{"role": "user", "content": "Say ok."}], "model": "auto", limit: TOKENS});
        asked = send(upstream, body.to_string().into()).await;
        match &asked {
            Err(failure) if failure.cause == Cause::Rejected => {}
            _ => return asked,
        }
    }
    asked
}

async fn send(upstream: &Upstream, body: Bytes) -> Result<(), Failure> {
    let request = Request::parse(Form::Chat, body).expect("the doctor's own request is well formed");
    let rewrite = Rewrite { model: &upstream.target().model, ..Rewrite::default() };
    let body = request.rewritten(&rewrite);
    let request_id = "tierfall-doctor".to_owned();
    upstream
        .send(Outgoing {
            form: Form::Chat,
            body,
            streamed: false,
            allowed: Allowed { bound: Some(TOKENS), ..Allowed::default() },
            request_id,
            deadline: None,
        })
        .await
        .map(drop)
}
