//! A tier's stream, brought into the one form that clients of OpenAI's expect. What is in it already is passed on as it came.

mod continued;
mod lenient;
pub(crate) mod parts;
mod shared;
mod surrogate;
mod tool_calls;

use std::collections::BTreeMap;

use bytes::Bytes;
use memchr::memmem;
use serde_json::{Map, Value, json};

use crate::chunk::{Chunk, Finish, Piece, Shape};
use crate::form::Form;
use crate::sse::{self, Event};

pub use continued::{Continued, content, reasoning, without_end};
use shared::SharedMembers;
use tool_calls::ToolCalls;

/// One event of a stream.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    /// The event as it is passed on, with its closing blank line.
    pub raw: Bytes,
    /// Its data; none for a comment.
    pub data: Option<Bytes>,
    /// What the data says; none for a comment.
    pub piece: Option<Piece>,
}

impl StreamEvent {
    /// An event of our own making, as [`sse::data`] writes it, read back.
    #[must_use]
    pub fn made(raw: Bytes) -> Self {
        let data = data_of(&raw);
        Self { piece: Some(Piece::read(&data)), data: Some(data), raw }
    }

    /// The event in bytes of its own, to be kept: as a slice it would keep the whole buffer that it was read into.
    #[must_use]
    pub fn into_owned(self) -> Self {
        let raw = Bytes::copy_from_slice(&self.raw);
        let data = self.data.map(|data| {
            let start = (data.as_ptr() as usize).wrapping_sub(self.raw.as_ptr() as usize);
            let end = start.wrapping_add(data.len());
            if start <= end && end <= raw.len() { raw.slice(start..end) } else { Bytes::copy_from_slice(&data) }
        });
        Self { raw, data, piece: self.piece }
    }
}

/// Reads a stream event by event.
#[derive(Debug)]
pub struct StreamReader {
    form: Form,
    /// Stands for a chunk's `id` where it has none.
    id: String,
    /// `id`, `object`, `created` and `model`, once a chunk with an `id` has come.
    shared: Option<SharedMembers>,
    /// Half a letter that ended the chunk before.
    half: Option<surrogate::Half>,
    calls: BTreeMap<u64, ToolCalls>,
    /// Whether a call's arguments may have been kept back.
    calls_tools: bool,
    /// Whether the role has been passed on.
    role: bool,
}

impl StreamReader {
    /// A reader of a stream in `form`; `id` is its chunks' where they have none.
    #[must_use]
    pub fn new(form: Form, id: String) -> Self {
        let (calls, calls_tools) = (BTreeMap::new(), false);
        Self { form, id, shared: None, half: None, calls, calls_tools, role: false }
    }

    /// Reads one event; `None` for one that says nothing of an answer.
    pub fn read(&mut self, event: Event) -> Option<StreamEvent> {
        let Some(data) = event.data.clone() else {
            return Some(StreamEvent { raw: event.raw, data: None, piece: None });
        };
        if event.name.as_deref() == Some(b"error") {
            return Some(StreamEvent { raw: event.raw.clone(), data: Some(data), piece: Piece::of(&event) });
        }
        let before = self.half;
        let mut changed = self.repaired(&data);
        let (mut piece, mut shape) = Piece::read_with_shape(changed.as_ref().unwrap_or(&data));
        if piece == Piece::Malformed
            && let Some(mended) = lenient::mended(changed.as_ref().unwrap_or(&data))
        {
            (piece, shape) = Piece::read_with_shape(&mended);
            changed = Some(mended);
        }
        if let Piece::Chunk(chunk) = piece {
            let lost_half = before.is_some() && self.half == before && chunk.token;
            let bytes = changed.as_ref().unwrap_or(&data);
            if let Some(normal) = self.normal(bytes, chunk, shape, lost_half) {
                piece = Piece::read(&normal);
                changed = Some(normal);
            }
            let read = changed.as_ref().unwrap_or(&data);
            if !self.says_anything(read, piece_chunk(&piece)?, shape) {
                return None;
            }
        }
        let raw = match &changed {
            None if event.bare => event.raw,
            _ => sse::data(&on_one_line(changed.as_ref().unwrap_or(&data))),
        };
        let data = if changed.is_none() && event.bare { data } else { data_of(&raw) };
        Some(StreamEvent { raw, data: Some(data), piece: Some(piece) })
    }

    /// The end that a stream lacks which said `[DONE]` and no reason.
    #[must_use]
    pub fn ending(&mut self) -> StreamEvent {
        let calls: Vec<Value> = self.calls.values_mut().flat_map(ToolCalls::finish).collect();
        let reason = if self.calls_tools { "tool_calls" } else { "stop" };
        let delta = if calls.is_empty() { json!({}) } else { json!({ "tool_calls": calls }) };
        let choice = match self.form {
            Form::Chat => json!({ "index": 0, "delta": delta, "finish_reason": reason }),
            Form::Text => json!({ "index": 0, "text": "", "finish_reason": reason }),
        };
        let mut chunk = self.shared.as_ref().map(SharedMembers::parsed).unwrap_or_default();
        chunk.entry("id").or_insert_with(|| self.id.clone().into());
        chunk.insert("choices".to_owned(), json!([choice]));
        StreamEvent::made(sse::data(Value::Object(chunk).to_string().as_bytes()))
    }

    /// `data` where it has escapes of surrogates that had to be put right.
    fn repaired(&mut self, data: &Bytes) -> Option<Bytes> {
        let has_any = [&b"\\ud"[..], b"\\uD"].iter().any(|escape| memmem::find(data, escape).is_some());
        let repaired = has_any.then(|| surrogate::repaired(data, &mut self.half))?;
        (repaired != data.as_ref()).then(|| repaired.into())
    }

    /// `data` in the form that clients expect; `None` where it is.
    fn normal(&mut self, data: &Bytes, chunk: Chunk, shape: Shape, lost_half: bool) -> Option<Bytes> {
        let first = self.shared.is_none() && shape.id;
        let ends_calls = self.calls_tools && chunk.finish.is_some();
        if shape.id && !first && !shape.parts && !shape.tool_calls && !ends_calls && !lost_half {
            return None;
        }
        let Ok(Value::Object(mut members)) = serde_json::from_slice(data) else { return None };
        if first {
            self.share(&members);
        }
        let mut changed = !shape.id && chunk.choices;
        if changed {
            members.insert("id".to_owned(), self.id.clone().into());
        }
        for choice in members.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten() {
            changed |= self.normalise(choice);
        }
        if lost_half {
            self.half = None;
            changed |= prefix_with_replacement(&mut members);
        }
        changed.then(|| Value::Object(members).to_string().into())
    }

    /// Takes from the first chunk with an `id` what its successors share.
    fn share(&mut self, first: &Map<String, Value>) {
        const SHARED: [&str; 4] = ["id", "object", "created", "model"];
        let of_all = first.iter().filter(|(name, _)| SHARED.contains(&&***name));
        let mut shared: Map<String, Value> = of_all.map(|(name, value)| (name.clone(), value.clone())).collect();
        shared.entry("object").or_insert_with(|| self.form.chunk().into());
        if let Some(id) = shared["id"].as_str() {
            self.id = id.to_owned();
        }
        self.shared = Some(SharedMembers::of(shared));
    }

    fn normalise(&mut self, choice: &mut Value) -> bool {
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or_default();
        let ended = choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
        let Some(delta) = choice.get_mut("delta").and_then(Value::as_object_mut) else { return false };
        let mut changed = parts::flatten(delta);
        if let Some(Value::Array(pieces)) = delta.get_mut("tool_calls").filter(|pieces| **pieces != json!([])) {
            self.calls_tools = true;
            changed |= self.calls.entry(index).or_default().number(pieces);
        }
        let calls = self.calls.get_mut(&index).filter(|_| ended);
        let kept_back = calls.map(ToolCalls::finish).unwrap_or_default();
        if !kept_back.is_empty() {
            changed = true;
            match delta.entry("tool_calls").or_insert_with(|| json!([])) {
                Value::Array(pieces) => pieces.extend(kept_back),
                other => *other = kept_back.into(),
            }
        }
        changed
    }

    /// Whether a chunk is worth passing on. A role is said once; what has no choice and no usage, a ping say, never.
    fn says_anything(&mut self, data: &[u8], chunk: Chunk, shape: Shape) -> bool {
        let says = chunk.token || chunk.finish.is_some() || chunk.usage.is_some() || chunk.progress || chunk.failed;
        if says {
            self.role |= shape.role;
            return true;
        }
        let first_role = shape.role && !std::mem::replace(&mut self.role, true);
        first_role || (chunk.choices && has_other_members(data))
    }
}

/// The data of an event that [`sse::data`] wrote.
fn data_of(raw: &Bytes) -> Bytes {
    raw.slice(sse::DATA.len()..raw.len() - sse::END.len())
}

fn piece_chunk(piece: &Piece) -> Option<Chunk> {
    match piece {
        Piece::Chunk(chunk) => Some(*chunk),
        Piece::Done | Piece::Error(_) | Piece::Malformed => None,
    }
}

/// Whether a choice without a token holds something that we do not know, such as a list of sources.
fn has_other_members(data: &[u8]) -> bool {
    const KNOWN: [&str; 10] = [
        "role",
        "content",
        "reasoning",
        "reasoning_content",
        "refusal",
        "tool_calls",
        "function_call",
        "audio",
        "text",
        "token_ids",
    ];
    let Ok(chunk) = serde_json::from_slice::<Value>(data) else { return false };
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    };
    let deltas = chunk["choices"].as_array().into_iter().flatten().filter_map(|choice| choice["delta"].as_object());
    deltas.flatten().any(|(name, value)| !KNOWN.contains(&&**name) && says(value))
}

/// Puts U+FFFD before the text of the first choice: the half of a letter that went before it was never joined.
fn prefix_with_replacement(members: &mut Map<String, Value>) -> bool {
    let Some(choice) = members.get_mut("choices").and_then(|choices| choices.get_mut(0)) else { return false };
    let pointer = if choice.get("text").is_some() { "/text" } else { "/delta/content" };
    match choice.pointer_mut(pointer) {
        Some(Value::String(text)) if !text.is_empty() => {
            text.insert(0, '\u{fffd}');
            true
        }
        _ => false,
    }
}

/// JSON without the line breaks that an event's data must not have.
fn on_one_line(data: &Bytes) -> Bytes {
    if memchr::memchr2(b'\n', b'\r', data).is_none() {
        return data.clone();
    }
    serde_json::from_slice::<Value>(data).map_or_else(|_| data.clone(), |value| value.to_string().into())
}

impl Finish {
    /// Whether it is the end of an answer, and not of a connection.
    #[must_use]
    pub const fn is_an_end(self) -> bool {
        !matches!(self, Self::Other)
    }
}

#[cfg(test)]
mod tests;
