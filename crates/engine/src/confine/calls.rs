//! The system calls that a worker may make, by seccomp (seccomp(2)).
//!
//! What is not named here answers `ENOSYS`, as on a kernel that does not have the call, and libraries then do without it: they
//! ask for `clone3` first, whose flags a filter cannot read, and then for `clone`. Nothing can be run, no other process
//! reached, no socket made that could be connected, and no memory made executable.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// Calls that are harmless whatever they are given: they concern this process alone, or a descriptor that it holds.
const ALWAYS: &[libc::c_long] = &[
    // Files: what may be opened is Landlock's matter.
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fadvise64,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Signals that this process gets.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time and chance.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
    // The server: the socket that it listens on was bound before.
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_ppoll,
    libc::SYS_eventfd2,
    libc::SYS_accept4,
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    // Calls of older machines.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Calls that a folder to write in needs.
const IN_FOLDER: &[libc::c_long] = &[
    libc::SYS_getdents64,
    libc::SYS_pwrite64,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    #[cfg(not(target_arch = "riscv64"))]
    libc::SYS_renameat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
];

/// Forbids every other call to this thread and those that it will start; false where the kernel cannot.
pub(super) fn enter(with_folder: bool) -> bool {
    program(with_folder).is_ok_and(|program| seccompiler::apply_filter(&program).is_ok())
}

/// Whether the kernel has filters, and this is a processor that `enter` knows.
pub(super) fn offered() -> bool {
    let action = libc::SECCOMP_RET_ERRNO;
    // SAFETY: a plain system call that reads `action`, which outlives it, and changes nothing.
    let available = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
    available == 0 && program(false).is_ok()
}

fn program(with_folder: bool) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALWAYS.iter().map(|&call| (call, Vec::new())).collect();
    if with_folder {
        rules.extend(IN_FOLDER.iter().map(|&call| (call, Vec::new())));
    }
    rules.extend(conditional()?);
    let target: TargetArch = std::env::consts::ARCH.try_into()?;
    let refused = SeccompAction::Errno(libc::ENOSYS as u32);
    SeccompFilter::new(rules, refused, SeccompAction::Allow, target)?.try_into()
}

/// Calls of which only some forms are harmless.
fn conditional() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    /// A new thread, and no new process (clone(2)).
    const THREAD: u64 = (libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD) as u64;
    const TYPE: u64 = 0xf;
    const HARMLESS: [libc::c_int; 5] =
        [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_SETFL, libc::F_DUPFD_CLOEXEC];
    let own = u64::from(std::process::id());
    let equal = |argument, value: u64| is(argument, SeccompCmpOp::Eq, value);
    let without = |argument, bits: libc::c_int| is(argument, SeccompCmpOp::MaskedEq(bits as u64), 0);
    let any_of = |argument, values: &[u64]| {
        values.iter().map(|&value| SeccompRule::new(vec![equal(argument, value)?])).collect::<Result<Vec<_>, _>>()
    };
    Ok(BTreeMap::from([
        // No new code: what can be written is never run.
        (libc::SYS_mmap, vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?])?]),
        (libc::SYS_mprotect, vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?])?]),
        (libc::SYS_clone, vec![SeccompRule::new(vec![is(0, SeccompCmpOp::MaskedEq(THREAD), THREAD)?])?]),
        // What `abort` sends, to itself.
        (libc::SYS_tgkill, any_of(0, &[own])?),
        (libc::SYS_prctl, any_of(0, &[libc::PR_SET_NAME as u64])?),
        // Its own limits, which only fall: the powers to raise them are gone.
        (libc::SYS_prlimit64, any_of(0, &[0])?),
        // Its own threads' priority.
        (libc::SYS_getpriority, vec![SeccompRule::new(vec![equal(0, u64::from(libc::PRIO_PROCESS))?, equal(1, 0)?])?]),
        (libc::SYS_setpriority, vec![SeccompRule::new(vec![equal(0, u64::from(libc::PRIO_PROCESS))?, equal(1, 0)?])?]),
        // None that sends signals to others, as `F_SETOWN` would.
        (libc::SYS_fcntl, any_of(1, &HARMLESS.map(|command| command as u64))?),
        (libc::SYS_ioctl, any_of(1, &[libc::FIONBIO])?),
        // The runtime's own pair, which is connected: a datagram socket could send anywhere.
        (
            libc::SYS_socketpair,
            vec![SeccompRule::new(vec![
                equal(0, libc::AF_UNIX as u64)?,
                is(1, SeccompCmpOp::MaskedEq(TYPE), libc::SOCK_STREAM as u64)?,
            ])?],
        ),
        // To whom the socket is connected, and no address.
        (
            libc::SYS_sendto,
            vec![SeccompRule::new(vec![SeccompCondition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?])?],
        ),
    ]))
}

/// A condition on the lower half of an argument, which is all that the kernel looks at for these.
fn is(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}
