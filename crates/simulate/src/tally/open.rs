//! How long a breaker has been open.

use std::time::Duration;

use cascade::{Admission, Moment};

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Open {
    pub(crate) lasted: Duration,
    /// Until when it is open, and since when that has been counted up to; `None` for as long as a probe is under way.
    open: Option<(Moment, Option<Moment>)>,
}

impl Open {
    /// Notes what the breaker says at `now`.
    pub(crate) fn on_admission(&mut self, admission: Admission, now: Moment) {
        if let Some((since, until)) = self.open {
            self.lasted += until.map_or(now, |until| until.min(now)).since(since);
        }
        self.open = match admission {
            Admission::No { until, .. } => Some((now, until)),
            Admission::Yes | Admission::Probe => None,
        };
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.lasted += other.lasted;
    }
}

#[cfg(test)]
mod tests {
    use cascade::{FaultKind, Opening};

    use super::*;

    #[test]
    fn it_is_counted_up_to_the_moment_from_which_a_probe_may_come() {
        let at = |seconds| Moment::after(Duration::from_secs(seconds));
        let opening = Opening { kind: FaultKind::Overloaded, asked: false };
        let closed_until = |until| Admission::No { until, opening };
        let mut open = Open::default();
        open.on_admission(Admission::Yes, at(0));
        open.on_admission(closed_until(Some(at(20))), at(10));
        open.on_admission(closed_until(Some(at(20))), at(15));
        open.on_admission(Admission::Probe, at(100));
        assert_eq!(open.lasted, Duration::from_secs(10));
        open.on_admission(closed_until(None), at(200));
        open.on_admission(Admission::Yes, at(201));
        assert_eq!(open.lasted, Duration::from_secs(11));
    }
}
