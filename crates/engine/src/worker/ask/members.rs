//! The members of a request's body, taken out one by one; what is left at the end was not understood.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::worker::refusal::Refusal;

/// Members that have not been taken yet. One that is `null` counts as absent, as OpenAI has it.
#[derive(Debug)]
pub(super) struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        let mut members: BTreeMap<String, &'a RawValue> = serde_json::from_slice(body)
            .map_err(|error| Refusal::malformed(format!("the body is not a JSON object: {error}")))?;
        members.retain(|_, value| value.get() != "null");
        Ok(Self(members))
    }

    /// A member as it stands.
    pub(super) fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        self.0.remove(name)
    }

    /// A member as a `T`; `takes` says in words what that is.
    pub(super) fn take<T: Deserialize<'a>>(&mut self, name: &str, takes: &str) -> Result<Option<T>, Refusal> {
        let value = self.raw(name).map(|value| serde_json::from_str(value.get()));
        value.transpose().map_err(|_| Refusal::bad_value(name, takes))
    }

    /// A number within bounds, both included.
    pub(super) fn number(&mut self, name: &str, least: f32, most: f32) -> Result<Option<f32>, Refusal> {
        let takes = format!("a number from {least} to {most}");
        let number: Option<f32> = self.take(name, &takes)?;
        if number.is_some_and(|number| !(least..=most).contains(&number)) {
            return Err(Refusal::bad_value(name, &takes));
        }
        Ok(number)
    }

    /// Refuses a member that has any other value than this, in JSON.
    pub(super) fn only(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let parse = |json: &str| serde_json::from_str::<Value>(json).ok();
        match self.raw(name) {
            Some(given) if parse(given.get()) != parse(value) => {
                Err(Refusal::unsupported_value(name, "any value but the default"))
            }
            _ => Ok(()),
        }
    }

    /// Leaves out a member that cannot change the answer.
    pub(super) fn ignore(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Refuses what was not taken, by name.
    pub(super) fn nothing_left(&self) -> Result<(), Refusal> {
        self.0.keys().next().map_or(Ok(()), |name| Err(Refusal::unsupported(&quotable(name))))
    }
}

/// A caller's own name for a member, fit for a message.
fn quotable(name: &str) -> String {
    const LONGEST: usize = 64;
    name.chars().filter(|character| !character.is_control()).take(LONGEST).collect()
}
