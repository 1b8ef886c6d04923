//! Workers as real processes, with a real model where one is needed: `TIERFALL_TEST_MODEL` names its file (`make test`
//! sets it). The programs are this crate's examples, which `cargo test -p engine` builds, and `--test process` alone does
//! not.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is its failure")]

mod choices;
mod client;
mod confinement;
mod doctored;
mod isolation;
mod lives;
mod load;
mod serving;
mod tools;
mod warm;
mod worker;
