//! The day's plan: who is told before a day's quota is used up, and when.

use std::collections::HashMap;

use gateway::TierFacts;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::tiers::at_this_pace;

/// So long before it is used up it is said.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
/// The same of the same limit is said once in so long: a pace that rises and falls is no news.
const AGAIN: SignedDuration = SignedDuration::from_hours(12);

/// What was said of each day's limit: of which tier and count, whether that it was used up, and when.
#[derive(Debug, Default)]
pub(super) struct Forewarned(HashMap<(u32, &'static str, bool), Timestamp>);

impl Forewarned {
    /// What is to be said at `now`, a line each.
    pub(super) fn due(&mut self, tiers: &[TierFacts], now: Timestamp, zone: &TimeZone) -> Vec<String> {
        let mut lines = Vec::new();
        for tier in tiers {
            for limit in &tier.limits {
                let is_near = limit.used_up_at.is_some_and(|at| at.duration_since(now) <= BEFORE);
                let key = (tier.number, limit.counts, limit.spent >= limit.limit);
                let was_said = self.0.get(&key).is_some_and(|said| now.duration_since(*said) < AGAIN);
                if is_near && !was_said {
                    self.0.insert(key, now);
                    lines.extend(at_this_pace(&tier.name, limit, now, zone));
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cascade::{Budget, Moment, Need, Quota};
    use gateway::TierIdentity;
    use upstream::Kind;

    use super::*;

    /// A hundred requests a day, of which so many were spent by noon in the last hour.
    fn facts(spent: u64, now: Timestamp) -> Vec<TierFacts> {
        let moment = |seconds| Moment::after(Duration::from_secs(seconds));
        let mut budget = Budget::new(Quota { rpd: Some(100), ..Quota::default() });
        for request in 0..spent {
            budget.reserve(Need { prompt: 1, answer: 1 }, moment(86_400 + request * 3_600 / spent));
        }
        let (kind, keep_for) = (Kind::named("groq"), Vec::new());
        let name = "Tier 3: Groq Cloud API";
        let identity = TierIdentity { number: 3, name, kind, model: "m", address: None, keep_for: &keep_for };
        vec![TierFacts::of(&identity, &budget, moment(90_000), now)]
    }

    #[test]
    fn an_hour_before_a_day_is_used_up_it_is_said_once_and_once_more_when_it_is() {
        let noon: Timestamp = "2026-12-01T12:00:00Z".parse().expect("a time");
        let mut forewarned = Forewarned::default();
        let mut due = |spent, hours| {
            let now = noon + SignedDuration::from_hours(hours);
            forewarned.due(&facts(spent, now), now, &TimeZone::UTC)
        };
        assert!(due(20, 0).is_empty(), "twenty an hour last for four more hours");
        let said = due(60, 0);
        assert!(said[0].starts_with("Tier 3: Groq Cloud API: at this pace it is used up at 12:"), "{said:?}");
        assert!(said[0].ends_with("(60 of 100 requests a day are spent)"), "{said:?}");
        assert!(due(70, 0).is_empty(), "it was said");
        let said = due(100, 1);
        assert!(said[0].starts_with("Tier 3: Groq Cloud API: its 100 requests a day are used up, "), "{said:?}");
        assert!(due(100, 2).is_empty());
        assert_eq!(due(60, 13).len(), 1, "that is another day");
    }
}
