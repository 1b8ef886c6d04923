//! Calls to tiers: one HTTP/1.1 client for every kind of provider, and one enum for every way in which a call fails.
//!
//! [`Upstream::send`] makes one attempt. What comes back is an [`Answer`], whole or as a stream of events, judged by what
//! the body is rather than by what was asked for or what the headers claim; or it is a [`Failure`] with its [`Cause`]. No
//! time limit but the connect limit is kept here: the caller drops the future or the answer, which closes the connection at
//! once.
//!
//! Data runs one way: `target` → `transport` → `upstream` → `answer`; failures are read by `transport` (sockets, TLS, HTTP)
//! and `refusal` (what a provider says, with the peculiarities in `kind/`).

mod answer;
mod blame;
mod failure;
mod gradio;
mod kind;
mod quota;
mod refusal;
mod successor;
mod target;
mod transport;
mod upstream;

pub use answer::{Answer, AnswerBody, EventStream};
pub use blame::{Blame, BreakerEffect, Verdict};
pub use failure::{Cause, Failure, Member, ProviderAnswer};
pub use kind::{
    BadProviders, Costs, Date, Day, Facts, Hosting, Kind, Learns, Limits, Prefill, Providers, Reasoning, Successor,
    Takes, Times, UnknownKind, Ways,
};
pub use quota::{Measure, QuotaReading, Window};
pub use successor::Succession;
pub use target::{Address, BadAddress, Target};
pub use upstream::{BadKey, Outgoing, Upstream};
pub use wire::StreamEvent;
