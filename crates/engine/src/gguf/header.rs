//! The whole check, and what it learns about the model on the way.

use std::fs::File;
use std::path::Path;

use super::error::{Fault, GgufError};
use super::kinds;
use super::metadata::Metadata;
use super::reader::Reader;
use super::tensors::{self, Tensors};

const MAGIC: [u8; 4] = *b"GGUF";
/// Far above any model's: the largest published ones have some fifty keys and two thousand tensors.
const MOST_KEYS: u64 = 65_536;
const MOST_TENSORS: u64 = 65_536;
/// llama.cpp's own bound on layers is 512; beyond it, it refuses with an exception.
const MOST_BLOCKS: u64 = 1024;

/// What a checked file says about its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `general.architecture`, such as `qwen2`.
    pub architecture: String,
    /// `general.name`, where there is one.
    pub name: Option<String>,
    /// The context that the model was trained on, in tokens.
    pub context_length: Option<u64>,
    /// The model's own chat template, Jinja.
    pub chat_template: Option<String>,
    /// How the weights are stored: the name of the mix (`Q4_K_M`), or of the type that holds the most bytes.
    pub quantisation: String,
    /// The file's size in bytes.
    pub file_size: u64,
    /// Bytes that one token takes in a key-value cache of 16-bit floats; `None` where the header does not say.
    pub cache_bytes_per_token: Option<u64>,
}

impl Header {
    /// Reads and checks a file's header and tensor table.
    pub fn read(path: &Path) -> Result<Self, GgufError> {
        let named =
            |fault| GgufError { file: path.file_name().unwrap_or(path.as_os_str()).display().to_string(), fault };
        let file = File::open(path).map_err(|source| named(source.into()))?;
        Self::check(file).map_err(named)
    }

    fn check(file: File) -> Result<Self, Fault> {
        if !file.metadata()?.is_file() {
            return Err(Fault::NotGguf);
        }
        let mut reader = Reader::new(file)?;
        if reader.length() < MAGIC.len() as u64 || reader.array(&|| "the magic".to_owned())? != MAGIC {
            return Err(Fault::NotGguf);
        }
        let version = reader.u32(&|| "the version".to_owned())?;
        if !(2..=3).contains(&version) {
            return Err(Fault::Version(version));
        }
        let tensor_count = count(&mut reader, "the number of tensors", MOST_TENSORS)?;
        let key_count = count(&mut reader, "the number of keys", MOST_KEYS)?;
        if tensor_count == 0 {
            return Err(Fault::damaged("the number of tensors", "is 0"));
        }
        let metadata = Metadata::read(&mut reader, key_count)?;
        let alignment = metadata.alignment()?;
        let tensors = tensors::read(&mut reader, tensor_count, alignment)?;
        Self::sum_up(metadata, &tensors, reader.length())
    }

    fn sum_up(mut metadata: Metadata, tensors: &Tensors, file_size: u64) -> Result<Self, Fault> {
        let architecture = metadata
            .take_text("general.architecture")
            .ok_or_else(|| Fault::Missing("general.architecture".to_owned()))?;
        if let Some(parts) = metadata.number("split.count")
            && parts > 1
        {
            return Err(Fault::Split(parts));
        }
        metadata.check_vocabulary()?;
        let of = |key: &str| metadata.number(&format!("{architecture}.{key}"));
        check_shape(&architecture, &of)?;
        check_epsilons(&architecture, &metadata)?;
        let quantisation =
            metadata.number("general.file_type").and_then(kinds::mix).unwrap_or(tensors.most_bytes).to_owned();
        Ok(Self {
            context_length: of("context_length"),
            cache_bytes_per_token: cache_bytes_per_token(&of),
            quantisation,
            file_size,
            name: metadata.take_text("general.name"),
            chat_template: metadata.take_text("tokenizer.chat_template"),
            architecture,
        })
    }
}

fn count(reader: &mut Reader, what: &'static str, most: u64) -> Result<u64, Fault> {
    let count = reader.u64(&|| what.to_owned())?;
    if count > most {
        return Err(Fault::damaged(what, format!("is {count}, {most} are allowed")));
    }
    Ok(count)
}

/// The sizes that llama.cpp divides by, and allocates by, before it looks at a tensor.
fn check_shape(architecture: &str, of: &dyn Fn(&str) -> Option<u64>) -> Result<(), Fault> {
    let bounds = [
        ("block_count", MOST_BLOCKS),
        ("context_length", i32::MAX as u64),
        ("embedding_length", 1 << 20),
        ("attention.head_count", 1 << 16),
        ("attention.key_length", 1 << 16),
        ("attention.value_length", 1 << 16),
    ];
    for (key, most) in bounds {
        if let Some(value) = of(key)
            && !(1..=most).contains(&value)
        {
            return Err(Fault::damaged(
                format!("{architecture}.{key}"),
                format!("is {value}, 1 to {most} are allowed"),
            ));
        }
    }
    Ok(())
}

/// What a norm adds before it divides: llama.cpp aborts on one below zero, or on one that is no number.
fn check_epsilons(architecture: &str, metadata: &Metadata) -> Result<(), Fault> {
    for key in ["layer_norm_epsilon", "layer_norm_rms_epsilon", "group_norm_epsilon"] {
        let key = format!("{architecture}.attention.{key}");
        if let Some(value) = metadata.float(&key)
            && !(value.is_finite() && value >= 0.0)
        {
            return Err(Fault::damaged(key, format!("is {value}, a small positive number is expected")));
        }
    }
    Ok(())
}

/// Keys and values of every layer, two bytes a number.
fn cache_bytes_per_token(of: &dyn Fn(&str) -> Option<u64>) -> Option<u64> {
    const BYTES: u64 = 2;
    let heads = of("attention.head_count")?;
    let cache_heads = of("attention.head_count_kv").unwrap_or(heads);
    let head_width = of("embedding_length")?.checked_div(heads)?;
    let key = of("attention.key_length").unwrap_or(head_width);
    let value = of("attention.value_length").unwrap_or(head_width);
    of("block_count")?.checked_mul(cache_heads)?.checked_mul(key.checked_add(value)?)?.checked_mul(BYTES)
}
