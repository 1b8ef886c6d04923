//! A copy of the real model whose file says something more.

use std::fs;
use std::path::{Path, PathBuf};

use crate::worker::model;

/// What a key says.
pub(crate) enum Says<'a> {
    Text(&'a str),
    Number(u32),
}

const TEMPLATE: &str = "tokenizer.chat_template";
/// Tensors begin at a multiple of this: GGUF's default, which the real model has.
const ALIGNMENT: usize = 32;
/// Magic, version, and the two counts.
const HEAD: usize = 24;

/// Writes the copy, with these keys before its own; the chat template, where it is among them, is the only one.
pub(crate) fn copy(folder: &Path, keys: &[(&str, Says<'_>)]) -> PathBuf {
    let mut bytes = fs::read(model()).unwrap();
    assert!(place(&bytes, "general.alignment").is_none());
    if keys.iter().any(|(name, _)| *name == TEMPLATE) {
        let own = place(&bytes, TEMPLATE).unwrap();
        bytes[own..own + TEMPLATE.len()].copy_from_slice(b"tokenizer.chat_templat_");
    }
    let count = u64::from_le_bytes(bytes[16..HEAD].try_into().unwrap()) + keys.len() as u64 + 1;
    bytes[16..HEAD].copy_from_slice(&count.to_le_bytes());
    let mut added: Vec<u8> = keys.iter().flat_map(|(name, says)| key(name, says)).collect();
    // What is added keeps all that follows aligned.
    let blank = key("test.blank", &Says::Text(""));
    let missing = (added.len() + blank.len()).next_multiple_of(ALIGNMENT) - added.len() - blank.len();
    added.extend(key("test.blank", &Says::Text(&" ".repeat(missing))));
    bytes.splice(HEAD..HEAD, added);
    let path = folder.join("doctored.gguf");
    fs::write(&path, bytes).unwrap();
    path
}

/// Where the name of a key stands.
fn place(bytes: &[u8], name: &str) -> Option<usize> {
    let sized = [&(name.len() as u64).to_le_bytes(), name.as_bytes()].concat();
    Some(bytes.windows(sized.len()).position(|window| window == sized)? + 8)
}

fn key(name: &str, says: &Says<'_>) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let value = match says {
        Says::Text(value) => [&8_u32.to_le_bytes()[..], &text(value)].concat(),
        Says::Number(value) => [4_u32.to_le_bytes(), value.to_le_bytes()].concat(),
    };
    [text(name), value].concat()
}
