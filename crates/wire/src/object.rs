//! A JSON object whose members are read only as far as where they begin and end.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object's members in their order, as they stand in its text.
pub(crate) struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

/// A string, borrowed where it has no escape.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// More members than most objects of a stream have.
const MEMBERS: usize = 8;

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object<'de>, A::Error> {
        let mut all = Vec::with_capacity(MEMBERS);
        while let Some((Text(name), value)) = members.next_entry()? {
            all.push((name, value));
        }
        Ok(Object(all))
    }
}

/// More members than any object of an answer has: each new one is looked for among those before it.
const MOST_MEMBERS: usize = 128;

/// The last value of each of some members, as it stood where it came from.
#[derive(Debug, Default)]
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// Keeps `value`, unless it is `null`. The chunks of a stream say nearly the same in nearly all members: what is known
    /// already is not copied again.
    pub(crate) fn keep(&mut self, name: &str, value: &RawValue) {
        if value.get() == "null" {
            return;
        }
        match self.0.iter().position(|(known, _)| known == name) {
            Some(at) if self.0[at].1.get() == value.get() => {}
            Some(at) => self.0[at].1 = value.to_owned(),
            None if self.0.len() < MOST_MEMBERS => self.0.push((name.to_owned(), value.to_owned())),
            None => {}
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}
