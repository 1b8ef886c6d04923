//! What a worker does to itself before anything else, so that it holds nothing and harms nobody.

use std::fs;
use std::panic::{self, PanicHookInfo};
use std::thread;

/// Nice levels under the gateway; nine levels are about a tenth of the time, five about a third (sched(7)).
const NICER: libc::c_int = 5;
/// The kernel's own largest: when memory runs out, a worker is the first to go (proc(5), `oom_score_adj`).
const OOM_SCORE_ADJ: &str = "1000";
/// The thread that alone owns the llama context.
const ENGINE_THREAD: &str = "engine";
/// The exit code of a Rust program that panicked.
const PANICKED: libc::c_int = 101;

/// Closes inherited descriptors, leaves Ctrl-C and the terminal's end to the gateway, forbids core files (they would
/// hold prompts), makes itself the first to go when memory runs out, and keeps panics from telling what they saw.
///
/// Each is a second line of defence, so none of them failing is an error: a kernel or a container may lack it.
pub(super) fn enter() {
    close_descriptors();
    // SAFETY: plain system calls that take no memory of ours but `no_core`, which outlives its call. Setting a signal
    // to be ignored installs no handler. The umask concerns only files that this process will make.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::signal(libc::SIGHUP, libc::SIG_IGN);
        libc::umask(0o077);
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
    }
    let _ = fs::write("/proc/self/oom_score_adj", OOM_SCORE_ADJ);
    panic::set_hook(Box::new(say_where));
}

/// Lowers the priority of this thread and of those that it will start. On Linux the threads that are there already
/// keep theirs.
pub(super) fn lower_priority() {
    // SAFETY: a plain system call. It may refuse, and then nothing has changed.
    let _ = unsafe { libc::nice(NICER) };
}

/// The supervisor's own descriptors close themselves, but whatever started the gateway may have left some open to it.
#[cfg(target_os = "linux")]
fn close_descriptors() {
    let (first, last, flags) = (3_u32, u32::MAX, 0_u32);
    // SAFETY: this runs before this process opens anything, so no descriptor from 3 on has an owner in it.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
}

#[cfg(not(target_os = "linux"))]
fn close_descriptors() {}

/// Says where a panic was, and not what it says: a panic over a piece of text quotes that text, and it may be a prompt.
/// A panic of the engine's thread ends the process, because nobody is left to answer, and the next start is.
fn say_where(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = thread::current();
    let name = thread.name().unwrap_or("unnamed");
    eprintln!("thread {name} panicked at {place}");
    if name == ENGINE_THREAD {
        super::lifeline::leave(PANICKED);
    }
}
