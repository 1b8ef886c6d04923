//! Cases from the field: restated from public reports about gateways, servers and SDKs.

mod browser;
mod node;
mod refusals;
mod requests;
mod streams;
