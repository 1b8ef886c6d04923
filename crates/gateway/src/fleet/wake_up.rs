//! A tier of the user's own that is asleep, building or loading: woken in the background, and given traffic again when it
//! answers. Requests go on to the next tier meanwhile.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cascade::TierId;
use upstream::{Outgoing, Upstream};
use wire::Form;

use crate::fleet::{Gateway, Tiers};

/// The pause before the first look whether it is awake; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A call that is not answered by then has woken the tier, or nothing will.
const ANSWER: Duration = Duration::from_secs(120);
/// How long a tier may take to wake, in calls: about a quarter of an hour, which is what building a Space takes.
const CALLS: u32 = 90;

/// Sees to it that `id` is woken, by one task however many requests find it asleep.
pub(crate) fn wake(gateway: &Arc<Gateway>, tiers: &Arc<Tiers>, id: TierId, upstream: Arc<Upstream>) {
    if tiers.waking(id).swap(true, Ordering::AcqRel) {
        return;
    }
    let (gateway, tiers) = (Arc::clone(gateway), Arc::clone(tiers));
    tokio::spawn(async move {
        let awake = awaken(&upstream, &tiers.models(id).in_use()).await;
        if awake {
            tiers.fleet().mended(id, gateway.now());
        }
        tiers.waking(id).store(false, Ordering::Release);
    });
}

/// Asks until there is an answer.
async fn awaken(upstream: &Upstream, model: &str) -> bool {
    let mut pause = FIRST_PAUSE;
    for _ in 0..CALLS {
        tokio::time::sleep(pause).await;
        if tokio::time::timeout(ANSWER, answers(upstream, model)).await == Ok(true) {
            return true;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    false
}

/// Asks for one token. Where that would take of a day's time on a lent GPU, what the program can do is asked for instead: it
/// tells nothing before its model is loaded.
async fn answers(upstream: &Upstream, model: &str) -> bool {
    match upstream.target().kind.limits.gpu_seconds {
        Some(_) => upstream.models().await.is_ok(),
        None => upstream.send(one_token(model)).await.is_ok(),
    }
}

/// The cheapest request that shows whether the model answers: a list of models, or a health page, is there long before.
fn one_token(model: &str) -> Outgoing {
    let body = serde_json::json!({
        "model": model, "max_tokens": 1, "messages": [{ "role": "user", "content": "Hello" }],
    });
    Outgoing {
        form: Form::Chat,
        body: bytes::Bytes::from(body.to_string()).into(),
        streamed: false,
        allowed: wire::Allowed::default(),
        request_id: uuid::Uuid::now_v7().to_string(),
        deadline: None,
    }
}
