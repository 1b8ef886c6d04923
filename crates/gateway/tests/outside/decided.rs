//! The record of a request, whatever way it ends; and budgets that began before the process did.

use std::time::Duration;

use cascade::{Counted, Quota, Span, Spent};
use gateway::Account;

use crate::caller::{chat, words};
use crate::stand::{SPACE, Stand, skipped};

#[tokio::test]
async fn each_ending_is_told_once_with_what_led_to_it() {
    // The prompt is estimated at eleven tokens; the wall says four, where it tells the usage.
    for (models, streamed, expected) in [
        (&["ok"][..], false, "answered: 1=ok*60 (4→60)"),
        (&["ok"], true, "answered: 1=ok*60 (11→60)"),
        (&["500", "ok"], false, "answered: 1=500*0 2=ok*60 (4→60)"),
        (&["401", "404"], false, "gave up: 1=401*0 2=404*0 (11→0)"),
        (&["content-filter", "ok"], false, "refused: 1=content-filter*0 (11→0)"),
    ] {
        let stand = Stand::new(models);
        let ask = chat("auto");
        if streamed { ask.streamed() } else { ask }.of(&stand).await;
        assert_eq!(stand.log.decision().await, expected, "{models:?}, streamed: {streamed}");
    }
}

#[tokio::test]
async fn a_carried_answer_is_recorded_with_its_seam_and_counted_as_its_caller_saw_it() {
    let stand = Stand::new(&["cut-after-40", "ok"]);
    chat("auto").streamed().of(&stand).await;
    let (decision, seam) = (stand.log.decision().await, words(40).len());
    assert!(decision.starts_with("answered: 1=cut*40 2=ok*28@"), "{decision}");
    assert!(decision.contains(&format!("@{seam} (")) && decision.ends_with("→60)"), "{decision}");
}

#[tokio::test]
async fn an_answer_that_broke_off_is_counted_as_far_as_it_came() {
    let stand = Stand::new(&["cut-after-40"]);
    chat("auto").with("n", 2).streamed().of(&stand).await;
    assert_eq!(stand.log.decision().await, "broken off: 1=cut*40 (11→40)");
}

#[tokio::test]
async fn a_caller_who_leaves_is_told_too() {
    let stand = Stand::new(&["stall-after-3"]);
    let mut answer = chat("auto").streamed().begin(&stand).await;
    answer.until("w3").await;
    drop(answer);
    assert_eq!(stand.log.decision().await, "caller left: 1=caller-left*3 (11→3)");
}

#[tokio::test]
async fn what_was_spent_before_the_process_began_is_spent() {
    let spent = |span, ms| Spent {
        counted: Counted::Requests,
        span,
        learned: None,
        amounts: vec![(2, Duration::from_millis(ms))],
    };
    let quota = Quota { rpm: Some(2), rpd: Some(1_000), tpm: Some(6_000), ..Quota::default() };
    let stand = Stand::with(&["ok#1", "ok#2"], |settings| {
        settings.tiers[0].quota = quota;
        settings.tiers[0].account = Account {
            name: "one".to_owned(),
            spent: vec![spent(Span::Minute, 40_000), spent(Span::Day, 80_000_000)],
            replacement: None,
        };
        settings.tiers[1].quota = quota;
    });
    chat("auto").with("max_tokens", 16_384).of(&stand).await;
    assert_eq!(stand.log.decision().await, "answered: 2=ok*60<5989 (4→60 of 16384), 1 quota");
    let reason = stand.log.lines().into_iter().find(|line| line.starts_with("↷")).unwrap();
    assert!((10..=40).any(|s| reason == skipped(SPACE, &format!("quota used up, room again in {s} s"))), "{reason}");
    let (now, budgets) = stand.gateway.budgets();
    let [(name, budget)] = &budgets[..] else { panic!("{budgets:?}: a tier without an account is kept by nobody") };
    assert_eq!((name.as_str(), budget.spent(now).len()), ("one", 2));
}
