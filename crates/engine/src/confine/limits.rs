//! What a worker may have at most, and the powers of its user that it gives up.

/// Descriptors at once: the server's connections (512), and few besides.
const DESCRIPTORS: libc::rlim_t = 1024;

/// Bounds the memory that this process may write to, in bytes, for good.
///
/// `RLIMIT_DATA` counts private writable pages: the heap, stacks, anonymous maps (getrlimit(2), since Linux 4.7).
/// `RLIMIT_AS` would count the model's own file too, which is mapped and costs nothing that the kernel cannot take back, and
/// what allocators reserve and never touch.
pub fn bound_memory(bytes: u64) {
    set(libc::RLIMIT_DATA, bytes);
}

/// There is no bound on threads: `RLIMIT_NPROC` counts all of a user's processes together, the gateway among them.
pub(super) fn bound_descriptors() {
    set(libc::RLIMIT_NOFILE, DESCRIPTORS);
}

/// Where it fails there is a lower bound already.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

fn set(resource: Resource, most: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: a plain system call that reads `limit`, which outlives it. A limit above the one that stands is refused, and
    // then that one holds.
    unsafe { libc::setrlimit(resource, &raw const limit) };
}

/// Root's powers, but for the one to read a model that belongs to somebody else. Without them a limit cannot be raised again,
/// and no other process of the machine be touched. A process that has none keeps none.
#[cfg(target_os = "linux")]
pub(super) fn drop_capabilities() {
    /// `_LINUX_CAPABILITY_VERSION_3` (capget(2)).
    const VERSION: u32 = 0x2008_0522;
    /// `CAP_DAC_READ_SEARCH` of linux/capability.h.
    const READ: u32 = 1 << 2;
    #[repr(C)]
    struct Head {
        version: u32,
        pid: libc::c_int,
    }
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Set {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let head = Head { version: VERSION, pid: 0 };
    let mut sets = [Set { effective: 0, permitted: 0, inheritable: 0 }; 2];
    // SAFETY: `head` and the two halves of the sets have the form of version 3 and outlive the calls, which concern this
    // thread alone.
    unsafe {
        libc::syscall(libc::SYS_capget, &raw const head, sets.as_mut_ptr());
        let kept = sets[0].permitted & READ;
        sets = [
            Set { effective: kept, permitted: kept, inheritable: 0 },
            Set { effective: 0, permitted: 0, inheritable: 0 },
        ];
        libc::syscall(libc::SYS_capset, &raw const head, sets.as_ptr());
    }
}
