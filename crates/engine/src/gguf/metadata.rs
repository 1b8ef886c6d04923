//! The keys and values of a GGUF: all are checked, few are kept.

use std::collections::HashMap;

use super::error::Fault;
use super::kinds::ValueKind;
use super::reader::Reader;

const LONGEST_KEY: u64 = 65_535;
/// A chat template or a licence has some ten thousand bytes.
const LONGEST_STRING: u64 = 16 << 20;
/// The longest arrays are a vocabulary's merges, half a million so far.
const LONGEST_ARRAY: u64 = 1 << 24;
const DEFAULT_ALIGNMENT: u64 = 32;

/// The text values that somebody asks for; the others are stepped over.
const KEPT: [&str; 4] = ["general.architecture", "general.name", "tokenizer.chat_template", TOKENIZER];
const TOKENIZER: &str = "tokenizer.ggml.model";

/// What is kept of a file's keys and values.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    kinds: HashMap<String, ValueKind>,
    numbers: HashMap<String, u64>,
    floats: HashMap<String, f32>,
    texts: HashMap<String, String>,
    arrays: HashMap<String, Array>,
}

#[derive(Debug, Clone, Copy)]
struct Array {
    kind: ValueKind,
    count: u64,
}

impl Metadata {
    pub(super) fn read(reader: &mut Reader, count: u64) -> Result<Self, Fault> {
        let mut metadata = Self::default();
        for index in 0..count {
            let name = || format!("the name of key {index}");
            let key = reader.string(LONGEST_KEY, &name)?;
            if key.is_empty() || key.contains('\0') {
                return Err(Fault::damaged(name(), "is empty or holds a zero byte"));
            }
            let code = reader.u32(&|| format!("the type of {key:?}"))?;
            let kind = kind_of(&key, code)?;
            if metadata.kinds.insert(key.clone(), kind).is_some() {
                return Err(Fault::damaged(format!("key {key:?}"), "stands there twice"));
            }
            metadata.read_value(reader, key, kind)?;
        }
        Ok(metadata)
    }

    fn read_value(&mut self, reader: &mut Reader, key: String, kind: ValueKind) -> Result<(), Fault> {
        let what = || format!("the value of {key:?}");
        match kind {
            ValueKind::String if KEPT.contains(&key.as_str()) => {
                let text = reader.string(LONGEST_STRING, &what)?;
                self.texts.insert(key, text);
            }
            ValueKind::String => reader.skip_string(LONGEST_STRING, &what)?,
            ValueKind::Array => {
                let array = read_array(reader, &key)?;
                self.arrays.insert(key, array);
            }
            ValueKind::Float(4) => {
                let number = f32::from_bits(reader.u32(&what)?);
                self.floats.insert(key, number);
            }
            ValueKind::Float(width) => reader.skip(1, u64::from(width), &what)?,
            ValueKind::Unsigned(_) | ValueKind::Signed(_) | ValueKind::Bool => {
                if let Some(number) = read_number(reader, &key, kind)? {
                    self.numbers.insert(key, number);
                }
            }
        }
        Ok(())
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.numbers.get(key).copied()
    }

    /// A 32-bit float.
    pub(super) fn float(&self, key: &str) -> Option<f32> {
        self.floats.get(key).copied()
    }

    pub(super) fn take_text(&mut self, key: &str) -> Option<String> {
        self.texts.remove(key)
    }

    /// What the start of each tensor's data is a multiple of.
    pub(super) fn alignment(&self) -> Result<u64, Fault> {
        const KEY: &str = "general.alignment";
        match self.kinds.get(KEY) {
            None => Ok(DEFAULT_ALIGNMENT),
            Some(ValueKind::Unsigned(4)) => {
                let alignment = self.number(KEY).unwrap_or_default();
                if !alignment.is_power_of_two() {
                    return Err(Fault::damaged(KEY, format!("is {alignment}, which is no power of two")));
                }
                Ok(alignment)
            }
            Some(_) => Err(Fault::damaged(KEY, "is not a 32-bit unsigned number")),
        }
    }

    /// A vocabulary's arrays go together: llama.cpp reads the scores and types as 32-bit values, whatever the file
    /// says that they are.
    pub(super) fn check_vocabulary(&self) -> Result<(), Fault> {
        const TOKENS: &str = "tokenizer.ggml.tokens";
        // llama.cpp's words for a model without a vocabulary: its tokenizer aborts when it is asked.
        if let Some(none @ ("none" | "no_vocab")) = self.texts.get(TOKENIZER).map(String::as_str) {
            return Err(Fault::damaged(TOKENIZER, format!("is {none:?}: it cannot read or write text")));
        }
        let Some(tokens) = self.arrays.get(TOKENS) else {
            return match self.kinds.contains_key(TOKENS) {
                true => Err(Fault::damaged(TOKENS, "is not an array")),
                false => Ok(()),
            };
        };
        if tokens.kind != ValueKind::String || tokens.count == 0 {
            return Err(Fault::damaged(TOKENS, "is not an array of strings"));
        }
        for key in ["tokenizer.ggml.scores", "tokenizer.ggml.token_type"] {
            let Some(array) = self.arrays.get(key) else { continue };
            if array.kind.width() != Some(4) {
                return Err(Fault::damaged(key, "is not an array of 32-bit values"));
            }
            if array.count != tokens.count {
                return Err(Fault::damaged(key, format!("has {} values for {} tokens", array.count, tokens.count)));
            }
        }
        Ok(())
    }
}

fn kind_of(key: &str, code: u32) -> Result<ValueKind, Fault> {
    ValueKind::from_code(code)
        .ok_or_else(|| Fault::damaged(format!("the type of {key:?}"), format!("is {code}, which there is not")))
}

fn read_number(reader: &mut Reader, key: &str, kind: ValueKind) -> Result<Option<u64>, Fault> {
    let what = || format!("the value of {key:?}");
    let number = match kind.width() {
        Some(1) => i128::from(reader.array::<1>(&what)?[0]),
        Some(2) => i128::from(u16::from_le_bytes(reader.array(&what)?)),
        Some(4) => i128::from(reader.u32(&what)?),
        _ => i128::from(reader.u64(&what)?),
    };
    if kind == ValueKind::Bool && number > 1 {
        return Err(Fault::damaged(what(), format!("is {number}, a bool is 0 or 1")));
    }
    let negative = matches!(kind, ValueKind::Signed(width) if number >> (u32::from(width) * 8 - 1) != 0);
    Ok(if negative { None } else { u64::try_from(number).ok() })
}

fn read_array(reader: &mut Reader, key: &str) -> Result<Array, Fault> {
    let what = || format!("the array {key:?}");
    let kind = kind_of(key, reader.u32(&|| format!("the element type of {key:?}"))?)?;
    let count = reader.u64(&|| format!("the length of {key:?}"))?;
    match kind.width() {
        Some(width) => reader.skip(count, u64::from(width), &what)?,
        None if kind == ValueKind::Array => return Err(Fault::damaged(what(), "holds arrays")),
        None => {
            check_array_length(count, &what)?;
            for _ in 0..count {
                reader.skip_string(LONGEST_STRING, &what)?;
            }
        }
    }
    check_array_length(count, &what)?;
    Ok(Array { kind, count })
}

fn check_array_length(count: u64, what: &dyn Fn() -> String) -> Result<(), Fault> {
    if count > LONGEST_ARRAY {
        return Err(Fault::damaged(what(), format!("has {count} values, {LONGEST_ARRAY} are allowed")));
    }
    Ok(())
}
