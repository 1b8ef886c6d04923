//! What happened in a world, for people to read once it has failed; and what all worlds together have seen.

/// Kept only when a seed is run again: a world that holds is never read.
#[derive(Default)]
pub(crate) struct History {
    kept: bool,
    lines: Vec<String>,
}

impl History {
    pub(crate) fn kept() -> Self {
        Self { kept: true, lines: Vec::new() }
    }

    pub(crate) fn note(&mut self, now: u64, line: impl FnOnce() -> String) {
        if self.kept {
            self.lines.push(format!("{now:>10} ms  {}", line()));
        }
    }

    /// The last `count` lines.
    pub(crate) fn last(&self, count: usize) -> String {
        self.lines[self.lines.len().saturating_sub(count)..].join("\n")
    }
}

macro_rules! seen {
    ($($name:ident),* $(,)?) => {
        /// Something that a world can come to. What none comes to, none tests.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Seen { $($name),* }
        const ALL: &[Seen] = &[$(Seen::$name),*];
    };
}

seen! {
    Answered, Refused, RefusedByAll, BrokenOff, GaveUp, TooLongForAll, RateLimitedByAll, CallerLeft, LeftInPause,
    Connection, Unreachable, ConnectTimeout, RateLimited, Overloaded, Account, ModelGone, Rejected, Blocked, InTheWay, Asleep, TooLong, Nonsense, Cut,
    CutByLength, Gate, MadeAnew, NoSeam, Callers, Unsupported, OtherStatus,
    FirstTokenLimit, IdleLimit, TotalLimit, DeadlineLimit,
    SkippedUnavailable, SkippedOpen, SkippedBeingProbed, SkippedNoTime, SkippedNoBudget, SkippedKept,
    SkippedBusy, SkippedFull, Queued, QueuedAgain, QueuedToCarryOn, TurnCame, WaitedTooLong, LeftTheQueue, TurnPassedOn,
    Hedged, HedgeWon, HedgeLost, FailedBeside, LeftBoth, BothFailed,
    AwaitsReturn, Retried, CarriedByPrefill, CarriedByRepeating, CarriedToTheEnd, MaxTokensLowered,
    Probe, EarlyProbe, ProbeWithoutVerdict, ProbeSpoke, Reopened, Confirmed,
    Stale, Jump, Reload, Restart, RestartUnderWay, SpentBeforeRestart, Woken, SpentByOthers, HeldToAnswer,
}

/// How often each [`Seen`] was.
#[derive(Clone)]
pub(crate) struct Tally([u64; ALL.len()]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; ALL.len()])
    }
}

impl Tally {
    pub(crate) fn add(&mut self, seen: Seen) {
        self.0[seen as usize] += 1;
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }

    pub(crate) fn never(&self) -> Vec<Seen> {
        ALL.iter().copied().filter(|&seen| self.0[seen as usize] == 0).collect()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        ALL.iter().try_for_each(|&seen| write!(f, "{seen:?} {}, ", self.0[seen as usize]))
    }
}
