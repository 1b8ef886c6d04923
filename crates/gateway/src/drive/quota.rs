//! What a provider's rate headers mean to the core's budgets.

use std::time::Duration;

use cascade::{Counted, Reading, Span};
use upstream::{Measure, QuotaReading, Window};

/// What can be read of `quotas`.
pub(super) fn readings(quotas: &[QuotaReading]) -> impl Iterator<Item = Reading> {
    quotas.iter().filter_map(reading)
}

/// `None` where the provider leaves open what was counted. An hour's quota has no meter: the 429 that ends it opens the
/// breaker. Where only the limit is said, all of it is taken to be left.
fn reading(quota: &QuotaReading) -> Option<Reading> {
    let counted = match quota.measure {
        Measure::Requests => Counted::Requests,
        Measure::Tokens => Counted::Tokens,
        Measure::GpuSeconds => Counted::GpuSeconds,
    };
    let span = match quota.window? {
        Window::Minute => Span::Minute,
        Window::Day => Span::Day,
        Window::Hour => return None,
    };
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let limit = quota.limit.map(number);
    let (remaining, reset) = match (quota.remaining, quota.reset) {
        (Some(remaining), Some(reset)) => (number(remaining), reset),
        (None, None) => (limit?, Duration::ZERO),
        _ => return None,
    };
    Some(Reading { counted, span, limit, remaining, reset })
}
