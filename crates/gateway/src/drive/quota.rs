//! What a provider's rate headers mean to the core's budgets.

use cascade::{Counted, Reading, Span};
use upstream::{Measure, QuotaReading, Window};

/// `None` where the headers leave open what was counted, or how much of it is left. An hour's quota has no meter: the 429
/// that ends it opens the breaker.
pub(super) fn reading(quota: &QuotaReading) -> Option<Reading> {
    let counted = match quota.measure {
        Measure::Requests => Counted::Requests,
        Measure::Tokens => Counted::Tokens,
    };
    let span = match quota.window? {
        Window::Minute => Span::Minute,
        Window::Day => Span::Day,
        Window::Hour => return None,
    };
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let (limit, remaining) = (quota.limit.map(number), number(quota.remaining?));
    Some(Reading { counted, span, limit, remaining, reset: quota.reset? })
}
