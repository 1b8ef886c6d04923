//! The files that a worker may open, by Landlock (the kernel's `userspace-api/landlock.rst`).

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::Room;

/// The newest form that the crate knows; an older kernel enforces what it has of it.
const NEWEST: ABI = ABI::V10;
/// What the C and C++ libraries read while a model runs: the seed of `std::random_device`, and the processors.
const OF_LIBRARIES: [&str; 5] =
    ["/dev/urandom", "/proc/cpuinfo", "/proc/stat", "/proc/meminfo", "/sys/devices/system/cpu"];

/// Forbids every file but those of the room, every connection over TCP, and signals to other processes; false where the
/// kernel cannot.
pub(super) fn enter(room: Room<'_>) -> bool {
    let status = ruleset(CompatLevel::BestEffort).and_then(|ruleset| {
        ruleset
            .add_rules(path_beneath_rules(OF_LIBRARIES, AccessFs::from_read(ABI::V1) & !AccessFs::Execute))?
            .add_rules(path_beneath_rules([room.model], AccessFs::ReadFile))?
            .add_rules(path_beneath_rules(room.folder, in_folder()))?
            .restrict_self()
    });
    status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// Files only: no links, sockets, pipes or devices.
fn in_folder() -> landlock::BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
}

/// Whether there is a Landlock that this process may use. Restricts nothing.
pub(super) fn offered() -> bool {
    let required = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    required.handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create).is_ok()
}

fn ruleset(level: CompatLevel) -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(level)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()
}
