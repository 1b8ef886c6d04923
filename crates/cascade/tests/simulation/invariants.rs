//! What must hold of a request.

use std::time::Duration;

use cascade::{
    Action, Admission, AttemptId, AttemptRecord, CancelReason, Decision, Ending, Fault, FaultKind, FirstToken,
    LEAST_ANSWER, Limit, Limits, Moment, Need, Outcome, Skip, Start, Task,
};

use crate::caller::{Caller, Goal, Live};
use crate::line::Line;
use crate::watch::Watch;
use crate::world::moment;

/// The driver looks at its clock so late at most.
const LATE: u64 = 50;

type Check = Result<(), String>;

fn must(holds: bool, else_: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(else_()) }
}

/// A request that has ended says nothing more.
pub(crate) fn has_not_ended(caller: &Caller, action: &Action) -> Check {
    must(caller.ended.is_none(), || format!("{action:?} after {:?}", caller.ended))
}

/// An attempt begins only where none runs, in time, as often as it may, and for a reason.
pub(crate) fn may_start(caller: &Caller, start: &Start, retries: u32, now: u64) -> Check {
    must(caller.lives.is_empty() || start.hedge, || "two attempts of one request run at once".to_owned())?;
    must(now < caller.deadline, || format!("an attempt begins {} ms past the deadline", now - caller.deadline))?;
    let decision = caller.call.decision();
    must(start.attempt.index() + 1 == decision.attempts.len(), || "the record does not know the attempt".to_owned())?;
    must(caller.route.contains(&start.tier.index()), || "a tier beside the route is asked".to_owned())?;
    let left = caller.deadline - now;
    must(start.total.as_millis() <= u128::from(left) + 1, || format!("{:?} of {left} ms", start.total))?;
    let carries = start.task != Task::Answer;
    must(carries == (caller.seen > 0), || format!("{:?} with {} words seen", start.task, caller.seen))?;
    let others = &decision.attempts[..start.attempt.index()];
    if carries {
        let asked = asked_to_carry_on(others, start.tier.index());
        return must(asked < 3, || format!("one tier is asked to carry on {asked} times"));
    }
    let answers = |other: &&AttemptRecord| other.tier == start.tier && other.task == Task::Answer;
    let mut before = others.iter().filter(answers).rev().peekable();
    match before.peek().and_then(|last| last.ended) {
        None => Ok(()),
        Some((_, Outcome::Failed(fault))) if fault.kind.mends_itself() => Ok(()),
        Some((_, Outcome::Cancelled(CancelReason::Overtaken))) => return Ok(()),
        Some((_, outcome)) => Err(format!("a tier is asked again after {outcome:?}")),
    }?;
    let asked = before.count();
    must(asked <= retries as usize, || format!("one tier is asked {asked} times"))
}

/// How often a tier was asked to carry on, but for up to sixteen pieces that their length cut off, each with something new.
fn asked_to_carry_on(attempts: &[AttemptRecord], tier: usize) -> usize {
    let asked = |a: &&AttemptRecord| a.tier.index() == tier && a.task != Task::Answer;
    let cut = |a: &AttemptRecord| {
        matches!(a.ended, Some((_, Outcome::Failed(Fault { kind: FaultKind::CutByLength, .. })))) && a.kept > 0
    };
    let further = attempts.iter().filter(asked).filter(|a| cut(a)).count();
    attempts.iter().filter(asked).count() - further.min(16)
}

/// A request is hedged only where its route says so, while its first attempt alone runs and has said nothing, by a later
/// tier that is at its best.
pub(crate) fn may_hedge(caller: &Caller, start: &Start, before: Option<Admission>, paid: bool) -> Check {
    let attempts = &caller.call.decision().attempts;
    let hedge = caller.hedge.ok_or("a route that does not ask for it is hedged")?;
    must(hedge.paid || !paid, || "a tier that costs money is asked early".to_owned())?;
    must(caller.lives.len() == 1 && attempts.len() == 2, || "another than the first attempt is hedged".to_owned())?;
    must(attempts[0].first_token.is_none(), || "an attempt that has spoken is hedged".to_owned())?;
    let place = |tier: usize| caller.route.iter().position(|&other| other == tier);
    must(place(start.tier.index()) > place(attempts[0].tier.index()), || "an earlier tier is the hedge".to_owned())?;
    must(before == Some(Admission::Yes), || format!("the hedge is a tier whose breaker says {before:?}"))
}

/// An attempt is overtaken by one that has spoken, and has not spoken itself.
pub(crate) fn was_overtaken(caller: &Caller, attempt: AttemptId) -> Check {
    let spoken = |live: &Live| live.tokens > 0;
    must(caller.lives.iter().all(|live| spoken(live) != (live.id == attempt)) || caller.lives.len() == 1, || {
        format!("{attempt:?} is said to be overtaken, and nobody was first")
    })
}

/// Of two attempts at most the one that was first runs on: the clock may have stood still until it was out of time.
pub(crate) fn nobody_beside(caller: &Caller, attempt: AttemptId) -> Check {
    let beside = caller.lives.iter().find(|live| live.id != attempt && live.id.index() < 2);
    must(beside.is_none(), || format!("{attempt:?} was first, and {:?} runs beside it", beside.map(|live| live.id)))
}

/// A due tick does something, or moves the next one away.
pub(crate) fn tick_moved(caller: &Caller, attempts_before: usize, now: u64) -> Check {
    let wake = crate::world::ceil(caller.call.wake_at());
    let went_on = caller.ended.is_some() || caller.call.decision().attempts.len() > attempts_before;
    must(went_on || wake.is_none_or(|wake| wake > now), || format!("woken at {now}, it wants to be woken at {wake:?}"))
}

/// An attempt that runs is looked after by its total and by the deadline; until it speaks, by a fixed first-token limit.
pub(crate) fn is_looked_after(caller: &Caller, limits: impl Fn(usize) -> Limits) -> Check {
    let Some(wake) = caller.call.wake_at() else { return Ok(()) };
    let mut latest = moment(caller.deadline);
    for record in caller.call.decision().attempts.iter().filter(|record| record.ended.is_none()) {
        let limits = limits(record.tier.index());
        latest = latest.min(record.started + limits.total);
        if let (FirstToken::Fixed(limit), None) = (limits.first_token, record.first_token) {
            latest = latest.min(record.started + limit);
        }
    }
    must(wake <= latest, || format!("it wants to be woken at {wake:?}, and {latest:?} is the latest"))
}

/// A request that runs is going to be woken.
pub(crate) fn will_be_woken(caller: &Caller) -> Check {
    let wakes = caller.call.wake_at().is_some();
    let recorded = caller.call.decision().ending;
    must(wakes == caller.ended.is_none(), || format!("it wakes: {wakes}, it ended: {:?}", caller.ended))?;
    must(recorded == caller.ended, || format!("the record says {recorded:?}, the actions {:?}", caller.ended))
}

/// A tier is skipped for the reason that is given.
pub(crate) fn skip_is_true(why: Skip, now: Moment, may_be_full: impl FnOnce() -> bool) -> Check {
    match why {
        Skip::NoBudget { until } | Skip::Kept { until } => {
            must(until.is_none_or(|until| until > now), || format!("room again at {until:?}, but it is {now:?}"))?;
            must(may_be_full(), || "skipped for a quota that has room".to_owned())
        }
        Skip::Open { until: Some(until), .. } => must(until > now, || format!("open until {until:?}, at {now:?}")),
        _ => Ok(()),
    }
}

/// A tier is passed over for having enough to do only where it has: all its places are taken, or it said so itself.
pub(crate) fn has_enough_to_do(why: Skip, line: &Line, waited_or_said: bool) -> Check {
    match why {
        Skip::Busy { .. } => must(waited_or_said || line.is_taken(), || "busy, with a place that is free".to_owned()),
        Skip::Full { .. } => must(line.is_full(), || "full, with room in its queue".to_owned()),
        _ => Ok(()),
    }
}

/// The request has ended as its caller sees it: in time, with all of the answer or with the plain truth. `resumed` is when
/// the clock last stood still: nobody can be in time while it does. `last` is the ended attempt's last word, how many it
/// said, and how many it was bound to.
pub(crate) fn ended(
    caller: &Caller,
    ending: Ending,
    now: u64,
    resumed: u64,
    last: Option<(u32, u32, Option<u32>)>,
) -> Check {
    let due = caller.deadline.max(resumed) + LATE;
    must(now <= due, || format!("it ended at {now}, its deadline was {}", caller.deadline))?;
    let words = caller.wish.words;
    match ending {
        Ending::Answered(_) => {
            let (word, tokens, most) = last.ok_or("it was answered by no attempt")?;
            let text = caller.text(word);
            must(text == words || most == Some(tokens), || format!("{text} words of {words} are passed off as whole"))
        }
        Ending::Refused(attempt) => {
            must(caller.seen == 0, || "a refusal after half an answer".to_owned())?;
            let refusal = caller.call.decision().attempts[attempt.index()].ended.map(|(_, outcome)| outcome);
            let refuses = |outcome| matches!(outcome, Some(Outcome::Failed(fault)) if fault.kind.refuses());
            let all = caller.call.decision().attempts.iter().all(|a| refuses(a.ended.map(|(_, outcome)| outcome)));
            let named_twice = caller.wish.malformed && refuses(refusal);
            must(caller.wish.at_fault || named_twice || all, || {
                format!("{attempt:?} is refused, but not for the caller's fault")
            })
        }
        Ending::TooLong(_) => {
            let too_long =
                |outcome| matches!(outcome, Some((_, Outcome::Failed(fault))) if fault.kind == FaultKind::TooLong);
            must(caller.seen == 0, || "too long after half an answer".to_owned())?;
            must(caller.call.decision().attempts.iter().all(|a| too_long(a.ended)), || {
                "too long, but not for all that were asked".to_owned()
            })
        }
        Ending::BrokenOff(_) => {
            must(caller.wish.ask.streamed && caller.seen > 0, || "broken off, but nothing was seen".to_owned())
        }
        Ending::GaveUp | Ending::RateLimited { .. } => {
            let shown = caller.wish.ask.streamed && caller.seen > 0;
            must(!shown, || "half an answer is passed off as none".to_owned())
        }
        Ending::CallerLeft => Ok(()),
    }?;
    let refused = caller.wish.at_fault && matches!(ending, Ending::Refused(_));
    let owed = matches!(ending, Ending::Answered(_)) || refused || caller.wish.malformed;
    must(owed || !caller.held, || format!("{ending:?}, with a healthy tier in the route"))
}

/// A request fails in time only where no tier is left that could be asked: for an answer, each was asked or skipped, and
/// one was asked at all if any could; to carry on what was said, none could three times.
pub(crate) fn nobody_could(caller: &Caller, ending: Ending, watch: &Watch, slept: bool, now: u64) -> Check {
    let Caller { wish: Goal { ask, can_be_carried_on, .. }, route, seen, .. } = caller;
    if now >= caller.deadline {
        return Ok(());
    }
    let decision = caller.call.decision();
    let most = ask.max_tokens.map_or(LEAST_ANSWER, |most| most.saturating_sub(*seen).max(1));
    let need = Need { prompt: ask.prompt_tokens + seen, answer: most };
    let could = |early| route.iter().find(|&&tier| watch.can_be_asked(tier, need, early, moment(now)));
    let known = |tier: &usize| {
        let asked = decision.attempts.iter().any(|attempt| attempt.tier.index() == *tier);
        asked || decision.skipped.iter().any(|(skipped, _)| skipped.index() == *tier)
    };
    let carried = |tier: &usize| asked_to_carry_on(&decision.attempts, *tier);
    match ending {
        Ending::GaveUp | Ending::RateLimited { .. } if decision.attempts.is_empty() => {
            must(could(true).is_none(), || format!("failed unasked, though tier {:?} could be", could(true)))
        }
        Ending::Refused(_) if caller.wish.at_fault || caller.wish.malformed => Ok(()),
        Ending::GaveUp | Ending::RateLimited { .. } | Ending::TooLong(_) | Ending::Refused(_) => {
            must(route.iter().all(known), || "a tier of the route was forgotten".to_owned())?;
            let unasked = |tier: &&usize| !decision.attempts.iter().any(|attempt| attempt.tier.index() == **tier);
            let left = route.iter().filter(unasked).find(|&&tier| watch.can_be_asked(tier, need, false, moment(now)));
            // So short a prompt is read by every tier in that time, unless one was measured while the clock stood still.
            let in_time = ask.prompt_tokens < 64 && caller.deadline - now > 20_000 && !slept;
            must(left.is_none() || !in_time, || format!("given up, though tier {left:?} has a place by now"))
        }
        Ending::BrokenOff(_) if *can_be_carried_on => {
            let left =
                route.iter().find(|tier| carried(tier) < 3 && watch.can_be_asked(**tier, need, false, moment(now)));
            must(left.is_none(), || format!("broken off, though {left:?} of the route could carry it on"))
        }
        _ => Ok(()),
    }
}

/// What the record of an ended request must be.
pub(crate) fn record_is_whole(decision: &Decision) -> Check {
    let open = decision.attempts.iter().position(|attempt| attempt.ended.is_none());
    must(open.is_none(), || format!("attempt {open:?} never ended"))?;
    let answered = decision.attempts.iter().filter(|a| matches!(a.ended, Some((_, Outcome::Answered)))).count();
    must(answered == usize::from(matches!(decision.ending, Some(Ending::Answered(_)))), || {
        format!("{answered} attempts answered, and the request ended with {:?}", decision.ending)
    })
}

/// An attempt that was cancelled for a limit had reached it.
pub(crate) fn limit_was_reached(limit: Limit, length: Duration, record: &AttemptRecord, now: Moment) -> Check {
    let ran = now.since(record.started);
    must(ran >= length, || format!("cancelled after {ran:?} for a limit of {length:?}"))?;
    let spoken = record.first_token.is_some();
    must(limit != Limit::FirstToken || !spoken, || "cancelled for a first token that had come".to_owned())?;
    must(limit != Limit::Idle || ran > length || !spoken, || "idle though it has spoken meanwhile".to_owned())?;
    must(limit != Limit::Connect, || "the connect limit is the driver's".to_owned())
}
