//! Tries a tier that is reached over the network: one request of a few tokens.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;
use upstream::{Cause, Failure, Outgoing, Providers, Succession, Target, Upstream};
use wire::models::ListedModel;
use wire::{Allowed, Form, Request, Rewrite};

use super::remedy::{self, nearest};
use super::{Trouble, Verdict};
use crate::config::TierConfig;

/// One alone may be nothing visible.
const TOKENS: u32 = 16;

/// A successor may be gone too.
const MOST_MODELS: usize = 4;

/// How the tier did: with another model than its own where that is gone.
///
/// # Errors
/// What stands in the way, and its remedy.
pub(super) async fn try_out(tier: &TierConfig, providers: &Providers, limit: Duration) -> Result<Verdict, Trouble> {
    let upstream = client(tier)?;
    let start = Instant::now();
    let (mut model, mut gone) = (tier.model.clone(), Vec::new());
    loop {
        let asked = tokio::time::timeout(limit, ask(&upstream, &model)).await;
        let failure = match asked.unwrap_or_else(|_| Err(Cause::Timeout(limit).into())) {
            Ok(()) if gone.is_empty() => return Ok(Verdict::Answers(start.elapsed())),
            Ok(()) => return Ok(Verdict::Mended(start.elapsed(), remedy::replaced(tier, &model))),
            Err(failure) => failure,
        };
        if failure.cause != Cause::ModelNotFound {
            return Err(Trouble { cause: failure.to_string(), fix: remedy::of(tier, &failure, &[]) });
        }
        gone.push(model);
        let list = upstream.list().await.unwrap_or_default();
        match next(tier, providers, &upstream, (&gone, &failure), &list).filter(|_| gone.len() < MOST_MODELS) {
            Some(next) => model = next,
            None => {
                let names = nearest(&tier.model, list.into_iter().map(|model| model.id).collect());
                return Err(Trouble { cause: failure.to_string(), fix: remedy::of(tier, &failure, &names) });
            }
        }
    }
}

/// The model that the gateway would ask for next.
fn next(
    tier: &TierConfig,
    providers: &Providers,
    upstream: &Upstream,
    (gone, failure): (&[String], &Failure),
    list: &[ListedModel],
) -> Option<String> {
    let own = tier.alternatives.iter().find(|model| !gone.contains(model)).cloned();
    let refusal = failure.provider.as_ref().map(|provider| String::from_utf8_lossy(&provider.body));
    let refusal = refusal.as_deref().unwrap_or_default();
    let succession = Succession { target: upstream.target(), providers, gone, refusal };
    own.or_else(|| succession.of(list).filter(|_| tier.mend).map(str::to_owned))
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
pub(super) async fn ask(upstream: &Upstream, model: &str) -> Result<(), Failure> {
    let mut asked = Ok(());
    for limit in ["max_tokens", "max_completion_tokens"] {
        let body = json!({"messages": [{"role": "user", "content": "Say ok."}], "model": "auto", limit: TOKENS});
        asked = send(upstream, model, body.to_string().into()).await;
        match &asked {
            Err(failure) if failure.cause == Cause::Rejected => {}
            _ => return asked,
        }
    }
    asked
}

async fn send(upstream: &Upstream, model: &str, body: Bytes) -> Result<(), Failure> {
    let request = Request::parse(Form::Chat, body).expect("the doctor's own request is well formed");
    let rewrite = Rewrite { model, ..Rewrite::default() };
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
