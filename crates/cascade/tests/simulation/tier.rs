//! A simulated tier: what is configured of it, what is wrong with it and when, and what it says to an attempt.

use std::time::Duration;

use cascade::{
    ContinuationMode, Fault, FaultKind, FirstToken, Hosting, Limit, Limits, Member, Quota, Share, Task, Tier,
};

use crate::random::Random;
use crate::world::{ROUTE, moment};

/// The member that all tiers refuse a malformed request for.
const MALFORMED: Member = Member(0);

/// A tier of a world.
pub(crate) struct SimTier {
    pub(crate) settings: Tier,
    /// It never fails, is quick, and has no quota.
    pub(crate) sound: bool,
    pub(crate) shared_key: bool,
    /// A moment in which its day ends, and by how much its clock is behind.
    pub(crate) day_ends: Option<(u64, u64)>,
    /// What its provider allows; what is configured may know less of it.
    pub(crate) allows: Quota,
    context: u32,
    /// Milliseconds to the first token, and between two.
    pace: (u64, u64),
    /// So many first tokens in a hundred are late, by some times what they take.
    tail: u64,
    reports_progress: bool,
    says_usage: bool,
    prefill: Carries,
    /// Whether it gives back what it was given to go on from (Mistral's `prefix`): then that is checked.
    gives_back: bool,
    repeats: Carries,
    phases: Vec<Phase>,
}

/// From a moment on, until the next: so many attempts in a hundred meet with this trouble, as long as there are any left.
struct Phase {
    from: u64,
    trouble: Trouble,
    percent: u64,
    left: u32,
}

/// What a tier makes of the wish to carry an answer on.
#[derive(Clone, Copy)]
enum Carries {
    /// It goes on from the last words.
    On,
    /// It begins anew.
    Anew,
    /// It says something else.
    Else,
    /// It goes on without the words that it was asked to repeat, which nothing tells from something else.
    Unrepeated,
    /// It answers 400.
    Not,
}

#[derive(Clone, Copy)]
enum Trouble {
    None,
    /// Nobody listens.
    Closed,
    /// The connection is reset once the request is there.
    Reset,
    Unreachable,
    /// No connection within its limit.
    NoConnection,
    /// It takes the request and says nothing.
    Hang,
    /// Its first token takes so many hundredths of its limit.
    Slow(u64),
    /// It says that it is at work, so often, and then answers or does not.
    Comments(u64, bool),
    /// So many words, then silence, but for comments.
    Stall(u32, bool),
    Cut(u32),
    /// Its length cuts it off after so many words, whatever it was allowed.
    Length(u32),
    /// It ends after so many words as if that were all, and a gate sees that it is not.
    Short(u32),
    /// Each word takes as long as the idle limit allows.
    Trickle,
    Fails(Fault),
}

/// What it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) task: Task,
    pub(crate) prompt: u32,
    /// How many words the caller has seen.
    pub(crate) seen: u32,
    /// How many words make the answer.
    pub(crate) words: u32,
    /// How many tokens it may say.
    pub(crate) most: Option<u32>,
    /// Whether that is less than the caller wants, as the tier's quota has no room for more.
    pub(crate) lowered: bool,
    /// Whether the route has gates.
    pub(crate) gated: bool,
    /// Whether the request itself is at fault.
    pub(crate) at_fault: bool,
    /// Whether every tier refuses it for the same member.
    pub(crate) malformed: bool,
}

/// What it says next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    Progress,
    /// The word of this number.
    Word(u32),
    /// What is no part of the answer.
    Else,
    /// That this was all; with what it cost, where it says so.
    End {
        says_usage: bool,
    },
    Fails(Fault),
}

/// What it says to one attempt: each with the milliseconds since the one before.
pub(crate) struct Performance {
    pub(crate) arrives: bool,
    pub(crate) said: Vec<(u64, Said)>,
}

impl SimTier {
    pub(crate) fn drawn(number: u32, sound: bool, lasting: u64, random: &mut Random) -> Self {
        let hosting = if random.chance(50) { Hosting::SelfHosted } else { Hosting::Cloud };
        let mut settings = Tier::new(number, hosting);
        settings.limits = limits(sound, random);
        settings.retries = random.pick(&[0, 1, 1, 2, 5]);
        // A tier that owes an answer has room for everybody.
        settings.concurrency = random.pick(&[None, None, Some(1), Some(1), Some(2), Some(4)]).filter(|_| !sound);
        settings.paid = random.chance(30);
        settings.keep_for =
            random.pick(&[&[][..], &[], &[ROUTE], &["another"]]).iter().map(ToString::to_string).collect();
        let day_ends = (random.between(0, 86_400_000), random.between(0, 59_000));
        let day_ends = random.chance(40).then_some(day_ends);
        settings.day_ends = day_ends.map(|(end, _)| moment(end));
        settings.provider = u16::try_from(random.between(0, 2)).expect("few");
        settings.queue = random.pick(&[0, 1, 3, 64]);
        let allows = if sound || random.chance(65) { Quota::default() } else { quota(random) };
        let shared_key = !sound && random.chance(15);
        settings.quota = if shared_key && random.chance(30) { Quota::default() } else { allows };
        let carries = [Carries::On, Carries::On, Carries::Anew, Carries::Else, Carries::Unrepeated, Carries::Not];
        let prefill = random.pick(&carries);
        // What is known to go on from an unfinished message is believed unheard, unless it gives that back.
        let honest = matches!(prefill, Carries::On | Carries::Unrepeated | Carries::Not);
        let gives_back = random.chance(20);
        settings.prefill = (honest || gives_back) && random.chance(80);
        Self {
            settings,
            sound,
            shared_key,
            day_ends,
            allows,
            context: if sound || random.chance(70) { u32::MAX } else { 1_000 },
            pace: if sound { (100, 10) } else { (random.between(1, 800), random.between(0, 60)) },
            tail: if sound { 0 } else { random.pick(&[0, 5, 20]) },
            reports_progress: random.chance(30),
            says_usage: random.chance(60),
            prefill,
            gives_back,
            repeats: if sound { Carries::On } else { random.pick(&carries) },
            phases: if sound { Vec::new() } else { phases(lasting, random) },
        }
    }

    /// How much of a day's quota the simulated route may use.
    pub(crate) fn share(&self) -> Share {
        self.settings.share_of(ROUTE)
    }

    /// Whether what it says in answer to `task` must begin inside what was seen, or else is taken for no continuation.
    pub(crate) fn is_checked(&self, task: Task) -> bool {
        match task {
            Task::Answer => false,
            Task::CarryOn(ContinuationMode::Prefill) => self.gives_back,
            Task::CarryOn(ContinuationMode::Repeat) => true,
        }
    }

    /// From now on nothing is wrong with it any more.
    pub(crate) fn heal(&mut self) {
        self.phases.clear();
    }

    pub(crate) fn perform(&mut self, asked: Asked, now: u64, random: &mut Random) -> Performance {
        let trouble = self.trouble(now, random);
        let soon = random.between(0, 30);
        let fails = |after, kind| vec![(after, Said::Fails(Fault::from(kind)))];
        let arrives = !matches!(trouble, Trouble::Closed | Trouble::Unreachable | Trouble::NoConnection);
        let said = match trouble {
            Trouble::Closed | Trouble::Reset => fails(soon, FaultKind::Connection),
            Trouble::Unreachable => fails(soon, FaultKind::Unreachable),
            Trouble::NoConnection => fails(millis(self.settings.limits.connect), FaultKind::Timeout(Limit::Connect)),
            Trouble::Hang => Vec::new(),
            Trouble::Fails(fault) => vec![(soon, Said::Fails(fault))],
            _ if asked.prompt > self.context => fails(soon, FaultKind::TooLong),
            _ if asked.at_fault => fails(soon, FaultKind::Callers),
            _ if asked.malformed && asked.task == Task::Answer => {
                vec![(soon, Said::Fails(Fault { member: Some(MALFORMED), ..FaultKind::Rejected.into() }))]
            }
            _ => {
                let late = if random.chance(self.tail) { random.between(2, 30) } else { 1 };
                self.speech(asked, trouble, late)
            }
        };
        Performance { arrives, said }
    }

    /// The trouble that an attempt meets with now.
    fn trouble(&mut self, now: u64, random: &mut Random) -> Trouble {
        let Some(phase) = self.phases.iter_mut().rev().find(|phase| phase.from <= now) else { return Trouble::None };
        if phase.left == 0 || !random.chance(phase.percent) {
            return Trouble::None;
        }
        phase.left -= 1;
        phase.trouble
    }

    fn speech(&self, asked: Asked, trouble: Trouble, late: u64) -> Vec<(u64, Said)> {
        let Limits { idle, first_token, .. } = self.settings.limits;
        let (mut first, mut between) = (self.pace.0 * late, self.pace.1);
        let mut said = Vec::new();
        match trouble {
            Trouble::Slow(percent) => first = millis(first_token.for_prompt(asked.prompt, None)) * percent / 100,
            Trouble::Trickle => between = millis(idle).saturating_sub(1),
            Trouble::Comments(count, answers) => {
                said.extend((0..count).map(|_| (millis(idle) * 3 / 4, Said::Progress)));
                if !answers {
                    return said;
                }
            }
            _ if self.reports_progress => said.push((first / 2, Said::Progress)),
            _ => {}
        }
        let Some(words) = self.words(asked) else {
            said.push((first, Said::Fails(FaultKind::Rejected.into())));
            return said;
        };
        let breaks_after = match trouble {
            Trouble::Cut(after) | Trouble::Stall(after, _) => after as usize,
            Trouble::Length(after) | Trouble::Short(after) if asked.gated => after as usize,
            _ => usize::MAX,
        };
        let whole = words.len() <= breaks_after;
        let last = words.get(breaks_after.min(words.len()).wrapping_sub(1)).copied();
        let bound = asked.gated && asked.lowered && !matches!(last, Some(Said::Word(word)) if word == asked.words);
        let pauses = std::iter::once(first).chain(std::iter::repeat(between));
        said.extend(pauses.zip(words.into_iter().take(breaks_after)));
        match trouble {
            Trouble::Cut(_) if !whole => said.push((between, Said::Fails(FaultKind::Cut.into()))),
            Trouble::Stall(_, comments) if !whole => {
                said.extend((0..if comments { 20 } else { 0 }).map(|_| (millis(idle) / 2, Said::Progress)));
            }
            Trouble::Short(_) if !whole => said.push((between, Said::Fails(FaultKind::Gate.into()))),
            Trouble::Length(_) if !whole => said.push((between, Said::Fails(FaultKind::CutByLength.into()))),
            _ if bound => said.push((between, Said::Fails(FaultKind::CutByLength.into()))),
            _ => said.push((between, Said::End { says_usage: self.says_usage })),
        }
        said
    }

    /// The words that it would say were nothing wrong with it; `None` where it refuses.
    fn words(&self, asked: Asked) -> Option<Vec<Said>> {
        let most = asked.most.map_or(usize::MAX, |most| most as usize);
        let from = |first: u32| Some((first..=asked.words).map(Said::Word).take(most).collect());
        let (carries, again) = match asked.task {
            Task::Answer => return from(1),
            Task::CarryOn(ContinuationMode::Prefill) => (self.prefill, if self.gives_back { 3 } else { 0 }),
            Task::CarryOn(ContinuationMode::Repeat) => (self.repeats, 3),
        };
        match carries {
            Carries::On => from((asked.seen + 1).saturating_sub(again).max(1)),
            Carries::Anew => from(1),
            Carries::Unrepeated => from(asked.seen + 1),
            Carries::Else => Some(vec![Said::Else; most.min(4)]),
            Carries::Not => None,
        }
    }
}

/// What a provider says to a request for which its quota has no room.
pub(crate) fn refused_for_quota(random: &mut Random) -> Vec<(u64, Said)> {
    let retry_after = random.chance(70).then(|| Duration::from_millis(random.between(100, 60_000)));
    vec![(random.between(0, 30), Said::Fails(Fault { retry_after, ..FaultKind::RateLimited.into() }))]
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn limits(sound: bool, random: &mut Random) -> Limits {
    let mut between = |least, most| Duration::from_millis(random.between(if sound { most / 2 } else { least }, most));
    let mut limits = Limits { connect: between(50, 2_000), idle: between(100, 8_000), ..Limits::default() };
    limits.total = between(500, 60_000);
    limits.first_token = FirstToken::Fixed(between(100, 8_000));
    if random.chance(40) {
        limits.first_token = FirstToken::GrowsWithPrompt;
    }
    limits
}

fn quota(random: &mut Random) -> Quota {
    let mut maybe = |percent, from: &[u32]| random.chance(percent).then(|| random.pick(from));
    Quota {
        rpm: maybe(60, &[1, 2, 5, 30]),
        rpd: maybe(30, &[5, 20, 50]),
        tpm: maybe(60, &[1_500, 6_000, 12_000]),
        tpd: maybe(30, &[4_000, 20_000, 100_000]),
        gpu_seconds: None,
    }
}

/// What is wrong with a tier over a world that lasts so many milliseconds.
fn phases(lasting: u64, random: &mut Random) -> Vec<Phase> {
    let mut from = 0;
    let mut phases = Vec::new();
    for _ in 0..random.between(0, 6) {
        let percent = random.pick(&[100, 100, 50, 20]);
        let left = random.pick(&[u32::MAX, u32::MAX, 1, 3]);
        phases.push(Phase { from, trouble: trouble(random), percent, left });
        from += random.between(0, lasting / 3);
        if random.chance(50) {
            phases.push(Phase { from, trouble: Trouble::None, percent: 0, left: 0 });
            from += random.between(0, lasting / 3);
        }
    }
    phases
}

fn trouble(random: &mut Random) -> Trouble {
    let retry_after = match random.between(0, 5) {
        0 => Some(random.between(0, 2_000)),
        1 => Some(random.between(2_000, 90_000)),
        2 => Some(random.between(0, 3_600_000)),
        _ => None,
    };
    let fails =
        |kind| Trouble::Fails(Fault { retry_after: retry_after.map(Duration::from_millis), ..Fault::from(kind) });
    match random.between(0, 29) {
        0 => Trouble::Closed,
        1 => Trouble::Reset,
        2 => Trouble::Unreachable,
        3 => Trouble::NoConnection,
        4 => Trouble::Hang,
        5 => Trouble::Slow(random.between(50, 200)),
        6 => Trouble::Comments(random.between(1, 12), random.chance(60)),
        7 | 8 => Trouble::Stall(random.count(1, 12), random.chance(30)),
        9 | 10 => Trouble::Cut(random.count(1, 12)),
        11 => Trouble::Trickle,
        12 => Trouble::Fails(FaultKind::Nonsense.into()),
        13 => Trouble::Fails(FaultKind::Account.into()),
        25 => Trouble::Fails(FaultKind::ModelGone.into()),
        // A member that this tier alone does not take.
        26 => Trouble::Fails(Fault { member: Some(Member(random.number() | 1)), ..FaultKind::Rejected.into() }),
        27 => Trouble::Fails(FaultKind::Rejected.into()),
        28 => Trouble::Fails(FaultKind::Blocked.into()),
        29 => Trouble::Fails(FaultKind::InTheWay.into()),
        14 => Trouble::Fails(FaultKind::Refused.into()),
        20 => Trouble::Fails(FaultKind::Unsupported.into()),
        21 | 22 => Trouble::Length(random.count(0, 12)),
        23 | 24 => Trouble::Short(random.count(1, 12)),
        15 => fails(FaultKind::Unavailable),
        16 | 17 => fails(FaultKind::RateLimited),
        _ => fails(FaultKind::Overloaded),
    }
}
