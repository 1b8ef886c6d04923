//! Whether the workers of local tiers can be confined here.

use engine::confine::{self, Confinement};
use upstream::Kind;

use crate::config::{Configuration, State};

/// What is missing, where a worker is to run at all.
pub(super) fn warnings(configuration: &Configuration) -> Vec<String> {
    let runs = |kind: &Kind, state: &State| kind.is_engine() && !matches!(state, State::Off { .. });
    if configuration.tiers.iter().any(|tier| runs(&tier.kind, &tier.state)) {
        missing(confine::offered())
    } else {
        Vec::new()
    }
}

fn missing(offered: Confinement) -> Vec<String> {
    let mut missing = Vec::new();
    if !offered.files {
        let lack = "there is no Landlock here (Linux 5.13, switched on, and a container that lets it through)";
        missing.push(format!("{lack}: a hostile model file could read what this user can read"));
    }
    if !offered.calls {
        let lack = "there are no seccomp filters here";
        missing.push(format!("{lack}: a hostile model file could connect anywhere and start programs"));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_that_is_missing_is_named_with_what_follows() {
        let warned = missing(Confinement { files: false, calls: false });
        assert!(warned[0].contains("Landlock") && warned[0].contains("read what this user can read"), "{warned:?}");
        assert!(warned[1].contains("seccomp") && warned[1].contains("start programs"), "{warned:?}");
        assert!(missing(Confinement { files: true, calls: true }).is_empty());
    }
}
