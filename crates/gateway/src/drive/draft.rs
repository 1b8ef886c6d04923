//! The request of one attempt, as it is sent, and sent once more where the tier refuses what we made of it, or where its model
//! is gone.

use std::sync::Arc;
use std::time::Duration;

use upstream::{Cause, Failure, Outgoing, Upstream};
use wire::{Allowed, Form, Request, Rewrite};

use crate::fleet::Search;
use crate::fleet::{Gateway, Tiers};

use super::adaptation::{self, Adaptation};
use super::attempt::Sent;
use super::continuation::Resumption;
use super::quota;

/// The successor of a model that is gone may be gone too, as where a map is older than the list.
const MOST_SUCCESSORS: u32 = 2;

/// See the module.
pub(super) struct Draft {
    pub(super) request: Arc<Request>,
    pub(super) gateway: Arc<Gateway>,
    pub(super) tiers: Arc<Tiers>,
    pub(super) tier: cascade::TierId,
    /// The model that is asked for.
    pub(super) model: Arc<str>,
    pub(super) upstream: Arc<Upstream>,
    pub(super) request_id: String,
    pub(super) deadline: Duration,
    /// What was said of the answer already.
    pub(super) resumption: Option<Arc<Resumption>>,
    pub(super) grammar: Option<String>,
    /// The longest answer to ask for, where that is not what the request says itself.
    pub(super) max_tokens: Option<u32>,
    /// Whether a stream's usage is needed, though its caller does not ask for it.
    pub(super) measured: bool,
    pub(super) adaptations: Vec<Adaptation>,
}

impl Draft {
    /// Sends the request. A refusal of something that we added or changed costs one more call, once; a model that is gone one
    /// more for each of [`MOST_SUCCESSORS`].
    pub(super) async fn send(mut self) -> Sent {
        let (mut adapted, mut successors) = (false, 0);
        let answer = loop {
            let failure = match self.upstream.send(self.outgoing()).await {
                Ok(answer) => {
                    self.tiers.models(self.tier).on_answer(&self.model);
                    break Ok(answer);
                }
                Err(failure) => failure,
            };
            let mended = if failure.cause == Cause::ModelNotFound {
                successors += 1;
                successors <= MOST_SUCCESSORS && self.replace_model(&failure).await
            } else {
                !std::mem::replace(&mut adapted, true) && self.adapt(&failure)
            };
            if !mended {
                break Err(failure);
            }
        };
        Sent { model: self.model, answer }
    }

    /// Asks for the successor of the model that is gone; `false` where it has none.
    async fn replace_model(&mut self, failure: &Failure) -> bool {
        let refusal = failure.provider.as_ref().map(|provider| &*provider.body).unwrap_or_default();
        let search = Search { gateway: &self.gateway, upstream: &self.upstream, refusal };
        let successor = self.tiers.models(self.tier).successor_of(&self.model, &search).await;
        let found = successor.is_some();
        self.model = successor.unwrap_or_else(|| Arc::clone(&self.model));
        found
    }

    /// Takes back what the tier refuses; `false` where that is nothing of ours.
    fn adapt(&mut self, failure: &Failure) -> bool {
        let bound = self.max_tokens.or(self.request.max_tokens());
        let Some(adaptation) = Adaptation::called_for_by(failure, &self.request, self.streams(), bound) else {
            return false;
        };
        self.tiers.correct_budget(self.tier, quota::readings(&failure.quotas), self.gateway.now());
        self.tiers.adaptations(self.tier).learn(&adaptation);
        if let Adaptation::Shorter(bound) = adaptation {
            self.max_tokens = Some(bound);
        }
        self.adaptations.push(adaptation);
        true
    }

    /// Whether the tier is asked for a stream. A whole answer is asked for as one wherever it can be put together again, so
    /// that a tier that falls silent is noticed at once and not when the answer is overdue.
    fn streams(&self) -> bool {
        let whole = self.adaptations.iter().any(|adaptation| matches!(adaptation, Adaptation::Whole(_)));
        !whole && (self.request.streamed() || self.request.assemblable())
    }

    fn outgoing(&self) -> Outgoing {
        let amendment = adaptation::amendment(&self.adaptations);
        let request = self.request.amended(&amendment);
        let streamed = self.streams();
        let as_stream = streamed && !self.request.streamed();
        let tells_usage = !self.adaptations.contains(&Adaptation::NoStreamOptions);
        let target = self.upstream.target();
        let thinks = !self.adaptations.contains(&Adaptation::NoEffort);
        let rewrite = Rewrite {
            model: &self.model,
            effort: target.facts().least_effort(&self.model).filter(|_| thinks),
            as_stream,
            tell_usage: streamed && tells_usage && (as_stream || self.measured),
            max_tokens: self.max_tokens,
            bound: amendment.bound,
            report_progress: streamed && self.upstream.reports_progress(),
            carry_on: self.resumption.as_deref().and_then(Resumption::carry_on),
            grammar: self.grammar.as_deref(),
        };
        Outgoing {
            form: request.form(),
            body: request.rewritten(&rewrite),
            streamed,
            allowed: Allowed {
                empty: self.request.form() == Form::Text && self.request.has_suffix(),
                bound: self.request.max_tokens(),
            },
            request_id: self.request_id.clone(),
            deadline: Some(self.deadline),
        }
    }
}
