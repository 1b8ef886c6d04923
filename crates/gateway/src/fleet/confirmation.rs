//! A tier of which one request was told that its key is refused, or its model gone: its list of models is looked at, in the
//! background, before it is left alone for long.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cascade::TierId;
use upstream::{Blame, Cause, Failure, Upstream};

use crate::fleet::{Gateway, Tiers};

/// Sees to it that `id` is looked at, by one task however many requests were told so.
pub(crate) fn look(gateway: &Arc<Gateway>, tiers: &Arc<Tiers>, id: TierId, upstream: Arc<Upstream>) {
    if tiers.confirming(id).swap(true, Ordering::AcqRel) {
        return;
    }
    let (gateway, tiers) = (Arc::clone(gateway), Arc::clone(tiers));
    tokio::spawn(async move {
        let models = upstream.models().await;
        if confirms(&models) {
            tiers.fleet().confirm(id, gateway.seed(), gateway.now());
        }
        tiers.confirming(id).store(false, Ordering::Release);
    });
}

/// Whether the list of models bears out what the request was told. One that is given says nothing: many providers list their
/// models without a look at the key, and some list models that an account may not use.
fn confirms(models: &Result<Vec<String>, Failure>) -> bool {
    let refused =
        |failure: &Failure| failure.verdict().blame == Blame::Account && failure.cause != Cause::ModelNotFound;
    models.as_ref().is_err_and(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_key_confirms_and_a_list_says_nothing() {
        assert!(confirms(&Err(Cause::Unauthorized.into())));
        assert!(!confirms(&Ok(Vec::new())));
        assert!(!confirms(&Err(Cause::Refused.into())) && !confirms(&Err(Cause::ModelNotFound.into())));
    }
}
