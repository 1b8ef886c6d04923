//! Whether a member of an answer says something, found out without keeping what it says.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// True for a string, an array or an object that is not empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Present(pub(crate) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresentVisitor)
    }
}

/// A message's `content`: a text, or a list of parts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Content {
    pub(crate) present: Present,
    pub(crate) parts: bool,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list of parts, or null")
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(Content { present: Present(!text.is_empty()), parts: false })
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Content, A::Error> {
        Ok(Content { present: PresentVisitor.visit_seq(items)?, parts: true })
    }
}

struct PresentVisitor;

impl<'de> Visitor<'de> for PresentVisitor {
    type Value = Present;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Present, E> {
        Ok(Present(!text.is_empty()))
    }

    fn visit_unit<E>(self) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Present, E> {
        Ok(Present(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Present, A::Error> {
        let mut any = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Present(any))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Present, A::Error> {
        let mut any = false;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            any = true;
        }
        Ok(Present(any))
    }
}
