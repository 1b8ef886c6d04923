//! Which tool call a piece belongs to. Providers number them in many ways: all by 0, by nothing, each whole at once.
//!
//! A call begins at a new id, at a new name behind whole arguments, or at a new index.

use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// More calls than any answer has: a stream that is nonsense must not become memory.
const MOST_CALLS: usize = 1024;

/// The calls of one choice so far.
#[derive(Debug, Default)]
pub(super) struct ToolCalls(Vec<Call>);

#[derive(Debug, Default)]
struct Call {
    /// The provider's own index.
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
    /// Whether `{}` has come as its arguments and is kept back: with some providers it holds a place for the real ones.
    placeholder: bool,
}

impl Call {
    fn has_whole_arguments(&self) -> bool {
        self.placeholder || serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok()
    }
}

impl ToolCalls {
    /// Gives each piece of `pieces` the number of its call, from zero without a gap. Whether anything had to be changed.
    pub(super) fn number(&mut self, pieces: &mut Vec<Value>) -> bool {
        let (mut changed, mut before) = (false, Vec::new());
        for piece in pieces.iter_mut() {
            let Some(call) = self.call_of(piece) else { continue };
            if call > 0 {
                before.extend(self.put_down(call - 1));
            }
            changed |= self.take(call, piece);
        }
        changed |= !before.is_empty();
        before.append(pieces);
        *pieces = before;
        changed
    }

    /// What was kept back of all calls, as pieces: their answer has ended.
    pub(super) fn finish(&mut self) -> Vec<Value> {
        (0..self.0.len()).filter_map(|call| self.put_down(call)).collect()
    }

    fn call_of(&mut self, piece: &Value) -> Option<usize> {
        let text = |pointer: &str| piece.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (id, name, arguments) = (text("/id"), text("/function/name"), text("/function/arguments"));
        let index = piece.get("index").and_then(Value::as_u64);
        let by_index = match index {
            Some(_) => self.0.iter().rposition(|call| call.index == index),
            None => self.0.len().checked_sub(1),
        };
        let known = match id {
            Some(id) => {
                self.0.iter().position(|call| call.id == id).or_else(|| by_index.filter(|&at| self.0[at].id.is_empty()))
            }
            None => by_index.filter(|&at| {
                let call = &self.0[at];
                let other = name.is_some_and(|name| name != call.name || arguments.is_some());
                !(other && call.has_whole_arguments())
            }),
        };
        if known.is_some() || self.0.len() >= MOST_CALLS {
            return known;
        }
        self.0.push(Call { index, ..Call::default() });
        Some(self.0.len() - 1)
    }

    /// Adds `piece` to a call. Whether the piece had to be changed.
    fn take(&mut self, number: usize, piece: &mut Value) -> bool {
        let call = &mut self.0[number];
        let text = |piece: &Value, pointer: &str| {
            piece.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (id, name) = (text(piece, "/id"), text(piece, "/function/name"));
        if !id.is_empty() {
            call.id = id;
        }
        if !name.is_empty() {
            call.name = name;
        }
        let arguments = text(piece, "/function/arguments");
        let mut changed = piece.get("index").and_then(Value::as_u64) != Some(number as u64);
        if changed && let Some(members) = piece.as_object_mut() {
            members.insert("index".to_owned(), number.into());
        }
        if call.arguments.is_empty() && arguments.trim() == "{}" {
            call.placeholder = true;
            if let Some(arguments) = piece.pointer_mut("/function/arguments") {
                *arguments = "".into();
                changed = true;
            }
        } else if !arguments.is_empty() {
            call.placeholder = false;
            call.arguments.push_str(&arguments);
        }
        changed
    }

    /// The arguments of a call that were kept back: nothing took their place.
    fn put_down(&mut self, number: usize) -> Option<Value> {
        let call = &mut self.0[number];
        std::mem::take(&mut call.placeholder).then(|| {
            call.arguments.push_str("{}");
            json!({ "index": number, "function": { "arguments": "{}" } })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calls that `pieces`, one a chunk, come to: id, name, arguments.
    fn calls(pieces: Vec<Value>) -> Vec<(String, String, String)> {
        let mut numbering = ToolCalls::default();
        let mut calls: Vec<(String, String, String)> = Vec::new();
        let mut add = |piece: Value| {
            let number = usize::try_from(piece["index"].as_u64().expect("a number")).expect("small");
            calls.resize_with(calls.len().max(number + 1), Default::default);
            let text = |pointer: &str| piece.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            calls[number].0.push_str(text("/id"));
            calls[number].1.push_str(text("/function/name"));
            calls[number].2.push_str(text("/function/arguments"));
        };
        for piece in pieces {
            let mut chunk = vec![piece];
            numbering.number(&mut chunk);
            chunk.into_iter().for_each(&mut add);
        }
        numbering.finish().into_iter().for_each(&mut add);
        calls
    }

    fn of(calls: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        calls.iter().map(|&(id, name, arguments)| (id.to_owned(), name.to_owned(), arguments.to_owned())).collect()
    }

    #[test]
    fn a_call_begins_at_a_new_id_a_new_index_or_a_new_name_behind_whole_arguments() {
        let whole = |index: Value, id: &str, name: &str, arguments: &str| {
            let mut piece = json!({ "id": id, "function": { "name": name, "arguments": arguments } });
            if !index.is_null() {
                piece["index"] = index;
            }
            piece
        };
        for (first, second) in [(json!(0), json!(0)), (Value::Null, Value::Null), (json!(0), json!(1))] {
            let two =
                vec![whole(first.clone(), "c1", "f", r#"{"a":1}"#), whole(second.clone(), "c2", "g", r#"{"b":2}"#)];
            assert_eq!(calls(two), of(&[("c1", "f", r#"{"a":1}"#), ("c2", "g", r#"{"b":2}"#)]), "{first} {second}");
            let nameless = vec![whole(first, "", "f", r#"{"a":1}"#), whole(second, "", "f", r#"{"b":2}"#)];
            assert_eq!(calls(nameless), of(&[("", "f", r#"{"a":1}"#), ("", "f", r#"{"b":2}"#)]));
        }
    }

    #[test]
    fn pieces_of_one_call_stay_together() {
        let piece = |members: Value| members;
        let pieces = vec![
            piece(json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "" } })),
            piece(json!({ "index": 0, "function": { "arguments": "{\"x\":" } })),
            piece(json!({ "index": 0, "id": "", "function": { "name": "", "arguments": "1}" } })),
            piece(json!({ "index": 0, "function": { "arguments": "" } })),
        ];
        assert_eq!(calls(pieces), of(&[("a", "f", r#"{"x":1}"#)]));
    }

    #[test]
    fn a_placeholder_gives_way_to_the_real_arguments_and_else_is_the_arguments() {
        let first = || json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } });
        let real = json!({ "index": 0, "function": { "arguments": "{\"x\":1}" } });
        assert_eq!(calls(vec![first(), real]), of(&[("a", "f", r#"{"x":1}"#)]));
        assert_eq!(calls(vec![first()]), of(&[("a", "f", "{}")]));
        let next = json!({ "index": 1, "id": "b", "function": { "name": "g", "arguments": "{\"y\":1}" } });
        assert_eq!(calls(vec![first(), next]), of(&[("a", "f", "{}"), ("b", "g", r#"{"y":1}"#)]));
    }

    #[test]
    fn what_is_numbered_well_is_left_alone() {
        let mut numbering = ToolCalls::default();
        let mut pieces = vec![json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{\"x\"" } })];
        assert!(!numbering.number(&mut pieces));
    }
}
