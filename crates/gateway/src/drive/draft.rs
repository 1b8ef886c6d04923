//! The request of one attempt, as it is sent, and sent once more where the tier refuses what we made of it.

use std::sync::Arc;
use std::time::Duration;

use upstream::{Answer, Failure, Outgoing, Upstream};
use wire::{Allowed, Form, Request, Rewrite};

use crate::fleet::{Gateway, Tiers};

use super::adaptation::{self, Adaptation};
use super::continuation::Resumption;
use super::quota;

/// See the module.
pub(super) struct Draft {
    pub(super) request: Arc<Request>,
    pub(super) gateway: Arc<Gateway>,
    pub(super) tiers: Arc<Tiers>,
    pub(super) tier: cascade::TierId,
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
    /// Sends the request. A refusal of something that we added or changed costs one more call, once.
    pub(super) async fn send(mut self) -> Result<Answer, Failure> {
        let failure = match self.upstream.send(self.outgoing()).await {
            Err(failure) => failure,
            answer => return answer,
        };
        let bound = self.max_tokens.or(self.request.max_tokens());
        let Some(adaptation) = Adaptation::called_for_by(&failure, &self.request, self.streams(), bound) else {
            return Err(failure);
        };
        self.tiers.correct_budget(self.tier, quota::readings(&failure.quotas), self.gateway.now());
        self.tiers.adaptations(self.tier).learn(&adaptation);
        if let Adaptation::Shorter(bound) = adaptation {
            self.max_tokens = Some(bound);
        }
        self.adaptations.push(adaptation);
        self.upstream.send(self.outgoing()).await
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
            model: &target.model,
            effort: target.facts().least_effort(&target.model).filter(|_| thinks),
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
