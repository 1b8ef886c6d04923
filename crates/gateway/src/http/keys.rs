//! The keys that callers must send.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Held as digests, all of one length, so that a comparison tells nothing: not by its time, and not of a key's length.
pub(crate) struct Keys(Vec<[u8; 32]>);

impl Keys {
    pub(crate) fn new(keys: &[SecretString]) -> Self {
        Self(keys.iter().map(|key| digest(key.expose_secret())).collect())
    }

    /// Whether anybody may call.
    pub(super) fn open(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `sent` is one of the keys. Each of them is looked at, whichever it is.
    pub(super) fn hold(&self, sent: &str) -> bool {
        let sent = digest(sent);
        self.0.iter().fold(Choice::from(0), |found, key| found | key.ct_eq(&sent)).into()
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_held_whole_and_no_part_of_it_is() {
        let keys = Keys::new(&["first-key".into(), "second-key".into()]);
        assert!(keys.hold("first-key") && keys.hold("second-key"));
        for wrong in ["", "first", "first-key ", "FIRST-KEY", "third-key"] {
            assert!(!keys.hold(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn without_keys_anybody_may_call() {
        assert!(Keys::new(&[]).open());
        assert!(!Keys::new(&["key".into()]).open());
    }
}
