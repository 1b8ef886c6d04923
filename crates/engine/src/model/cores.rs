//! How many threads pay: one for each physical core that this process may use.
//!
//! Two threads on one core share its vector units and only get in each other's way, and more threads than the quota
//! allows are stopped in the middle of a barrier at which all others wait.

use std::collections::BTreeSet;
use std::path::Path;

use super::cgroup;

/// The physical cores of the affinity mask, bounded by the CPU quota of the process's cgroup.
pub(super) fn usable() -> usize {
    let cores = physical(&allowed(), |cpu| siblings(Path::new("/sys/devices/system/cpu"), cpu));
    quota().map_or(cores, |quota| cores.min(quota)).max(1)
}

/// The CPUs of the affinity mask.
fn allowed() -> Vec<usize> {
    // SAFETY: a `cpu_set_t` is an array of integers, for which all zeros is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a `cpu_set_t` of the size that is passed with it.
    let failed = unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) } != 0;
    if failed {
        return (0..std::thread::available_parallelism().map_or(1, usize::from)).collect();
    }
    // SAFETY: `CPU_ISSET` reads inside the set for every number below `CPU_SETSIZE`.
    (0..libc::CPU_SETSIZE as usize).filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect()
}

/// How many cores the CPUs lie on: those with the same siblings are one.
fn physical(cpus: &[usize], siblings: impl Fn(usize) -> Option<String>) -> usize {
    let cores: BTreeSet<String> = cpus.iter().map(|&cpu| siblings(cpu).unwrap_or_else(|| cpu.to_string())).collect();
    cores.len()
}

fn siblings(root: &Path, cpu: usize) -> Option<String> {
    std::fs::read_to_string(root.join(format!("cpu{cpu}/topology/thread_siblings_list"))).ok()
}

/// The whole CPUs that the cgroups grant, rounded down, but one at least: cgroup v2's `cpu.max`, else v1's files.
fn quota() -> Option<usize> {
    let read = |folder: &Path, name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let version_2 = |folder: &Path| parse_quota(&read(folder, "cpu.max")?);
    let version_1 = |folder: &Path| {
        let [quota, period] = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map(|name| read(folder, name));
        parse_quota(&format!("{} {}", quota?.trim(), period?.trim()))
    };
    let least = cgroup::read_each(cgroup::VERSION_2, version_2).into_iter().min();
    least.or_else(|| cgroup::read_each("cpu", version_1).into_iter().min())
}

/// `QUOTA PERIOD`, both in microseconds; `max` or -1 for none.
fn parse_quota(line: &str) -> Option<usize> {
    let (quota, period) = line.trim().split_once(' ')?;
    let cpus = quota.parse::<usize>().ok()?.checked_div(period.trim().parse().ok()?)?;
    Some(cpus.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_of_one_core_count_once() {
        let pairs = |cpu: usize| Some(format!("{},{}", cpu / 2 * 2, cpu / 2 * 2 + 1));
        assert_eq!(physical(&[0, 1, 2, 3], pairs), 2);
        assert_eq!(physical(&[0, 2], pairs), 2);
        assert_eq!(physical(&[0, 1], |_| None), 2);
    }

    #[test]
    fn a_quota_is_whole_cpus_and_one_at_least() {
        assert_eq!(parse_quota("200000 100000\n"), Some(2));
        assert_eq!(parse_quota("250000 100000"), Some(2));
        assert_eq!(parse_quota("50000 100000"), Some(1));
        assert_eq!(parse_quota("max 100000"), None);
        assert_eq!(parse_quota("-1 100000"), None);
    }

    #[test]
    fn this_machine_has_a_core() {
        assert!(usable() >= 1);
        assert!(usable() <= allowed().len());
    }
}
