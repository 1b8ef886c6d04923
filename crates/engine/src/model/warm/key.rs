//! What a saved state depends on: where any of it is another one, so is the key, and the state is not loaded.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use llama_cpp_2::context::params::LlamaContextParams;
use sha2::{Digest, Sha256};

use super::file::Key;

/// The version of the package that brings llama.cpp. A test holds it to the one that is built.
const LLAMA_CPP: &str = "0.1.161";
/// How much of the model's beginning and of its end is read.
const ENDS: u64 = 1 << 20;

/// The key of a model file with the settings of its context.
pub(in crate::model) fn of(model: &Path, params: &LlamaContextParams) -> io::Result<Key> {
    let mut file = File::open(model)?;
    let found = file.metadata()?;
    let (changed, nanos) = (found.mtime(), found.mtime_nsec());
    let settings = format!(
        "llama.cpp {LLAMA_CPP}\nmodel {} {changed}.{nanos}\ncontext {:?} keys {:?} values {:?} attention {:?}\n",
        found.len(),
        params.n_ctx(),
        params.type_k(),
        params.type_v(),
        params.flash_attention_policy(),
    );
    let mut sum = Sha256::new();
    sum.update(settings);
    let mut end = Vec::new();
    file.by_ref().take(ENDS).read_to_end(&mut end)?;
    sum.update(&end);
    end.clear();
    file.seek(SeekFrom::Start(found.len().saturating_sub(ENDS)))?;
    file.take(ENDS).read_to_end(&mut end)?;
    sum.update(&end);
    Ok(sum.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use std::fs;
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_built() {
        let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
        assert!(lock.contains(&format!("name = \"llama-cpp-sys-2\"\nversion = \"{LLAMA_CPP}\"")));
    }

    #[test]
    fn a_changed_byte_at_either_end_and_a_changed_setting_make_another_key() {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        let stamp = std::time::SystemTime::UNIX_EPOCH;
        let params = LlamaContextParams::default();
        let key = |bytes: &[u8], params: &LlamaContextParams| {
            fs::write(&model, bytes).unwrap();
            File::options().write(true).open(&model).unwrap().set_modified(stamp).unwrap();
            of(&model, params).unwrap()
        };
        let mut bytes = vec![1; 3 << 20];
        let first = key(&bytes, &params);
        assert_eq!(key(&bytes, &params), first);
        assert_ne!(key(&bytes, &params.clone().with_n_ctx(NonZeroU32::new(4096))), first);
        for at in [0, bytes.len() - 1] {
            bytes[at] = 2;
            assert_ne!(key(&bytes, &params), first);
            bytes[at] = 1;
        }
        fs::write(&model, &bytes).unwrap();
        assert_ne!(of(&model, &params).unwrap(), first, "written anew");
    }
}
