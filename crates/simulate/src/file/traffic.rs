//! What the file says of the requests.

use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::values::{Count, Millis, Percent, Requests};
use crate::sizes::Sizes;
use crate::traffic::Drawn;

/// The path of an export, or what requests are drawn from.
pub(super) enum TrafficSection {
    Recorded(String),
    Drawn(Box<DrawnSection>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DrawnSection {
    requests_a_day: Option<Requests>,
    shape: Option<Shape>,
    by_hour: Option<Vec<Requests>>,
    prompt_tokens: Sizes,
    answer_tokens: Sizes,
    max_tokens: Option<Count>,
    streamed_percent: Option<Percent>,
    at_fault_percent: Option<Percent>,
    deadline_ms: Option<Millis>,
}

/// How a day's requests lie over its hours.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    /// The same in each.
    Flat,
    /// People at work from eight to six, with a break at noon.
    Office,
    /// People at home: little at night, more over the day, most in the evening.
    Evening,
}

impl Shape {
    /// How much of the day's requests an hour has, in parts of all twenty-four numbers.
    const fn weights(self) -> [u16; 24] {
        match self {
            Self::Flat => [1; 24],
            Self::Office => [1, 1, 1, 1, 1, 1, 2, 5, 10, 13, 13, 12, 8, 12, 13, 12, 11, 8, 4, 3, 2, 2, 1, 1],
            Self::Evening => [3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 6, 6, 6, 7, 8, 9, 11, 13, 14, 13, 9, 5],
        }
    }
}

impl DrawnSection {
    /// # Errors
    ///
    /// What is missing, or too much, as one line.
    pub(super) fn build(self) -> Result<Drawn, String> {
        let by_hour = match (self.by_hour, self.requests_a_day) {
            (Some(by_hour), None) if self.shape.is_none() => {
                let by_hour: Vec<f64> = by_hour.into_iter().map(|requests| requests.0).collect();
                let count = by_hour.len();
                by_hour.try_into().map_err(|_| format!("by_hour: takes 24 numbers, one an hour, and has {count}"))?
            }
            (None, Some(Requests(a_day))) => {
                let weights = self.shape.unwrap_or(Shape::Flat).weights().map(f64::from);
                let sum: f64 = weights.iter().sum();
                weights.map(|weight| a_day * weight / sum)
            }
            _ => return Err("traffic: takes requests_a_day, with a shape or without, or else by_hour".to_owned()),
        };
        Ok(Drawn {
            by_hour,
            prompt: self.prompt_tokens,
            answer: self.answer_tokens,
            max_tokens: self.max_tokens.map(|Count(count)| count),
            streamed_percent: self.streamed_percent.map_or(100.0, |Percent(percent)| percent),
            at_fault_percent: self.at_fault_percent.map_or(0.0, |Percent(percent)| percent),
            deadline: self.deadline_ms.map(Duration::from),
        })
    }
}

impl<'de> Deserialize<'de> for TrafficSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = TrafficSection;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a ledger's export in quotes, or a table [traffic]")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<TrafficSection, E> {
                Ok(TrafficSection::Recorded(path.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TrafficSection, A::Error> {
                DrawnSection::deserialize(MapAccessDeserializer::new(map))
                    .map(|drawn| TrafficSection::Drawn(Box::new(drawn)))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_hour(shape: &str) -> [f64; 24] {
        let text = format!("requests_a_day = 1000\nshape = \"{shape}\"\nprompt_tokens = 1\nanswer_tokens = 1");
        let section: DrawnSection = toml::from_str(&text).expect("a good section");
        section.build().expect("nothing is missing").by_hour
    }

    #[test]
    fn a_shape_says_when_the_days_requests_come() {
        let [flat, office, evening] = ["flat", "office", "evening"].map(by_hour);
        for shape in [flat, office, evening] {
            assert!((shape.iter().sum::<f64>() - 1_000.0).abs() < 1e-6, "all of them come: {shape:?}");
            assert!(shape.iter().all(|&requests| requests > 0.0), "at some time by chance: {shape:?}");
        }
        let within = |shape: [f64; 24], from: usize, to: usize| shape[from..to].iter().sum::<f64>() / 1_000.0;
        assert!(within(office, 8, 18) > 0.8 && within(evening, 17, 23) > 0.45);
        assert!(office[12] < office[11] && office[12] < office[13], "people eat");
    }
}
