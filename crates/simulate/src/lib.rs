//! A day of traffic in virtual time: which tier would have answered what.
//!
//! The decisions are those of the crate `cascade`, which decides in production too: here its calls are driven through a
//! world in which tiers are servers with a speed, slots, a quota and failures. Nothing waits, connects or reads a clock; a
//! seed gives the same report for ever.
//!
//! ```
//! use cascade::{Hosting, Tier};
//!
//! let file = r#"
//!     expect = [90]
//!     [traffic]
//!     requests_a_day = 1000
//!     prompt_tokens = { median = 300, p95 = 1200 }
//!     answer_tokens = 200
//!     [[tier]]
//!     prompt_tokens_per_s = 1000
//!     answer_tokens_per_s = 100
//! "#;
//! let kinds = |number: u32, _: Option<&str>| {
//!     let settings = Tier::new(number, Hosting::Cloud);
//!     Ok(simulate::Kind { name: format!("Tier {number}"), settings, reports_progress: false })
//! };
//! let no_other = |_: &str| Err(std::io::ErrorKind::NotFound.into());
//! let scenario = simulate::Reader { kinds: &kinds, load: &no_other }.read("day.toml", file)?;
//! let report = scenario.run(1, 1, &mut |_| true).expect("nobody stops it");
//! assert_eq!(report.answered, report.requests);
//! assert!(report.is_as_expected());
//! # Ok::<(), simulate::BadFile>(())
//! ```

#![forbid(unsafe_code)]

mod allowance;
mod draws;
mod expectation;
mod export;
mod file;
mod learned;
mod profile;
mod report;
mod scenario;
mod server;
mod sizes;
mod tally;
mod tier;
mod traffic;
mod trouble;
mod world;

use std::time::Duration;

pub use expectation::{Verdict, largest_part_that_holds};
pub use file::{BadFile, Kinds, Reader};
pub use profile::Kind;
pub use report::{Percentiles, QuotaUse, Report, RequestSizes, TierReport, Used};
pub use scenario::Scenario;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
