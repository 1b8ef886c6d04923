//! Whether a member of an answer says something, found out without keeping what it says.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// True for a string, an array or an object that is not empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said(pub(crate) bool);

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said(!text.is_empty()))
    }

    fn visit_unit<E>(self) -> Result<Said, E> {
        Ok(Said(false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Said, E> {
        Ok(Said(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Said, E> {
        Ok(Said(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Said, E> {
        Ok(Said(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Said, E> {
        Ok(Said(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Said, A::Error> {
        let mut any = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Said(any))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Said, A::Error> {
        let mut any = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Said(any))
    }
}
