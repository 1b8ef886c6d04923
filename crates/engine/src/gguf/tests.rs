//! Small whole files, and the same files with one field at its extreme.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::io::Write;
use std::path::PathBuf;

use super::{Header, kinds};

const U32: u32 = 4;
const F32: u32 = 6;
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const U64: u32 = 10;

/// Each field of a small GGUF, as bytes, by name: to damage one is to replace it.
#[derive(Clone)]
struct Blueprint(Vec<(&'static str, Vec<u8>)>);

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn key(name: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&string(name)[..], &kind.to_le_bytes(), value].concat()
}

fn array(kind: u32, count: u64, values: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &count.to_le_bytes(), values].concat()
}

/// 40 bytes of 32-bit floats at the data's start, and a block of Q4_K behind its padding.
fn whole() -> Blueprint {
    let tokens = array(STRING, 2, &[string("<s>"), string("a")].concat());
    Blueprint(vec![
        ("magic", b"GGUF".to_vec()),
        ("version", 3_u32.to_le_bytes().to_vec()),
        ("tensor count", 2_u64.to_le_bytes().to_vec()),
        ("key count", 8_u64.to_le_bytes().to_vec()),
        ("architecture", key("general.architecture", STRING, &string("llama"))),
        ("alignment", key("general.alignment", U32, &32_u32.to_le_bytes())),
        ("name", key("general.name", STRING, &string("Tiny"))),
        ("context", key("llama.context_length", U32, &2048_u32.to_le_bytes())),
        ("file type", key("general.file_type", U32, &15_u32.to_le_bytes())),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &tokens)),
        ("scores", key("tokenizer.ggml.scores", ARRAY, &array(F32, 2, &[0; 8]))),
        ("template", key("tokenizer.chat_template", STRING, &string("{{ messages }}"))),
        ("first name", string("blk.0.norm.weight")),
        ("first dimensions", 1_u32.to_le_bytes().to_vec()),
        ("first shape", 10_u64.to_le_bytes().to_vec()),
        ("first type", 0_u32.to_le_bytes().to_vec()),
        ("first offset", 0_u64.to_le_bytes().to_vec()),
        ("second name", string("blk.0.ffn_up.weight")),
        ("second dimensions", 2_u32.to_le_bytes().to_vec()),
        ("second shape", [256_u64.to_le_bytes(), 1_u64.to_le_bytes()].concat()),
        ("second type", 12_u32.to_le_bytes().to_vec()),
        ("second offset", 64_u64.to_le_bytes().to_vec()),
    ])
}

impl Blueprint {
    fn with(mut self, field: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let found = self.0.iter_mut().find(|(name, _)| *name == field);
        found.unwrap_or_else(|| panic!("no field {field:?}")).1 = bytes.into();
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.0.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        bytes.resize(bytes.len().next_multiple_of(32) + 64 + 144, 7);
        bytes
    }

    fn read(&self) -> Result<Header, String> {
        read(&self.bytes())
    }
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Header, String> {
    let (_folder, path) = file(bytes);
    Header::read(&path).map_err(|error| error.to_string())
}

#[test]
fn a_whole_file_says_what_its_model_is() {
    let header = whole().read().unwrap();
    assert_eq!(header.architecture, "llama");
    assert_eq!(header.name.as_deref(), Some("Tiny"));
    assert_eq!(header.context_length, Some(2048));
    assert_eq!(header.chat_template.as_deref(), Some("{{ messages }}"));
    assert_eq!(header.quantisation, "Q4_K_M");
    assert_eq!(header.file_size, whole().bytes().len() as u64);
}

#[test]
fn both_versions_in_use_are_read() {
    assert!(whole().with("version", 2_u32.to_le_bytes()).read().is_ok());
}

#[test]
fn without_a_file_type_the_type_with_the_most_bytes_names_the_quantisation() {
    let header = whole().with("file type", key("general.other", U32, &[0; 4])).read().unwrap();
    assert_eq!(header.quantisation, "Q4_K");
}

#[test]
fn a_cache_is_measured_by_the_heads_that_keys_and_values_have() {
    let numbers =
        [("block_count", 24), ("attention.head_count", 14), ("attention.head_count_kv", 2), ("embedding_length", 896)];
    let keys: Vec<u8> = numbers
        .iter()
        .flat_map(|(name, value)| key(&format!("llama.{name}"), U32, &u32::to_le_bytes(*value)))
        .collect();
    let header = whole().with("name", keys).with("key count", 11_u64.to_le_bytes()).read().unwrap();
    assert_eq!(header.cache_bytes_per_token, Some(24 * 2 * (64 + 64) * 2));
}

/// Every damage is one field; every refusal names the file and that field.
#[test]
fn each_damaged_field_is_refused_by_name() {
    let most = u64::MAX.to_le_bytes();
    let half = (1_u64 << 63).to_le_bytes();
    let huge_string = [&half[..], b"x"].concat();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("magic", b"GGML".to_vec(), "is not a GGUF file"),
        ("version", 1_u32.to_le_bytes().to_vec(), "version 1"),
        ("version", 4_u32.to_le_bytes().to_vec(), "version 4"),
        ("version", 3_u32.to_be_bytes().to_vec(), "little-endian"),
        ("tensor count", half.to_vec(), "the number of tensors is 9223372036854775808"),
        ("tensor count", most.to_vec(), "the number of tensors is 18446744073709551615"),
        ("tensor count", vec![0; 8], "the number of tensors is 0"),
        ("key count", half.to_vec(), "the number of keys is 9223372036854775808"),
        ("key count", 7_u64.to_le_bytes().to_vec(), "is "),
        ("architecture", key("", STRING, &string("llama")), "the name of key 0 is empty"),
        (
            "architecture",
            key("general.\0", STRING, &string("llama")),
            "the name of key 0 is empty or holds a zero byte",
        ),
        ("architecture", huge_string.clone(), "is truncated: the name of key 0 ends at byte 9223372036854775840"),
        (
            "architecture",
            [&most[..], b"x"].concat(),
            "is truncated: the name of key 0 ends at byte 18446744073709551615",
        ),
        ("architecture", key("general.name", STRING, &string("llama")), "key \"general.name\" stands there twice"),
        ("architecture", key("general.architectur", STRING, &string("llama")), "it has no general.architecture"),
        ("architecture", key("general.architecture", U32, &[0; 4]), "it has no general.architecture"),
        (
            "architecture",
            key("general.architecture", STRING, &string_of(&[0xff])),
            "the value of \"general.architecture\" is not UTF-8",
        ),
        ("name", key("general.name", 13, &string("Tiny")), "the type of \"general.name\" is 13"),
        ("name", key("general.name", u32::MAX, &string("Tiny")), "the type of \"general.name\" is 4294967295"),
        ("name", key("general.name", STRING, &huge_string), "is truncated: the value of \"general.name\""),
        ("name", key("general.flag", 7, &[2]), "a bool is 0 or 1"),
        ("name", key("split.count", U32, &3_u32.to_le_bytes()), "is one of 3 parts"),
        ("alignment", key("general.alignment", U32, &[0; 4]), "general.alignment is 0"),
        ("alignment", key("general.alignment", U32, &48_u32.to_le_bytes()), "general.alignment is 48"),
        ("alignment", key("general.alignment", U32, &(1_u32 << 31).to_le_bytes()), "is truncated: tensor"),
        ("alignment", key("general.alignment", U64, &32_u64.to_le_bytes()), "general.alignment is not a 32-bit"),
        ("context", key("llama.context_length", U32, &[0; 4]), "llama.context_length is 0"),
        ("context", key("llama.block_count", U32, &u32::MAX.to_le_bytes()), "llama.block_count is 4294967295"),
        ("context", key("llama.attention.head_count", U32, &[0; 4]), "llama.attention.head_count is 0"),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &array(STRING, 1 << 63, &[])), "9223372036854775808 values"),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &array(U32, 1 << 62, &[])), "is truncated: the array"),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &array(ARRAY, 1, &[0; 12])), "holds arrays"),
        (
            "tokens",
            key("tokenizer.ggml.tokens", ARRAY, &array(99, 1, &[0; 12])),
            "the type of \"tokenizer.ggml.tokens\" is 99",
        ),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &array(U32, 2, &[0; 8])), "is not an array of strings"),
        ("tokens", key("tokenizer.ggml.tokens", ARRAY, &array(STRING, 1, &huge_string)), "is truncated: the array"),
        ("tokens", key("tokenizer.ggml.tokens", STRING, &string("a")), "tokenizer.ggml.tokens is not an array"),
        ("scores", key("tokenizer.ggml.scores", ARRAY, &array(F32, 1, &[0; 4])), "has 1 values for 2 tokens"),
        ("scores", key("tokenizer.ggml.token_type", ARRAY, &array(0, 2, &[0; 2])), "is not an array of 32-bit values"),
        ("first name", string(&"n".repeat(64)), "the name of tensor 0 has 64 bytes, 63 are allowed"),
        ("first name", string(""), "the name of tensor 0 is empty"),
        ("first name", huge_string.clone(), "is truncated: the name of tensor 0"),
        ("first name", string("blk.0.ffn_up.weight"), "tensor \"blk.0.ffn_up.weight\" stands there twice"),
        ("first dimensions", 0_u32.to_le_bytes().to_vec(), "tensor \"blk.0.norm.weight\" has 0 dimensions"),
        ("first dimensions", 5_u32.to_le_bytes().to_vec(), "tensor \"blk.0.norm.weight\" has 5 dimensions"),
        ("first dimensions", u32::MAX.to_le_bytes().to_vec(), "has 4294967295 dimensions"),
        ("first shape", vec![0; 8], "tensor \"blk.0.norm.weight\" has the impossible shape"),
        ("first shape", half.to_vec(), "tensor \"blk.0.norm.weight\" has the impossible shape"),
        ("first shape", most.to_vec(), "tensor \"blk.0.norm.weight\" has the impossible shape"),
        (
            "first shape",
            (1_u64 << 60).to_le_bytes().to_vec(),
            "is truncated: tensor \"blk.0.norm.weight\" ends at byte 4611686018427",
        ),
        (
            "second shape",
            [(1_u64 << 40).to_le_bytes(); 2].concat(),
            "tensor \"blk.0.ffn_up.weight\" has the impossible shape",
        ),
        (
            "second shape",
            [255_u64.to_le_bytes(), 1_u64.to_le_bytes()].concat(),
            "has the impossible shape [255, 1, 1, 1] for Q4_K",
        ),
        ("first type", 4_u32.to_le_bytes().to_vec(), "tensor \"blk.0.norm.weight\" has type 4"),
        ("first type", u32::MAX.to_le_bytes().to_vec(), "has type 4294967295"),
        ("first offset", 16_u64.to_le_bytes().to_vec(), "has offset 16, no multiple of 32"),
        ("second offset", (1_u64 << 62).to_le_bytes().to_vec(), "is truncated: tensor \"blk.0.ffn_up.weight\""),
        ("second offset", (u64::MAX - 31).to_le_bytes().to_vec(), "is truncated: tensor \"blk.0.ffn_up.weight\""),
        ("second offset", 0_u64.to_le_bytes().to_vec(), "tensor \"blk.0.ffn_up.weight\" has offset 0, 64 is expected"),
    ];
    for (field, bytes, expected) in cases {
        let error = whole().with(field, bytes).read().expect_err(field);
        assert!(error.starts_with("tiny.gguf ") && error.contains(expected), "{field}: {error}\nwithout {expected:?}");
    }
}

fn string_of(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = whole().bytes();
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} of {} bytes were enough", bytes.len());
    }
}

#[test]
fn a_truncated_file_says_which_tensor_is_cut() {
    let bytes = whole().bytes();
    let error = read(&bytes[..bytes.len() - 1]).unwrap_err();
    let ends = format!("tensor \"blk.0.ffn_up.weight\" ends at byte {}, the file has {}", bytes.len(), bytes.len() - 1);
    assert_eq!(error, format!("tiny.gguf is truncated: {ends}"));
}

#[test]
fn no_single_damaged_byte_makes_the_check_panic() {
    let bytes = whole().bytes();
    for at in 0..bytes.len() - 200 {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            let _ = read(&damaged);
        }
    }
}

#[test]
fn a_folder_is_no_model() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Header::read(folder.path()).is_err());
    let absent = Header::read(&folder.path().join("absent.gguf")).unwrap_err();
    assert!(absent.to_string().starts_with("absent.gguf cannot be read: "));
}

/// Every type has the size that ggml itself gives it, and no type that ggml has is missing.
#[test]
fn tensor_types_are_those_of_ggml() {
    for code in 0..llama_cpp_sys_2::GGML_TYPE_COUNT {
        // SAFETY: the code is below `GGML_TYPE_COUNT`, and both only read a table.
        let (elements, bytes) =
            unsafe { (llama_cpp_sys_2::ggml_blck_size(code), llama_cpp_sys_2::ggml_type_size(code)) };
        let ours = kinds::TensorKind::from_code(code).map(|kind| (kind.elements, kind.bytes));
        let theirs = (elements > 0).then_some((elements as u64, bytes as u64));
        assert_eq!(ours, theirs, "type {code}");
    }
}
