//! What is known of a tier: what it allows and what of that is spent, who pays, who reads, and as of when.

use std::time::Duration;

use cascade::{Budget, Counted, LimitSource, Moment, Span, Standing};
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use upstream::{Address, Costs, Day, Hosting, Kind, Learns};

/// Which tier it is about.
#[derive(Clone, Copy, Debug)]
pub struct TierIdentity<'a> {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// What people call it.
    pub name: &'a str,
    /// Who answers.
    pub kind: Kind,
    /// The model that it is asked for.
    pub model: &'a str,
    /// Where it is; `None` for a worker of our own.
    pub address: Option<&'a Address>,
    /// The routes for which the last fifth of its day is kept.
    pub keep_for: &'a [String],
}

/// See the module.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TierFacts {
    /// The `n` of `TIERn_…`.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// The word of `TIERn_TYPE`.
    pub kind: &'static str,
    /// The model that it is asked for.
    pub model: String,
    /// Where it is; none for a worker of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whose machines prompts go to.
    pub hosting: Hosting,
    /// Who pays where it is asked for what costs nothing there.
    pub costs: Costs,
    /// Whether an answer of this model can cost money.
    pub can_bill: bool,
    /// Whether it learns from what it is sent.
    pub learns: Learns,
    /// Whether its free plan wants a credit card.
    pub card: bool,
    /// Each limit, and how it stands.
    pub limits: Vec<LimitFacts>,
    /// What else limits it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_limits: Option<&'static str>,
    /// When its day begins.
    pub day: Day,
    /// When the day that runs ends; none where a day is the last 24 hours.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "to_the_second")]
    pub day_ends_at: Option<Timestamp>,
    /// The routes for which the last fifth of its day is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep_for: Vec<String>,
    /// When all that was not counted here was true.
    pub as_of: String,
    /// Where it is written.
    pub sources: &'static [String],
}

/// One limit, and how it stands.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LimitFacts {
    /// What it counts: `requests`, `tokens`, `gpu_seconds`.
    pub counts: &'static str,
    /// Over which time: `minute`, `day`.
    pub per: &'static str,
    /// How much it allows.
    pub limit: u32,
    /// How much of that is spent; calls that run count with the most that they may cost.
    pub spent: u32,
    /// Who said so: `user` (the configuration), `plan` (the free plan), `provider` (its answers).
    pub source: &'static str,
    /// When all of it is there again, were nothing more spent.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "to_the_second")]
    pub whole_at: Option<Timestamp>,
    /// When it is used up, were it spent on at the pace of the last two hours; none where it lasts.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "to_the_second")]
    pub used_up_at: Option<Timestamp>,
}

impl TierFacts {
    /// What is known of `tier`, whose budget stands so at `now`, which is `wall` on the clock on the wall.
    #[must_use]
    pub fn of(tier: &TierIdentity<'_>, budget: &Budget, now: Moment, wall: Timestamp) -> Self {
        let &TierIdentity { number, name, kind, model, address, keep_for } = tier;
        let facts = kind.facts();
        Self {
            number,
            name: name.to_owned(),
            kind: kind.as_str(),
            model: model.to_owned(),
            address: address.map(ToString::to_string),
            hosting: facts.hosting,
            costs: facts.costs,
            can_bill: facts.can_bill(model),
            learns: facts.learns,
            card: facts.card,
            limits: budget.standings(now).iter().map(|standing| LimitFacts::of(standing, now, wall)).collect(),
            other_limits: facts.limits.other.as_deref(),
            day: facts.day,
            day_ends_at: day_left(kind, wall).and_then(|left| later(wall, left)),
            keep_for: keep_for.to_vec(),
            as_of: facts.as_of.0.to_string(),
            sources: &facts.sources,
        }
    }
}

impl LimitFacts {
    fn of(standing: &Standing, now: Moment, wall: Timestamp) -> Self {
        let at = |moment: Option<Moment>| moment.and_then(|moment| later(wall, moment.since(now)));
        Self {
            counts: match standing.counted {
                Counted::Requests => "requests",
                Counted::Tokens => "tokens",
                Counted::GpuSeconds => "gpu_seconds",
            },
            per: match standing.span {
                Span::Minute => "minute",
                Span::Day => "day",
            },
            limit: standing.limit,
            spent: standing.spent,
            source: match standing.source {
                LimitSource::User => "user",
                LimitSource::Plan => "plan",
                LimitSource::Provider => "provider",
            },
            whole_at: at(standing.whole_at),
            used_up_at: at(standing.used_up_at),
        }
    }
}

/// When the day of a provider of this kind ends that runs at `now`, which is `wall` on the clock on the wall.
#[must_use]
pub fn day_end(kind: Kind, now: Moment, wall: Timestamp) -> Option<Moment> {
    day_left(kind, wall).map(|left| now + left)
}

/// How long the day lasts yet; `None` where a day is the last 24 hours.
fn day_left(kind: Kind, wall: Timestamp) -> Option<Duration> {
    let now = wall.try_into().ok()?;
    (kind.day != Day::Rolling).then(|| kind.day.left(now))
}

fn later(wall: Timestamp, by: Duration) -> Option<Timestamp> {
    wall.checked_add(SignedDuration::try_from(by).ok()?).ok()
}

fn to_the_second<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(&format_args!("{at:.0}")),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use cascade::{Need, Quota};

    use super::*;

    #[test]
    fn a_tiers_facts_are_its_rows_and_how_its_budget_stands() {
        let (now, wall) = (Moment::after(Duration::from_secs(7_200)), "2026-12-01T12:00:00Z".parse().expect("a time"));
        let mut budget =
            Budget::with_plan(Quota { rpd: Some(40), ..Quota::default() }, Quota { rpm: Some(20), ..Quota::default() });
        let kind = Kind::named("gemini");
        budget.set_day_end(day_end(kind, now, wall).expect("its day ends"));
        (0..30).for_each(|_| {
            budget.reserve(Need { prompt: 1, answer: 1 }, now);
        });
        let keep_for = ["studio".to_owned()];
        let identity = TierIdentity {
            number: 5,
            name: "Tier 5: Gemini",
            kind,
            model: "gemini-x",
            address: None,
            keep_for: &keep_for,
        };
        let facts = serde_json::to_value(TierFacts::of(&identity, &budget, now, wall)).expect("JSON");
        assert_eq!(
            (&facts["kind"], &facts["costs"], &facts["learns"]),
            (&"gemini".into(), &"free".into(), &"yes".into())
        );
        assert_eq!(
            (&facts["day"], &facts["day_ends_at"]),
            (&"America/Los_Angeles".into(), &"2026-12-02T08:00:00Z".into())
        );
        assert_eq!(facts["keep_for"][0], "studio");
        let day = &facts["limits"][1];
        assert_eq!((&day["counts"], &day["per"], &day["source"]), (&"requests".into(), &"day".into(), &"user".into()));
        assert_eq!((&day["limit"], &day["spent"]), (&40.into(), &30.into()));
        assert_eq!(day["whole_at"], "2026-12-02T08:01:00Z");
        assert_eq!(day["used_up_at"], "2026-12-01T12:10:00Z", "thirty in half an hour are ten in ten minutes");
        assert_eq!(facts["limits"][0]["source"], "plan");
    }
}
