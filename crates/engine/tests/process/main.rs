//! Workers as real processes, with a real model where one is needed: `TIERFALL_TEST_MODEL` names its file (`make test`
//! sets it).

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is its failure")]

mod client;
mod isolation;
mod lives;
mod serving;
mod worker;
