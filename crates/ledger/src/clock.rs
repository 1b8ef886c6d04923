//! How much time has passed since another process wrote something down.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where Linux says which start of the machine this is (random(4)), and for how long it has been up, sleep included
/// (proc(5)).
const BOOT: &str = "/proc/sys/kernel/random/boot_id";
const UPTIME: &str = "/proc/uptime";

/// Two clocks at one moment. People and time servers set the wall clock, forwards and back; the machine's own only ever goes
/// on, but begins anew with each start of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Since 1970, in UTC.
    pub(crate) wall: Duration,
    /// Which start of the machine; empty where that is not known.
    pub(crate) boot: String,
    /// Since that start.
    pub(crate) uptime: Duration,
}

impl Clock {
    /// The clocks as they stand.
    #[must_use]
    pub fn now() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let uptime = read(UPTIME).split(' ').next().and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
        Self {
            wall: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            boot: read(BOOT).trim().to_owned(),
            uptime: Duration::try_from_secs_f64(uptime).unwrap_or_default(),
        }
    }

    /// How much time lies between `earlier` and this. While the machine has stayed up that is what its own clock says,
    /// whatever became of the wall clock; across its starts it is what the wall clock says, and nothing where that has been
    /// set back.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let same_start = !self.boot.is_empty() && self.boot == earlier.boot && self.uptime >= earlier.uptime;
        if same_start { self.uptime - earlier.uptime } else { self.wall.saturating_sub(earlier.wall) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(wall: u64, boot: &str, uptime: u64) -> Clock {
        Clock { wall: Duration::from_secs(wall), boot: boot.to_owned(), uptime: Duration::from_secs(uptime) }
    }

    #[test]
    fn a_wall_clock_that_jumps_changes_nothing_while_the_machine_stays_up() {
        let written = clock(1_000_000, "one", 500);
        for wall in [1_000_010, 0, 9_000_000] {
            assert_eq!(clock(wall, "one", 510).since(&written), Duration::from_secs(10), "at {wall}");
        }
    }

    #[test]
    fn across_a_start_of_the_machine_the_wall_clock_counts() {
        let written = clock(1_000_000, "one", 500);
        assert_eq!(clock(1_000_060, "two", 10).since(&written), Duration::from_secs(60));
        assert_eq!(clock(1_000_060, "", 0).since(&clock(1_000_000, "", 0)), Duration::from_secs(60));
        assert_eq!(clock(1_000_060, "one", 10).since(&written), Duration::from_secs(60), "an uptime that went back");
    }

    #[test]
    fn a_wall_clock_that_was_set_back_frees_nothing() {
        assert_eq!(clock(5, "two", 10).since(&clock(1_000_000, "one", 500)), Duration::ZERO);
    }

    #[test]
    fn the_clocks_of_this_machine_go_on() {
        let (first, second) = (Clock::now(), Clock::now());
        assert!(first.wall > Duration::from_secs(1_500_000_000));
        assert!(second.since(&first) < Duration::from_secs(3_600));
    }
}
