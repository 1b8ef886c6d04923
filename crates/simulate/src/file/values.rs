//! What a value may look like. Each refusal says what the key takes.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::sizes::Sizes;

/// No size, time or count is larger: a week in milliseconds is less.
const MOST: i64 = 1_000_000_000;

/// A percentage.
#[derive(Clone, Copy)]
pub(super) struct Percent(pub(super) f64);

/// A time.
#[derive(Clone, Copy)]
pub(super) struct Millis(pub(super) u32);

/// Tokens a second.
#[derive(Clone, Copy)]
pub(super) struct Rate(pub(super) f64);

/// A whole number above 0.
#[derive(Clone, Copy)]
pub(super) struct Count(pub(super) u32);

/// How many requests come: 0 is none.
#[derive(Clone, Copy)]
pub(super) struct Requests(pub(super) f64);

/// A time of the day.
#[derive(Clone, Copy)]
pub(super) struct TimeOfDay(pub(super) Duration);

impl From<Millis> for Duration {
    fn from(Millis(ms): Millis) -> Self {
        Self::from_millis(ms.into())
    }
}

/// A number, whole or not.
struct Number<T>(&'static str, fn(f64) -> Option<T>, PhantomData<T>);

impl<T> Visitor<'_> for Number<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        (self.1)(number).ok_or_else(|| E::custom(format_args!("takes {}", self.0)))
    }
}

/// Deserializes a number that `read` takes.
fn number<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    takes: &'static str,
    read: fn(f64) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Number(takes, read, PhantomData))
}

fn whole(number: f64, least: f64) -> Option<u32> {
    (number.fract() == 0.0 && (least..=MOST as f64).contains(&number)).then_some(number as u32)
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer, "a percentage, 0 to 100", |it| (0.0..=100.0).contains(&it).then_some(Self(it)))
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer, "whole milliseconds, 1 to 1000000000", |it| whole(it, 1.0).map(Self))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer, "tokens a second, 0.01 to 1000000", |it| (0.01..=1e6).contains(&it).then_some(Self(it)))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer, "a whole number, 1 to 1000000000", |it| whole(it, 1.0).map(Self))
    }
}

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        number(deserializer, "a number of requests, 0 to 100000000", |it| (0.0..=1e8).contains(&it).then_some(Self(it)))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).unwrap_or_default();
        time_of_day(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("takes a time of the day in quotes, \"00:00\" to \"24:00\""))
    }
}

fn time_of_day(text: &str) -> Option<Duration> {
    let (hours, minutes) = text.split_once(':')?;
    let part =
        |text: &str| (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?;
    let (hours, minutes): (u64, u64) = (part(hours)?, part(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then(|| Duration::from_secs(all * 60))
}

const SIZES: &str = "a number, a list of numbers, or { median = …, p95 = … }, each 0 to 1000000000";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogNormal {
    median: Count,
    p95: Count,
}

struct SizesVisitor;

impl<'de> Visitor<'de> for SizesVisitor {
    type Value = Sizes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SIZES)
    }

    fn visit_i64<E: Error>(self, size: i64) -> Result<Sizes, E> {
        whole(size as f64, 0.0).map(Sizes::fixed).ok_or_else(|| E::custom(format_args!("takes {SIZES}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sizes, A::Error> {
        let mut sizes = Vec::new();
        while let Some(size) = list.next_element::<i64>()? {
            let refused = || A::Error::custom(format_args!("takes {SIZES}"));
            sizes.push(whole(size as f64, 0.0).ok_or_else(refused)?);
        }
        if sizes.is_empty() { Err(A::Error::custom(format_args!("takes {SIZES}"))) } else { Ok(Sizes::Listed(sizes)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sizes, A::Error> {
        let LogNormal { median, p95 } = LogNormal::deserialize(MapAccessDeserializer::new(map))?;
        if p95.0 < median.0 {
            return Err(A::Error::custom("takes a p95 that is no less than the median"));
        }
        Ok(Sizes::log_normal(median.0, p95.0))
    }
}

impl<'de> Deserialize<'de> for Sizes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizesVisitor)
    }
}
