//! A first tier that is late, and another one beside it.

use super::*;
use crate::route::Hedge;

/// A request on three tiers, the first of which has always said its first token within 100 ms.
struct Hedged {
    fleet: Fleet,
    route: Arc<Route>,
}

impl Hedged {
    fn with(configure: impl Fn(&mut Tier), paid: bool) -> Self {
        let tier = |number| {
            let mut tier = Tier::new(number, Hosting::SelfHosted);
            tier.limits =
                Limits { connect: ms(50), first_token: FirstToken::Fixed(ms(300)), idle: ms(200), total: ms(1_000) };
            configure(&mut tier);
            tier
        };
        let mut fleet = Fleet::new((1..=3).map(tier).collect());
        let mut route = Route::through("auto", &fleet, |_| true);
        route.hedge = Some(Hedge { paid });
        let first = route.tiers[0];
        (0..10).for_each(|_| fleet.on_first_token(first, ms(100)));
        Self { fleet, route: Arc::new(route) }
    }

    fn new() -> Self {
        Self::with(|_| {}, false)
    }

    fn begin(&mut self, millis: u64) -> Call {
        let ask = Ask { prompt_tokens: 1_000, max_tokens: Some(1_000), ..Ask::default() };
        let mut call = Call::begin(Arc::clone(&self.route), ask, &mut self.fleet, at(millis));
        assert_eq!(starts(&polled(&mut call)), [1]);
        call
    }

    /// A request at 100 ms, when its first attempt is late.
    fn late(&mut self) -> (Call, Vec<Action>) {
        let mut call = self.begin(0);
        let said = self.on(&mut call, 100, Event::Tick);
        (call, said)
    }

    fn on(&mut self, call: &mut Call, millis: u64, event: Event) -> Vec<Action> {
        call.on(event, &mut self.fleet, at(millis));
        polled(call)
    }

    fn fail(&mut self, call: &mut Call, millis: u64, attempt: u16) -> Vec<Action> {
        let fault = FaultKind::Nonsense.into();
        self.on(call, millis, Event::Failed { attempt: AttemptId(attempt), fault, tokens: None })
    }
}

fn polled(call: &mut Call) -> Vec<Action> {
    std::iter::from_fn(|| call.poll()).collect()
}

fn token(call: &mut Call, millis: u64, attempt: u16) -> Vec<Action> {
    call.heard(AttemptId(attempt), Sign::Token { kept: true }, at(millis));
    polled(call)
}

fn overtaken(attempt: u16) -> Action {
    Action::Cancel { attempt: AttemptId(attempt), reason: CancelReason::Overtaken }
}

#[test]
fn who_is_late_gets_another_one_beside_it_and_the_first_token_wins() {
    for (winner, loser) in [(0, 1), (1, 0)] {
        let mut hedged = Hedged::new();
        let (mut call, said) = hedged.late();
        assert!(matches!(said[..], [Action::Start(Start { hedge: true, .. })]), "{said:?}");
        assert_eq!(starts(&said), [2]);
        assert_eq!(token(&mut call, 150, winner), [Action::Deliver { attempt: AttemptId(winner) }]);
        assert_eq!(token(&mut call, 150, loser), [], "it is nobody's");
        assert_eq!(call.wake_at(), Some(at(150)), "the other one is to be ended at once");
        assert_eq!(hedged.on(&mut call, 150, Event::Tick), [overtaken(loser)]);
        let finished = Event::Finished { attempt: AttemptId(winner), tokens: None };
        let attempt = AttemptId(winner);
        assert_eq!(hedged.on(&mut call, 200, finished), [Action::Complete { attempt }]);
        let answering = call.decision().answering().expect("one has answered");
        assert_eq!(answering.ended, Some((at(200), Outcome::Answered)));
        let running: Vec<_> = hedged.route.tiers.iter().map(|&tier| hedged.fleet.running(tier)).collect();
        assert_eq!(running, [0, 0, 0]);
    }
}

#[test]
fn who_is_not_late_is_left_alone() {
    let mut hedged = Hedged::new();
    let mut call = hedged.begin(0);
    assert_eq!(call.wake_at(), Some(at(100)));
    token(&mut call, 99, 0);
    assert_eq!(call.wake_at(), Some(at(299)));
    assert_eq!(hedged.on(&mut call, 100, Event::Tick), []);
}

#[test]
fn a_route_that_does_not_ask_for_it_and_a_tier_of_which_little_is_known_are_not_hedged() {
    let mut hedged = Hedged::new();
    hedged.route = Arc::new(Route { hedge: None, ..Route::clone(&hedged.route) });
    assert_eq!(hedged.begin(0).wake_at(), Some(at(300)));

    let mut hedged = Hedged::new();
    hedged.fleet = Fleet::new(hedged.fleet.tiers().map(|(_, tier)| tier.clone()).collect());
    let first = hedged.route.tiers[0];
    (0..9).for_each(|_| hedged.fleet.on_first_token(first, ms(100)));
    assert_eq!(hedged.begin(0).wake_at(), Some(at(300)));
}

#[test]
fn only_a_tier_at_its_best_is_started() {
    let condition = |hedged: &mut Hedged| {
        let second = hedged.route.tiers[1];
        hedged.fleet.set_condition(second, Condition::Unavailable);
    };
    let load = |hedged: &mut Hedged| {
        let second = hedged.route.tiers[1];
        hedged.fleet.set_load(second, Some(ms(10)));
    };
    for spoil in [condition, load] {
        let mut hedged = Hedged::new();
        spoil(&mut hedged);
        assert_eq!(starts(&hedged.late().1), [3]);
    }
    let quota = |tier: &mut Tier| tier.quota.tpm = (tier.number == 2).then_some(1_500);
    assert_eq!(starts(&Hedged::with(quota, false).late().1), [3]);
    let concurrency = |tier: &mut Tier| tier.concurrency = Some(1);
    let mut hedged = Hedged::with(concurrency, false);
    let second = hedged.route.tiers[1];
    let permit = hedged.fleet.take_permit(second);
    assert_eq!(starts(&hedged.late().1), [3]);
    assert!(permit.is_some(), "it was free before");
}

#[test]
fn a_tier_that_is_probed_or_about_to_be_is_not_started() {
    let mut hedged = Hedged::new();
    let second = Arc::new(Route { tiers: vec![hedged.route.tiers[1]], hedge: None, ..Route::clone(&hedged.route) });
    let mut call = Call::begin(second, Ask::default(), &mut hedged.fleet, Moment::ZERO);
    let fault = Fault { retry_after: None, ..FaultKind::Unavailable.into() };
    call.on(Event::Failed { attempt: AttemptId(0), fault, tokens: None }, &mut hedged.fleet, Moment::ZERO);
    let mut call = hedged.begin(10_000);
    assert_eq!(starts(&hedged.on(&mut call, 10_100, Event::Tick)), [3]);
}

#[test]
fn what_costs_money_is_started_only_where_the_route_says_so() {
    let paid = |tier: &mut Tier| tier.paid = tier.number == 2;
    assert_eq!(starts(&Hedged::with(paid, false).late().1), [3]);
    assert_eq!(starts(&Hedged::with(paid, true).late().1), [2]);
}

#[test]
fn the_failure_of_one_does_not_end_the_other() {
    for (fails, answers) in [(0, 1), (1, 0)] {
        let mut hedged = Hedged::new();
        let (mut call, _) = hedged.late();
        assert_eq!(hedged.fail(&mut call, 120, fails), []);
        let attempt = AttemptId(answers);
        assert_eq!(token(&mut call, 150, answers), [Action::Deliver { attempt }]);
        let finished = Event::Finished { attempt, tokens: None };
        assert_eq!(hedged.on(&mut call, 160, finished), [Action::Complete { attempt }]);
    }
}

#[test]
fn where_both_fail_the_next_one_is_asked() {
    for (first, second) in [(0, 1), (1, 0)] {
        let mut hedged = Hedged::new();
        let (mut call, _) = hedged.late();
        assert_eq!(hedged.fail(&mut call, 120, first), []);
        assert_eq!(starts(&hedged.fail(&mut call, 130, second)), [3]);
        assert_eq!(hedged.fail(&mut call, 140, 2), [Action::GiveUp]);
    }
}

#[test]
fn what_one_refuses_for_the_callers_own_fault_is_refused_where_the_other_fails_too() {
    let mut hedged = Hedged::new();
    let (mut call, _) = hedged.late();
    let fault = FaultKind::Callers.into();
    assert_eq!(hedged.on(&mut call, 120, Event::Failed { attempt: AttemptId(1), fault, tokens: None }), []);
    assert_eq!(hedged.fail(&mut call, 130, 0), [Action::Refuse { attempt: AttemptId(1) }]);
}

#[test]
fn a_limit_ends_the_one_that_reaches_it() {
    let mut hedged = Hedged::new();
    let (mut call, _) = hedged.late();
    let reason = CancelReason::Limit(Limit::FirstToken, ms(300));
    assert_eq!(hedged.on(&mut call, 300, Event::Tick), [Action::Cancel { attempt: AttemptId(0), reason }]);
    assert_eq!(call.wake_at(), Some(at(400)));
    assert_eq!(starts(&hedged.on(&mut call, 400, Event::Tick)), [3]);
}

#[test]
fn a_caller_who_leaves_ends_both() {
    let mut hedged = Hedged::new();
    let (mut call, _) = hedged.late();
    let reason = CancelReason::CallerLeft;
    let both = [0, 1].map(|attempt| Action::Cancel { attempt: AttemptId(attempt), reason });
    assert_eq!(hedged.on(&mut call, 120, Event::CallerLeft), both);
}

#[test]
fn nothing_is_held_against_who_was_overtaken_and_what_it_could_have_cost_is_given_back() {
    let quota = |tier: &mut Tier| tier.quota.tpm = Some(6_000);
    let mut hedged = Hedged::with(quota, false);
    for round in 0..2 {
        let begun = round * 20_000;
        let mut call = hedged.begin(begun);
        // It is late a little later each time.
        assert_eq!(starts(&hedged.on(&mut call, begun + 100 + 50 * round, Event::Tick)), [2]);
        token(&mut call, begun + 110 + 50 * round, 1);
        assert_eq!(hedged.on(&mut call, begun + 110 + 50 * round, Event::Tick), [overtaken(0)]);
        hedged.on(&mut call, begun + 120 + 50 * round, Event::CallerLeft);
        let first = hedged.route.tiers[0];
        let everything = Need { prompt: 0, answer: u32::MAX };
        assert_eq!(hedged.fleet.budget(first).room(everything, at(begun + 120 + 50 * round)), Ok(6_000));
        assert_eq!(hedged.fleet.breaker(first).admission(at(begun + 120 + 50 * round)), crate::breaker::Admission::Yes);
    }
}

#[test]
fn who_was_overtaken_is_asked_again_where_the_winner_breaks_off_unseen() {
    let mut hedged = Hedged::new();
    hedged.route = Arc::new(Route { tiers: hedged.route.tiers[..2].to_vec(), ..Route::clone(&hedged.route) });
    let (mut call, _) = hedged.late();
    call.heard(AttemptId(0), Sign::Token { kept: false }, at(110));
    polled(&mut call);
    assert_eq!(hedged.on(&mut call, 110, Event::Tick), [overtaken(1)]);
    assert_eq!(starts(&hedged.fail(&mut call, 120, 0)), [2]);
}

#[test]
fn hedges_never_become_the_load() {
    let mut hedged = Hedged::new();
    let mut calls: Vec<_> = (0..100).map(|_| hedged.begin(0)).collect();
    let started = |call| starts(&hedged.on(call, 100, Event::Tick)).len();
    let hedges: usize = calls.iter_mut().map(started).sum();
    assert_eq!(hedges, 1 + 100 / 20);
}
