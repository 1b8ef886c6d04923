//! A first tier that is late: another one is started beside it, and the first to say something answers.

use std::time::Duration;

use cascade::Hedge;
use gateway::{RouteSettings, Settings};
use upstream::Kind;
use wall::{End, Script};

use crate::caller::{Answer, chat};
use crate::routes::route;
use crate::stand::{FAST, SPACE, Stand, overtaken, succeeded, trying};

/// As many answers as it takes until it is known when a tier is late.
const KNOWN: usize = 10;

/// `hedged` is a route through all tiers that hedges.
fn hedged(paid: bool) -> impl Fn(&mut Settings) {
    move |settings| {
        let tiers: Vec<u32> = settings.tiers.iter().map(|tier| tier.number).collect();
        settings.routes.push(RouteSettings { hedge: Some(Hedge { paid }), ..route("hedged", &tiers) });
    }
}

/// A stand whose first tier answers ten times at once, and is `late` from then on, each way.
async fn late(late: &str, others: &[&str], change: impl Fn(&mut Settings)) -> Stand {
    let models: Vec<_> = std::iter::once("first").chain(others.iter().copied()).collect();
    let stand = Stand::with(&models, |settings| {
        hedged(false)(settings);
        change(settings);
    });
    for _ in 0..KNOWN {
        chat("tier-1").of(&stand).await.assert_whole("quick");
    }
    stand.wall.script("first", late.parse::<Script>().unwrap());
    stand
}

/// What was logged of the last request, in the order in which it happened.
fn last_lines(stand: &Stand) -> Vec<String> {
    stand.log.lines().split_off(2 * KNOWN)
}

async fn asked(stand: &Stand, streamed: bool) -> Answer {
    let ask = chat("hedged");
    if streamed { ask.streamed().of(stand).await } else { ask.of(stand).await }
}

#[tokio::test]
async fn the_next_tier_answers_and_the_first_ones_socket_is_closed() {
    for fault in ["slow-first-10m", "slow-head-10m", "hang", "role-only-then-hang", "comments-only"] {
        for streamed in [false, true] {
            let stand = late(fault, &["ok"], |_| {}).await;
            let answer = asked(&stand, streamed).await;
            answer.assert_whole(fault);
            assert_eq!((answer.attempts().as_str(), answer.header("x-tierfall-tier")), ("1=overtaken,2=ok", Some("2")));
            let lines = last_lines(&stand);
            assert_eq!(lines, [trying(SPACE), trying(FAST), overtaken(SPACE), succeeded(FAST)], "{fault}");
            let seen = stand.settled().await;
            assert_eq!(seen[KNOWN].ended.unwrap().how, End::ClientLeft, "{fault}, streamed: {streamed}");
        }
    }
}

#[tokio::test]
async fn the_first_tier_answers_where_it_is_the_first_after_all() {
    for streamed in [false, true] {
        // Later by far than any of the ten, on a busy machine too.
        let stand = late("slow-first-4s", &["hang"], |_| {}).await;
        let answer = asked(&stand, streamed).await;
        answer.assert_whole("late, and yet the first");
        assert_eq!((answer.attempts().as_str(), answer.header("x-tierfall-tier")), ("1=ok,2=overtaken", Some("1")));
        assert_eq!(last_lines(&stand), [trying(SPACE), trying(FAST), overtaken(FAST), succeeded(SPACE)]);
        assert_eq!(stand.settled().await[KNOWN + 1].ended.unwrap().how, End::ClientLeft);
    }
}

#[tokio::test]
async fn an_error_never_wins() {
    for fault in ["error-frame-after-0", "500", "html", "empty", "reset", "comments-only+cut-after-0"] {
        for streamed in [false, true] {
            let stand = late("slow-first-300ms", &[fault], |_| {}).await;
            let answer = asked(&stand, streamed).await;
            answer.assert_whole(fault);
            assert_eq!(answer.header("x-tierfall-tier"), Some("1"), "{fault}");
            let lines = last_lines(&stand);
            assert_eq!(lines.last(), Some(&succeeded(SPACE)), "{fault}: {lines:?}");
            assert_eq!(stand.settled().await[KNOWN].ended.unwrap().how, End::Answered, "{fault}");
        }
    }
}

#[tokio::test]
async fn where_both_fail_the_next_tier_answers() {
    for streamed in [false, true] {
        let stand = late("slow-head-300ms+500", &["503", "ok"], |_| {}).await;
        let answer = asked(&stand, streamed).await;
        answer.assert_whole("third");
        assert_eq!(answer.attempts(), "1=500,2=503,3=ok");
    }
}

#[tokio::test]
async fn what_the_first_to_speak_leaves_unfinished_is_carried_on() {
    let stand = late("slow-first-10m", &["cut-after-20", "ok"], |_| {}).await;
    let answer = asked(&stand, true).await;
    answer.assert_whole("carried on");
    assert_eq!(answer.header("x-tierfall-tier"), Some("2"));
}

#[tokio::test]
async fn what_costs_money_is_asked_early_only_where_the_route_says_so() {
    for (paid, attempts) in [(false, "1=timeout,2=ok"), (true, "1=overtaken,2=ok")] {
        let change = |settings: &mut Settings| {
            settings.tiers[0].limits.first_token = cascade::FirstToken::Fixed(Duration::from_secs(5));
            settings.tiers[1].target.kind = Kind::commercial();
            settings.routes.clear();
            hedged(paid)(settings);
        };
        let stand = late("hang", &["ok"], change).await;
        assert_eq!(asked(&stand, false).await.attempts(), attempts);
    }
}

#[tokio::test]
async fn a_route_that_does_not_ask_for_it_is_not_hedged() {
    let stand = late("slow-first-300ms", &["ok"], |_| {}).await;
    let answer = chat("auto").of(&stand).await;
    answer.assert_whole("patient");
    assert_eq!(answer.attempts(), "1=ok");
}
