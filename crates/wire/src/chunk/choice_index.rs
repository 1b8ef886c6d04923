//! Which choice a part of an answer belongs to.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A choice's `index`; the first one's where it says none, or nonsense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChoiceIndex(u64);

impl ChoiceIndex {
    /// A bit of its own; none for an index beyond 127, which no provider gives.
    pub(crate) fn bit(self) -> u128 {
        u32::try_from(self.0).ok().and_then(|place| 1_u128.checked_shl(place)).unwrap_or(0)
    }
}

impl<'de> Deserialize<'de> for ChoiceIndex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoiceIndexVisitor)
    }
}

struct ChoiceIndexVisitor;

impl<'de> Visitor<'de> for ChoiceIndexVisitor {
    type Value = ChoiceIndex;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_u64<E>(self, place: u64) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex(place))
    }

    fn visit_i64<E>(self, _: i64) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex::default())
    }

    fn visit_str<E>(self, index: &str) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex(index.parse().unwrap_or_default()))
    }

    fn visit_unit<E>(self) -> Result<ChoiceIndex, E> {
        Ok(ChoiceIndex::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ChoiceIndex, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(ChoiceIndex::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ChoiceIndex, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(ChoiceIndex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_and_nonsense_is_the_first() {
        for (json, bit) in [
            ("0", 1),
            ("3", 8),
            ("127", 1 << 127),
            ("128", 0),
            ("18446744073709551615", 0),
            ("-1", 1),
            ("1.5", 1),
            ("null", 1),
            ("\"2\"", 4),
            ("\"two\"", 1),
            ("[1,{}]", 1),
            ("{\"a\":[]}", 1),
            ("true", 1),
        ] {
            assert_eq!(serde_json::from_str::<ChoiceIndex>(json).expect("any value").bit(), bit, "{json}");
        }
    }
}
