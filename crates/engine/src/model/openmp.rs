//! The two things that the engine asks of OpenMP, by which llama.cpp's threads run, and of the process's clock.

use std::ffi::c_int;
use std::time::Duration;

use super::crew::Crew;

unsafe extern "C" {
    /// OpenMP 3.0 and later (5.2, section 18.2.15): how deep parallel regions may nest. With 0 each of them is run by
    /// the thread that comes to it, alone. It is a setting of the calling thread.
    fn omp_set_max_active_levels(levels: c_int);
}

/// Has the next batches of the calling thread computed by this crew. llama.cpp asks in each region how many threads it
/// was given.
pub(super) fn compute_with(crew: Crew) {
    let levels = match crew {
        Crew::All => 1,
        Crew::One => 0,
    };
    // SAFETY: it takes any number that is not negative, and changes nothing but the calling thread's setting.
    unsafe { omp_set_max_active_levels(levels) };
}

/// What all threads of this process have computed since it began.
pub(super) fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec`; where the clock is missing it stays zero.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
