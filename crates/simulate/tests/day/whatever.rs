//! What holds whatever the tiers and the traffic are.

use proptest::prelude::*;

use super::*;

fn tier() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["space", "local", "groq", "serverless"]);
    let speed = (50_u32..5_000, 5_u32..500);
    let quota = (prop::option::of(1_u32..60), prop::option::of(5_u32..2_000), prop::option::of(2_000_u32..20_000));
    let failures = prop::collection::btree_map(
        prop::sample::select(vec!["connection", "silent", "overloaded", "rate_limited", "cut", "stalled", "nonsense"]),
        0_u32..14,
        0..7,
    );
    let outage =
        prop::option::of((0_u32..23, prop::sample::select(vec!["connection", "silent", "cut", "unavailable"])));
    let places = (prop::option::of(1_u32..5), prop::option::of(0_u32..5));
    (kind, speed, quota, failures, outage, any::<bool>(), prop::option::of(1_u32..200), places).prop_map(
        |(kind, (prompt, answer), (rpm, rpd, tpm), failures, outage, prefill, sleeps, (concurrency, queue))| {
            let mut text = format!(
                "[[tier]]\ntype = \"{kind}\"\nprompt_tokens_per_s = {prompt}\nanswer_tokens_per_s = {answer}\nprefill = {prefill}\n"
            );
            for (key, quota) in [("rpm", rpm), ("rpd", rpd), ("tpm", tpm), ("concurrency", concurrency), ("queue", queue)] {
                text += &quota.map(|quota| format!("{key} = {quota}\n")).unwrap_or_default();
            }
            if let Some(minutes) = sleeps {
                text += &format!("sleeps_after_ms = {}\nwakes_in_ms = 45000\n", minutes * 60_000);
            }
            text += "[tier.failures]\n";
            failures.iter().for_each(|(word, percent)| text += &format!("{word} = {percent}\n"));
            if let Some((from, fails)) = outage {
                text += &format!(
                    "[[tier.outage]]\nfrom = \"{from:02}:00\"\nto = \"{:02}:30\"\nfails = \"{fails}\"\n",
                    from + 1
                );
            }
            text
        },
    )
}

fn file() -> impl Strategy<Value = String> {
    let tiers = prop::collection::vec(tier(), 1..5);
    (10_u32..3_000, 0_u32..=100, 0_u32..20, tiers, any::<bool>()).prop_map(|(requests, streamed, at_fault, tiers, hedge)| {
        let tiers = tiers.concat();
        format!(
            "hedge = {hedge}\n[traffic]\nrequests_a_day = {requests}\nshape = \"office\"\nstreamed_percent = {streamed}\n\
             at_fault_percent = {at_fault}\nprompt_tokens = {{ median = 200, p95 = 3000 }}\n\
             answer_tokens = {{ median = 200, p95 = 1500 }}\nmax_tokens = 2000\n{tiers}"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_counted_once_and_no_quota_is_exceeded(file in file(), seed in any::<u64>()) {
        let scenario = read(&file).expect("a good file");
        let report = run(&scenario, seed);
        prop_assert_eq!(report.answered + report.refused + report.failures(), report.requests);
        prop_assert_eq!(report.tiers.iter().map(|tier| tier.answered).sum::<u64>(), report.answered);
        let shares: f64 = report.tiers.iter().map(|tier| tier.share_percent).sum();
        prop_assert!((shares - report.percent(report.answered)).abs() < 1e-6);
        prop_assert_eq!(report.tiers.iter().map(|tier| tier.carried_on).sum::<u64>(), report.carried_on);
        for tier in &report.tiers {
            prop_assert!(tier.answered + tier.failed.values().sum::<u64>() + tier.overtaken == tier.attempts);
            prop_assert!(tier.hedges <= tier.attempts);
            prop_assert_eq!(tier.over_limit, 0, "{:?}", tier.quota);
            for used in [tier.quota.rpm, tier.quota.rpd, tier.quota.tpm, tier.quota.tpd] {
                prop_assert!(used.allowed.is_none_or(|allowed| used.peak <= allowed.into()), "{:?}", tier.quota);
            }
            prop_assert!((0.0..=25.0).contains(&tier.breaker_open_hours));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_one_others(file in file(), seed in any::<u64>()) {
        let scenario = read(&file).expect("a good file");
        let bytes = |seed| serde_json::to_string(&run(&scenario, seed)).expect("a report");
        prop_assert_eq!(bytes(seed), bytes(seed));
        prop_assert_ne!(bytes(seed), bytes(seed.wrapping_add(1)));
    }
}

#[test]
fn several_runs_are_counted_together() {
    let scenario = read(&format!(
        "[traffic]\nrequests_a_day = 200\nprompt_tokens = 100\nanswer_tokens = 100\n{QUICK}rpd = 150\n{QUICK}"
    ));
    let scenario = scenario.expect("a good file");
    let together = scenario.run(7, 3, &mut |_| true).expect("nobody stops it");
    let apart: Vec<_> = (7..10).map(|seed| run(&scenario, seed)).collect();
    assert_eq!(together.requests, apart.iter().map(|report| report.requests).sum::<u64>());
    assert_eq!(together.tiers[0].answered, apart.iter().map(|report| report.tiers[0].answered).sum::<u64>());
    assert_eq!(together.tiers[0].quota.rpd.peak, 150, "a day's, and not that of three");
}

#[test]
fn a_simulation_that_is_stopped_says_nothing() {
    let scenario =
        read(&format!("[traffic]\nrequests_a_day = 50000\nprompt_tokens = 100\nanswer_tokens = 100\n{QUICK}"));
    let mut told = Vec::new();
    let stopped = scenario.expect("a good file").run(1, 1, &mut |done| {
        told.push(done);
        done < 0.5
    });
    assert!(stopped.is_none() && told.is_sorted() && told.last().is_some_and(|done| (0.5..0.9).contains(done)));
}
