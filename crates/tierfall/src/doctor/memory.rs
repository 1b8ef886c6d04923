//! How much memory a worker could have: what the kernel says is available, bounded by every control group above this process.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes that can still be used without swapping; `None` where the system does not say.
///
/// Sources: proc(5) `MemAvailable`; the kernel's `cgroup-v2.rst` and `cgroup-v1/memory.rst`.
pub(crate) fn available() -> Option<u64> {
    available_below(Path::new("/"))
}

fn available_below(root: &Path) -> Option<u64> {
    let meminfo = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let machine = number_after(&meminfo, "MemAvailable:")?.saturating_mul(1024);
    let groups = groups(root).into_iter().filter_map(|group| group.left());
    Some(groups.fold(machine, u64::min))
}

/// One control group's memory files.
struct Group {
    folder: PathBuf,
    limit: &'static str,
    usage: &'static str,
    reclaimable: &'static str,
}

impl Group {
    /// What is left under the group's limit. File pages that nobody has touched for a while are given back first.
    fn left(&self) -> Option<u64> {
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).ok();
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        let usage: u64 = read(self.usage)?.trim().parse().ok()?;
        let reclaimable = read("memory.stat").and_then(|stat| number_after(&stat, self.reclaimable)).unwrap_or(0);
        Some(limit.saturating_sub(usage.saturating_sub(reclaimable)))
    }
}

/// The process's own groups and all above them, of either version.
fn groups(root: &Path) -> Vec<Group> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mut groups = Vec::new();
    for line in own.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (mount, limit, usage, reclaimable) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")
            }
            _ => continue,
        };
        let mount = root.join(mount);
        let own = Path::new(path.trim_start_matches('/'));
        // In a container the mount shows the container's group, whatever path the process is told.
        let folders = own.ancestors().map(|part| mount.join(part));
        groups.extend(folders.map(|folder| Group { folder, limit, usage, reclaimable }));
    }
    groups
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        root
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:  16000 kB\nMemFree: 100 kB\nMemAvailable:    8000 kB\n");

    #[test]
    fn without_control_groups_it_is_what_the_machine_has() {
        assert_eq!(available_below(system(&[MEMINFO]).path()), Some(8_192_000));
        assert_eq!(available_below(system(&[]).path()), None);
    }

    #[test]
    fn the_tightest_group_above_the_process_bounds_it() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/b/memory.current", "10\n"),
            ("sys/fs/cgroup/a/memory.max", "1000000\n"),
            ("sys/fs/cgroup/a/memory.current", "400000\n"),
            ("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 100000\nactive_file 5\n"),
        ]);
        assert_eq!(available_below(root.path()), Some(700_000));
    }

    #[test]
    fn a_group_of_the_first_version_counts_too() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "7:cpu,cpuacct:/x\n4:memory:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000\n"),
            ("sys/fs/cgroup/memory/memory.stat", "inactive_file 5\ntotal_inactive_file 500000\n"),
        ]);
        assert_eq!(available_below(root.path()), Some(2_500_000));
    }

    #[test]
    fn a_group_over_its_limit_leaves_nothing() {
        let root = system(&[
            MEMINFO,
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "10\n"),
            ("sys/fs/cgroup/memory.current", "20\n"),
        ]);
        assert_eq!(available_below(root.path()), Some(0));
    }
}
