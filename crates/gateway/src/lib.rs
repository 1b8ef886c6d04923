//! The HTTP server: it takes a request in, drives the [`cascade`] through its tiers, and streams one whole answer out.
//!
//! Data runs one way: `http` reads the request and finds its route, `drive` turns the core's actions into calls and
//! timers, `answer` turns what the tiers say into what the caller sees, and an [`Observer`] is told of it.

#![forbid(unsafe_code)]

mod answer;
mod decision_record;
mod drive;
mod fleet;
mod gate;
mod http;
mod observer;
mod settings;

pub use decision_record::{AttemptSummary, DecisionRecord, SkipSummary};
pub use fleet::{BadSettings, Gateway, LimitFacts, TierFacts, TierIdentity, TierModel, day_end};
pub use gate::{Gate, NotAPage, NotTheJson, Shortfall};
pub use http::{Entry, ListenError, Question, Server, TierOfRoute};
pub use observer::{InPlace, Note, Observer, Reason};
pub use settings::{
    Account, AllowedOrigins, Availability, Load, ModelChoice, Presence, Replacement, RouteSettings, Settings,
    TierSettings,
};
