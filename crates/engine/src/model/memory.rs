//! How much memory this process may still use.

use std::path::Path;

use super::cgroup;

/// Bytes that are free on the machine, or under the cgroup's limit where that is less; `None` where neither is known.
pub(super) fn available() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| parse_meminfo(&text));
    [machine, cgroup()].into_iter().flatten().min()
}

/// `MemAvailable`, which the kernel gives in kB and counts reclaimable page cache in.
fn parse_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What is left under the limits of cgroup v2, else v1. Files in the page cache can be dropped: they are not counted.
fn cgroup() -> Option<u64> {
    let version_2 = |folder: &Path| left(folder, "memory.max", "memory.current", "inactive_file");
    let version_1 =
        |folder: &Path| left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
    let least = cgroup::read_each(cgroup::VERSION_2, version_2).into_iter().min();
    least.or_else(|| cgroup::read_each("memory", version_1).into_iter().min())
}

/// `None` where the folder names no limit.
fn left(folder: &Path, limit: &str, used: &str, cache: &str) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let limit = read(limit)?.trim().parse::<u64>().ok()?;
    let used = read(used)?.trim().parse::<u64>().ok()?;
    let cached = read("memory.stat").and_then(|text| parse_stat(&text, cache)).unwrap_or(0);
    Some(limit.saturating_sub(used.saturating_sub(cached)))
}

fn parse_stat(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_own_estimate_is_read() {
        let text = "MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:   20000000 kB\n";
        assert_eq!(parse_meminfo(text), Some(20_000_000 * 1024));
        assert_eq!(parse_meminfo("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn what_a_group_has_left_is_its_limit_less_what_cannot_be_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = || left(folder.path(), "memory.max", "memory.current", "inactive_file");
        let write = |name, text| std::fs::write(folder.path().join(name), text).expect("written");
        write("memory.current", "700\n");
        write("memory.stat", "anon 500\ninactive_file 200\n");
        write("memory.max", "max\n");
        assert_eq!(left(), None);
        write("memory.max", "1000\n");
        assert_eq!(left(), Some(500));
        write("memory.max", "400\n");
        assert_eq!(left(), Some(0));
    }

    #[test]
    fn a_key_is_not_taken_for_one_that_begins_alike() {
        assert_eq!(parse_stat("inactive_file_x 1\ninactive_file 4096\n", "inactive_file"), Some(4096));
    }
}
