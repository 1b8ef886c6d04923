//! A folder of damaged GGUFs, each made of a real one by one wrong field: every field of the structure at its extremes, and the
//! file cut at every boundary. Each is refused by name, by the check in safe Rust: llama.cpp never sees it.

#![allow(clippy::unwrap_used, reason = "what goes wrong in a test is its failure")]

mod layout;

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use engine::gguf::{GgufError, Header};
use engine::model::{LoadError, Model, ModelSettings};
use tempfile::TempDir;

use layout::{Field, Layout, Role};

/// A copy of the real model in a folder of its own.
struct Copied {
    _dir: TempDir,
    path: PathBuf,
    file: File,
    layout: Layout,
}

impl Copied {
    fn make() -> Self {
        let model: PathBuf = std::env::var_os("TIERFALL_TEST_MODEL").expect("run `make test`").into();
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("damaged.gguf");
        fs::copy(model, &path).unwrap();
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let layout = Layout::of(&file);
        Self { _dir: dir, path, file, layout }
    }

    /// What becomes of the model with these bytes at `at`.
    fn with(&self, at: u64, bytes: &[u8]) -> Result<Header, GgufError> {
        let mut whole = vec![0; bytes.len()];
        self.file.read_exact_at(&mut whole, at).unwrap();
        self.file.write_all_at(bytes, at).unwrap();
        let checked = Header::read(&self.path);
        self.file.write_all_at(&whole, at).unwrap();
        checked
    }
}

/// Whoever loads a model checks it first, and hands on what the check says: nothing of llama.cpp's own words.
#[track_caller]
fn assert_refused_before_llama(path: &Path, why: &str) {
    let error = Model::load(ModelSettings::new(path), |_| {}).expect_err(why);
    assert!(matches!(error, LoadError::Gguf(_)), "{why}: {error}");
}

/// Values at the ends of a field's range, and beyond what its role allows.
fn extremes(field: &Field) -> Vec<u64> {
    let most: &[u64] = &[u64::MAX, i64::MAX as u64, 1 << 63, 1 << 62, u64::from(u32::MAX), 1 << 31];
    match field.role {
        // Long enough for the file, and far too long for a name: 0 is a name that there is not.
        Role::NameLength => [most, &[0]].concat(),
        // A text may be empty, and then what follows is misread; nobody could tell where that is made to fit.
        Role::TextLength | Role::ArrayLength => most.to_vec(),
        Role::Count => [most, &[0]].concat(),
        Role::Kind => vec![u64::from(u32::MAX), 1 << 31, 13, 99],
        Role::TensorKind => vec![u64::from(u32::MAX), 1 << 31, 4, 5, 99, 9, 15, 24, 25, 26, 27, 28],
        Role::Dimensions => vec![u64::from(u32::MAX), 1 << 31, 0, 5],
        Role::Shape => [&most[..4], &[0, 1 << 40]].concat(),
        Role::Offset => [&most[..4], &[1, 1 << 40]].concat(),
    }
}

#[test]
fn every_field_at_its_extremes_is_refused_by_name() {
    let copied = Copied::make();
    assert!(Header::read(&copied.path).is_ok(), "whole");
    let fields = &copied.layout.fields;
    assert!(fields.len() > 100, "{} fields", fields.len());
    let mut loaded = 0;
    for field in fields {
        for value in extremes(field) {
            let bytes = &value.to_le_bytes()[..field.width];
            let what = format!("{:?} of {} = {value}", field.role, field.of);
            let error = copied.with(field.at, bytes).expect_err(&what).to_string();
            assert!(error.starts_with("damaged.gguf is "), "{what}: {error}");
            assert!(error.contains("damaged: ") || error.contains("truncated: "), "{what}: {error}");
        }
        // Each role once through everything that loads a model.
        if loaded & 1 << field.role as u32 == 0 {
            loaded |= 1 << field.role as u32;
            let mut whole = vec![0; field.width];
            copied.file.read_exact_at(&mut whole, field.at).unwrap();
            copied.file.write_all_at(&u64::MAX.to_le_bytes()[..field.width], field.at).unwrap();
            assert_refused_before_llama(&copied.path, &format!("{:?} of {}", field.role, field.of));
            copied.file.write_all_at(&whole, field.at).unwrap();
        }
    }
    assert!(Header::read(&copied.path).is_ok(), "whole again");
}

/// The sizes that llama.cpp allocates and divides by.
#[test]
fn a_size_at_its_extremes_is_refused_by_name() {
    let copied = Copied::make();
    for key in ["block_count", "context_length", "embedding_length", "attention.head_count"] {
        let key = format!("llama.{key}");
        for value in [0, 1 << 31, u32::MAX] {
            let error = copied.with(copied.layout.value_of(&key), &value.to_le_bytes()).expect_err(&key).to_string();
            assert_eq!(
                error.split(", ").next(),
                Some(&*format!("damaged.gguf is damaged: {key} is {value}")),
                "{error}"
            );
        }
    }
}

#[test]
fn a_file_cut_at_any_boundary_of_its_structure_is_refused_by_name() {
    let copied = Copied::make();
    let mut cuts: Vec<u64> = copied.layout.fields.iter().flat_map(|field| [field.at, field.at + 1]).collect();
    cuts.extend([0, 1, 3, 4, 7, 8]);
    let length = copied.file.metadata().unwrap().len();
    cuts.extend([copied.layout.end, copied.layout.end + 1, length / 2, length - 1]);
    // From the longest to the shortest: what is cut off is not needed again.
    cuts.sort_unstable_by(|one, other| other.cmp(one));
    for cut in cuts {
        copied.file.set_len(cut).unwrap();
        let error = Header::read(&copied.path).expect_err("cut").to_string();
        let words = ["is truncated: ", "is not a GGUF file"];
        assert!(words.iter().any(|word| error.contains(word)), "cut at {cut}: {error}");
    }
    assert_refused_before_llama(&copied.path, "nothing is left");
}

/// Found by changing the header at random and loading what the check let through: each of these ended the process.
#[test]
fn what_makes_llama_abort_is_refused() {
    let copied = Copied::make();
    let epsilon = copied.layout.value_of("llama.attention.layer_norm_rms_epsilon");
    for value in [-1.0_f32, f32::NAN, f32::INFINITY] {
        let error = copied.with(epsilon, &value.to_le_bytes()).expect_err("no epsilon").to_string();
        assert!(error.contains("layer_norm_rms_epsilon is "), "{error}");
    }
    let tokenizer = copied.layout.value_of("tokenizer.ggml.model");
    let error = copied.with(tokenizer, b"none").expect_err("no tokenizer").to_string();
    assert!(error.contains("tokenizer.ggml.model is \"none\""), "{error}");
    let last = copied.layout.fields.iter().rfind(|field| field.role == Role::TensorKind).unwrap();
    for kind in [1_u32, 2, 8, 26, 30, 39] {
        let error = copied.with(last.at, &kind.to_le_bytes()).expect_err("a norm of another type").to_string();
        assert!(error.contains("output_norm.weight") && error.contains("llama.cpp cannot compute"), "{error}");
    }
}

#[test]
fn an_architecture_that_nobody_knows_is_refused_and_named() {
    let copied = Copied::make();
    let architecture = copied.layout.value_of("general.architecture");
    copied.file.write_all_at(b"lambs", architecture).unwrap();
    let error = Model::load(ModelSettings::new(&copied.path), |_| {}).expect_err("unknown").to_string();
    assert_eq!(error, "damaged.gguf cannot be loaded: unknown model architecture: 'lambs'");
}
