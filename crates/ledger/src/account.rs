//! Under which name a tier's budget is kept.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// How much of a hash names an account, in bytes: enough that no two tiers ever share one.
const NAME: usize = 16;

/// Names tiers by what makes up their quota (the kind, the address, the model, the key), so that a tier finds its budget
/// again after a restart. The names are hashes under a salt of the ledger's own, from which no key can be read.
#[derive(Clone, Debug)]
pub struct Accounts {
    salt: String,
    /// How many tiers of one hash have been named.
    named: HashMap<String, u32>,
}

impl Accounts {
    pub(crate) fn new(salt: String) -> Self {
        Self { salt, named: HashMap::new() }
    }

    /// The name of the tier that is made up of `parts`. Tiers of the same parts are told apart by the order in which they
    /// are named.
    pub fn name(&mut self, parts: &[&str]) -> String {
        let mut hash = Sha256::new_with_prefix(&self.salt);
        for part in parts {
            // With its length, so that no part runs into the next.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let mut name = String::with_capacity(2 * NAME + 2);
        for byte in &hash.finalize()[..NAME] {
            write!(name, "{byte:02x}").expect("a String takes everything");
        }
        let before = self.named.entry(name.clone()).or_default();
        if *before > 0 {
            write!(name, "-{before}").expect("a String takes everything");
        }
        *before += 1;
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROQ: [&str; 4] = ["groq", "https://api.groq.com/openai/v1", "llama", "gsk_hunter2"];

    #[test]
    fn a_tier_has_the_same_name_in_every_process() {
        let name = |salt: &str, parts: &[&str]| Accounts::new(salt.to_owned()).name(parts);
        assert_eq!(name("salt", &GROQ), name("salt", &GROQ));
        assert_ne!(name("salt", &GROQ), name("pepper", &GROQ));
        for other in 0..GROQ.len() {
            let mut parts = GROQ;
            parts[other] = "another";
            assert_ne!(name("salt", &GROQ), name("salt", &parts), "part {other}");
        }
        assert_ne!(name("salt", &["ab", "c"]), name("salt", &["a", "bc"]));
    }

    #[test]
    fn two_tiers_of_the_same_parts_have_a_name_each() {
        let mut accounts = Accounts::new("salt".to_owned());
        let names = [accounts.name(&GROQ), accounts.name(&["other"]), accounts.name(&GROQ)];
        assert_ne!(names[0], names[2]);
        assert!(names[2].starts_with(&names[0]));
    }

    #[test]
    fn no_name_holds_a_key() {
        assert!(!Accounts::new(String::new()).name(&GROQ).contains("hunter2"));
    }
}
