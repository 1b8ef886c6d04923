//! The requests that come: drawn from a rate and from sizes, or as they were recorded.

use std::time::Duration;

use crate::draws::Draws;
use crate::sizes::Sizes;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Since the midnight before the first one.
    pub(crate) at: Duration,
    pub(crate) prompt: u32,
    /// How long the answer is that a tier gives which nothing stops, in tokens.
    pub(crate) answer: u32,
    /// The caller's bound on it.
    pub(crate) max_tokens: Option<u32>,
    pub(crate) streamed: bool,
    /// Whether every tier would refuse it: the caller's own fault.
    pub(crate) at_fault: bool,
    pub(crate) deadline: Option<Duration>,
}

/// Where requests come from.
#[derive(Clone, Debug)]
pub(crate) enum Traffic {
    Drawn(Box<Drawn>),
    /// In their order.
    Recorded(Vec<Arrival>),
}

/// A day of requests that come by chance: independently of each other, more in one hour than in another.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    /// Requests in each hour of the day, on the average.
    pub(crate) by_hour: [f64; 24],
    pub(crate) prompt: Sizes,
    pub(crate) answer: Sizes,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) streamed_percent: f64,
    pub(crate) at_fault_percent: f64,
    pub(crate) deadline: Option<Duration>,
}

const HOUR: f64 = 3_600.0;

impl Traffic {
    /// Every request in the order in which it comes; the same for the same seed.
    pub(crate) fn arrivals(&self, seed: u64) -> Box<dyn Iterator<Item = Arrival> + '_> {
        match self {
            Self::Drawn(drawn) => Box::new(drawn.arrivals(Draws::of(seed, &[]))),
            Self::Recorded(recorded) => Box::new(recorded.iter().copied()),
        }
    }

    /// How long requests come for: whole days.
    pub(crate) fn days(&self) -> u32 {
        let last = match self {
            Self::Drawn(_) => return 1,
            Self::Recorded(recorded) => recorded.last().map_or(Duration::ZERO, |last| last.at),
        };
        u32::try_from(last.as_secs() / crate::DAY.as_secs() + 1).unwrap_or(u32::MAX)
    }

    /// How long prompts and answers are.
    pub(crate) fn sizes(&self) -> (Sizes, Sizes) {
        match self {
            Self::Drawn(drawn) => (drawn.prompt.clone(), drawn.answer.clone()),
            Self::Recorded(recorded) => {
                let listed = |size: fn(&Arrival) -> u32| Sizes::Listed(recorded.iter().map(size).collect());
                (listed(|it| it.prompt), listed(|it| it.answer))
            }
        }
    }

    /// The same with `factor` times as many requests; at most all that were recorded.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Drawn(drawn) => {
                let mut drawn = drawn.clone();
                drawn.by_hour = drawn.by_hour.map(|rate| rate * factor);
                Self::Drawn(drawn)
            }
            Self::Recorded(recorded) => {
                let kept = |number: u64| Draws::of(number, &[]).share() < factor;
                Self::Recorded((0..).zip(recorded).filter(|(number, _)| kept(*number)).map(|(_, &it)| it).collect())
            }
        }
    }
}

impl Drawn {
    /// A Poisson process whose rate is that of the hour. It has no memory: at the end of an hour it begins anew.
    fn arrivals(&self, mut random: Draws) -> impl Iterator<Item = Arrival> + '_ {
        let mut seconds = 0.0;
        std::iter::from_fn(move || {
            loop {
                let hour = (seconds / HOUR) as usize;
                let rate = *self.by_hour.get(hour)?;
                let next_hour = (hour + 1) as f64 * HOUR;
                let at = seconds + random.exponential() * HOUR / rate;
                if at < next_hour {
                    seconds = at;
                    return Some(self.drawn(Duration::from_secs_f64(at), &mut random));
                }
                seconds = next_hour;
            }
        })
    }

    fn drawn(&self, at: Duration, random: &mut Draws) -> Arrival {
        let prompt = self.prompt.draw(random).max(1);
        let answer = self.answer.draw(random).clamp(1, self.max_tokens.unwrap_or(u32::MAX));
        let streamed = random.chance(self.streamed_percent);
        let at_fault = random.chance(self.at_fault_percent);
        Arrival { at, prompt, answer, max_tokens: self.max_tokens, streamed, at_fault, deadline: self.deadline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(by_hour: [f64; 24]) -> Traffic {
        Traffic::Drawn(Box::new(Drawn {
            by_hour,
            prompt: Sizes::fixed(100),
            answer: Sizes::fixed(500),
            max_tokens: Some(300),
            streamed_percent: 50.0,
            at_fault_percent: 0.0,
            deadline: None,
        }))
    }

    #[test]
    fn each_hour_gets_its_own_rate() {
        let mut by_hour = [0.0; 24];
        (by_hour[3], by_hour[20]) = (1_000.0, 4_000.0);
        let traffic = drawn(by_hour);
        let mut count = [0; 24];
        traffic.arrivals(1).for_each(|it| count[(it.at.as_secs() / 3_600) as usize] += 1);
        assert!((900..1_100).contains(&count[3]) && (3_800..4_200).contains(&count[20]), "{count:?}");
        assert_eq!(count.iter().sum::<i32>(), count[3] + count[20]);
    }

    #[test]
    fn requests_come_in_order_and_no_answer_is_longer_than_asked_for() {
        let traffic = drawn([100.0; 24]);
        let all: Vec<_> = traffic.arrivals(1).collect();
        assert!(all.is_sorted_by_key(|it| it.at) && all.iter().all(|it| it.answer == 300));
        let streamed = all.iter().filter(|it| it.streamed).count();
        assert!((all.len() * 4 / 10..all.len() * 6 / 10).contains(&streamed));
    }

    #[test]
    fn a_scale_thins_what_is_drawn_and_what_is_recorded() {
        let traffic = drawn([400.0; 24]);
        let recorded = Traffic::Recorded(traffic.arrivals(1).collect());
        for traffic in [traffic, recorded] {
            let (all, quarter) = (traffic.arrivals(1).count(), traffic.scaled(0.25).arrivals(1).count());
            assert!((all * 22 / 100..all * 28 / 100).contains(&quarter), "{quarter} of {all}");
        }
    }
}
