use super::*;

const TRAFFIC: &str = "[traffic]
requests_a_day = 2000
prompt_tokens = { median = 300, p95 = 1200 }
answer_tokens = { median = 200, p95 = 700 }
max_tokens = 1000
streamed_percent = 50
";

/// Requests in the hours from eight, ten and twelve only.
fn three_hours(tiers: &str) -> String {
    let by_hour: Vec<_> = (0..24).map(|hour| if [8, 10, 12].contains(&hour) { "300" } else { "0" }).collect();
    let by_hour = by_hour.join(", ");
    format!("[traffic]\nby_hour = [{by_hour}]\nprompt_tokens = 100\nanswer_tokens = 100\n{tiers}")
}

#[test]
fn one_healthy_tier_answers_every_request() {
    let report = day(&format!("{TRAFFIC}{QUICK}"));
    assert!((1_850..2_150).contains(&report.requests), "{}", report.requests);
    let tier = &report.tiers[0];
    assert_eq!((tier.answered, tier.attempts, report.failures()), (report.requests, report.requests, 0));
    assert_eq!(tier.share_percent, 100.0);
    assert!(tier.failed.is_empty() && tier.skipped.is_empty());
}

#[test]
fn times_are_those_of_the_tiers_speed() {
    let report = day(&format!(
        "[traffic]\nrequests_a_day = 100\nprompt_tokens = 400\nanswer_tokens = 401\n{QUICK}first_byte_ms = 300"
    ));
    let (first, end) = (report.first_token_ms, report.end_ms);
    assert_eq!((first.p50, first.p99), (Some(300 + 200 + 5), Some(300 + 200 + 5)));
    assert_eq!((end.p50, end.p99), (Some(300 + 200 + 2_005), Some(300 + 200 + 2_005)));
}

#[test]
fn an_outage_moves_the_requests_of_its_hours_and_no_others() {
    let outage = |from: u32| {
        format!("[[tier.outage]]\nfrom = \"{from:02}:00\"\nto = \"{:02}:00\"\nfails = \"connection\"\n", from + 1)
    };
    let moved = |from| day(&three_hours(&format!("{QUICK}{}{QUICK}", outage(from))));
    let without = day(&three_hours(&format!("{QUICK}{QUICK}")));
    assert_eq!(without.tiers[1].answered, 0);
    assert_eq!(moved(9).tiers[1].answered, 0, "nobody came in that hour");
    let reports = [8, 10, 12].map(moved);
    for report in &reports {
        assert_eq!((report.requests, report.failures()), (without.requests, 0));
        assert_eq!(report.tiers[0].answered + report.tiers[1].answered, report.requests);
        assert!(report.tiers[0].breaker_open_hours > 0.5, "{}", report.tiers[0].breaker_open_hours);
    }
    assert_eq!(reports.iter().map(|report| report.tiers[1].answered).sum::<u64>(), without.requests);
}

#[test]
fn what_runs_when_an_outage_begins_is_carried_on_by_the_next_tier() {
    let slow = "[[tier]]\nprompt_tokens_per_s = 1000\nanswer_tokens_per_s = 10\nprefill = true\n";
    let tiers = format!(
        "{slow}[[tier.outage]]\nfrom = \"12:00\"\nto = \"13:00\"\nfails = \"overloaded\"\n{QUICK}prefill = true"
    );
    let report = day(&format!("[traffic]\nrequests_a_day = 20000\nprompt_tokens = 100\nanswer_tokens = 400\n{tiers}"));
    assert!((1..20).contains(&report.carried_on), "those of forty seconds: {}", report.carried_on);
    assert_eq!((report.tiers[1].carried_on, report.failures()), (report.carried_on, 0));
    assert_eq!(report.tiers[0].failed["cut"], report.carried_on);
}

#[test]
fn what_hangs_when_an_outage_begins_reaches_its_limit() {
    let tiers = format!("{QUICK}[[tier.outage]]\nfrom = \"08:00\"\nto = \"09:00\"\nfails = \"silent\"\n{QUICK}");
    let report = day(&three_hours(&tiers));
    assert!(report.tiers[0].failed["first-token limit"] >= 3);
    assert_eq!(report.failures(), 0);
    assert!(report.end_ms.p99 > Some(10_000), "whoever probes has waited: {:?}", report.end_ms);
}

#[test]
fn a_tier_that_sleeps_is_woken_and_takes_its_requests_again() {
    let asleep = "[[tier]]\ntype = \"space\"\nprompt_tokens_per_s = 2000\nanswer_tokens_per_s = 200\nsleeps_after_ms = 3600000\nwakes_in_ms = 60000\n";
    let report = day(&three_hours(&format!("{asleep}{QUICK}")));
    let (own, next) = (&report.tiers[0], &report.tiers[1]);
    assert!(own.failed["unavailable"] >= 3, "once at least for each of the three hours: {:?}", own.failed);
    assert!((3..60).contains(&next.answered), "about a minute's requests each time: {}", next.answered);
    assert_eq!(own.answered + next.answered, report.requests);
}

#[test]
fn a_prompt_with_no_room_in_one_context_goes_to_a_larger_one() {
    let report = day(&format!(
        "[traffic]\nrequests_a_day = 500\nprompt_tokens = [100, 5000]\nanswer_tokens = 50\n{QUICK}context = 4096\n{QUICK}"
    ));
    assert_eq!(report.tiers[0].failed["too long"], report.tiers[1].answered);
    assert_eq!(report.tiers[0].answered + report.tiers[1].answered, report.requests);
    assert_eq!(report.tiers[0].breaker_open_hours, 0.0, "that is no fault of the tier's");
}

#[test]
fn a_quota_is_used_up_and_never_exceeded() {
    let report = day(&format!("{TRAFFIC}{QUICK}rpm = 2\nrpd = 900\ntpm = 3000\n{QUICK}"));
    let first = &report.tiers[0];
    assert_eq!(first.quota.rpm.peak, 2);
    assert!((890..=900).contains(&first.quota.rpd.peak), "{:?}", first.quota.rpd);
    assert!(first.quota.tpm.peak <= 3_000);
    assert!(first.skipped["no quota"] > 900 && first.failed.is_empty());
    assert_eq!(first.answered + report.tiers[1].answered, report.requests);
}

#[test]
fn an_answer_is_shortened_to_what_the_quota_has_room_for() {
    let report = day(&format!(
        "[traffic]\nrequests_a_day = 50\nprompt_tokens = 500\nanswer_tokens = 3000\nmax_tokens = 16384\n{QUICK}tpm = 2000"
    ));
    let tier = &report.tiers[0];
    assert!(tier.answered > 30 && tier.shortened == tier.answered, "{} of {}", tier.shortened, tier.answered);
    assert!(tier.quota.tpm.peak <= 2_000);
}

#[test]
fn the_callers_own_fault_comes_back_and_is_tried_nowhere_else() {
    let report = day(&format!("{TRAFFIC}at_fault_percent = 10\n{QUICK}{QUICK}"));
    assert!((150..250).contains(&report.refused), "{}", report.refused);
    assert_eq!((report.answered + report.refused, report.tiers[1].attempts), (report.requests, 0));
}

#[test]
fn where_no_tier_can_answer_the_callers_see_it() {
    let report = day(&format!("{TRAFFIC}{QUICK}failures = {{ overloaded = 100 }}"));
    assert_eq!((report.answered, report.failed["gave up"]), (0, report.requests));
    assert_eq!((report.first_token_ms.p50, report.failures()), (None, report.requests));
}

#[test]
fn a_slow_box_passes_on_what_it_cannot_do_in_time() {
    let slow = "[[tier]]\ntype = \"local\"\nprompt_tokens_per_s = 50\nanswer_tokens_per_s = 10\ntimeout_ms = 30000\n";
    let report = day(&format!("{TRAFFIC}{slow}{QUICK}"));
    let (own, cloud) = (&report.tiers[0], &report.tiers[1]);
    assert!(own.failed["total limit"] > 0 && cloud.carried_on > 0);
    assert_eq!((own.answered + cloud.answered, report.failures()), (report.requests, 0));
    let faster = day(&format!("{TRAFFIC}{}{QUICK}", slow.replace("= 10\n", "= 40\n")));
    assert!(faster.tiers[0].answered > own.answered);
}

#[test]
fn a_carried_answer_goes_on_from_what_was_seen() {
    let cut = "[[tier]]\nprompt_tokens_per_s = 1000\nanswer_tokens_per_s = 10\nfailures = { cut = 100 }\n";
    let traffic = "[traffic]\nrequests_a_day = 300\nprompt_tokens = 100\nanswer_tokens = 400\n";
    let carried =
        |prefill: bool| day(&format!("{traffic}{cut}retries = 0\n{QUICK}prefill = {prefill}\ntpd = 100000000\n"));
    let report = carried(false);
    let next = &report.tiers[1];
    assert!(next.carried_on > 100, "while the breaker of the first is closed: {}", next.carried_on);
    let repeated = |report: &Report| report.tiers[1].quota.tpd.peak - 500 * report.requests;
    assert!(
        repeated(&report) > 0 && repeated(&report) < 20 * next.carried_on,
        "what was seen is read, its last words are said again, then the rest"
    );
    let prefilled = carried(true);
    assert!(prefilled.tiers[1].carried_on > 100, "{}", prefilled.tiers[1].carried_on);
    assert_eq!(repeated(&prefilled), 0, "a tier that is known to go on from there says no word again");
    assert!(report.first_token_ms.p99 < Some(300), "it is the first one's: {:?}", report.first_token_ms);
    let whole = day(&format!("{traffic}streamed_percent = 0\n{cut}retries = 0\n{QUICK}"));
    assert_eq!(whole.carried_on, 0, "nobody has seen anything");
    assert!(whole.first_token_ms.p99 > Some(10_000), "it is that of the answer: {:?}", whole.first_token_ms);
}

#[test]
fn a_tier_that_says_how_far_it_has_read_is_waited_for() {
    let traffic = "[traffic]\nrequests_a_day = 100\nprompt_tokens = 1000\nanswer_tokens = 10\n";
    let slow = "[[tier]]\ntype = \"space\"\nprompt_tokens_per_s = 10\nanswer_tokens_per_s = 10\ntimeout_ms = 900000\nslots = 1\n";
    let silent = day(&format!("{traffic}{slow}"));
    assert!(silent.tiers[0].failed["first-token limit"] > 0 && silent.failures() > 0);
    let reports = day(&format!("{traffic}{slow}reports_progress = true\n"));
    assert!(reports.answered > silent.answered);
    assert!(!reports.tiers[0].failed.contains_key("idle limit"), "{:?}", reports.tiers[0].failed);
}

#[test]
fn a_deadline_ends_what_would_take_longer() {
    let traffic = format!("{TRAFFIC}deadline_ms = 2000\n");
    let slow = "[[tier]]\nprompt_tokens_per_s = 2000\nanswer_tokens_per_s = 10\n";
    let report = day(&format!("{traffic}{slow}"));
    assert!(report.failed["broken off"] > 0 && report.failed["gave up"] > 0, "{:?}", report.failed);
    assert!(report.end_ms.p99 <= Some(2_000));
    let of_the_route = day(&format!("deadline_ms = 2000\n{TRAFFIC}{slow}"));
    assert_eq!(of_the_route.failed, report.failed);
}

#[test]
fn a_tier_that_wakes_is_asked_again_before_its_breaker_would_have_it() {
    let asleep = "[[tier]]\ntype = \"space\"\nprompt_tokens_per_s = 20000\nanswer_tokens_per_s = 20000\nsleeps_after_ms = 3600000\nwakes_in_ms = 200\n";
    let report = day(&three_hours(&format!("{asleep}{QUICK}")).replace("300", "3600"));
    assert!((3..12).contains(&report.tiers[1].answered), "half a second's each time: {}", report.tiers[1].answered);
}

#[test]
fn what_is_expected_is_judged_and_the_traffic_found_at_which_it_holds() {
    let own = "[[tier]]\ntype = \"local\"\nprompt_tokens_per_s = 100\nanswer_tokens_per_s = 20\n";
    let scenario = read(&format!("expect = [95, 5]\n{TRAFFIC}{own}{QUICK}")).expect("a good file");
    let report = run(&scenario, 1);
    assert!(!report.is_as_expected() && !report.expected[0].holds && report.expected[0].at_least);
    let (part, there) = simulate::largest_part_that_holds(&scenario, 1, 1, &mut |_| true).expect("at some");
    assert!(there.is_as_expected() && part < 1.0 && there.requests < report.requests);
    assert!(!run(&scenario.scaled(part * 1.3), 1).is_as_expected());
}

#[test]
fn what_can_hold_nowhere_is_found_to_hold_nowhere() {
    let scenario =
        read(&format!("expect = [95]\n{TRAFFIC}{QUICK}failures = {{ overloaded = 60 }}\nretries = 0\n{QUICK}"));
    assert_eq!(simulate::largest_part_that_holds(&scenario.expect("a good file"), 1, 1, &mut |_| true), None);
}

/// About four requests at once for a tier that has one place, each of two seconds.
fn crowd(tier: &str, more: &str) -> Report {
    let by_hour: Vec<_> = (0..24).map(|hour| if hour == 9 { "3600" } else { "0" }).collect();
    let by_hour = by_hour.join(", ");
    day(&format!(
        "[traffic]\nby_hour = [{by_hour}]\nprompt_tokens = 100\nanswer_tokens = 100\n\
         [[tier]]\nprompt_tokens_per_s = 1000\nanswer_tokens_per_s = 50\n{tier}\n{more}"
    ))
}

#[test]
fn requests_wait_for_their_turn_and_go_on_where_that_is_too_far_off() {
    let unbounded = crowd("", QUICK);
    assert_eq!((unbounded.tiers[0].queued, unbounded.tiers[1].attempts), (0, 0));
    let report = crowd("concurrency = 1", QUICK);
    let (first, next) = (&report.tiers[0], &report.tiers[1]);
    assert!(first.queued > 1_000 && first.skipped["busy"] > 500, "{} waited, {:?}", first.queued, first.skipped);
    assert!((1_600..1_760).contains(&first.answered), "one every 2.1 seconds of the hour: {}", first.answered);
    assert_eq!((first.answered + next.answered, report.failures()), (report.requests, 0));
    assert!(first.first_token_ms.p50 > Some(1_000), "what was waited is in it: {:?}", first.first_token_ms);
}

#[test]
fn over_the_bound_of_a_queue_nobody_waits() {
    let report = crowd("concurrency = 1\nqueue = 2", "");
    let tier = &report.tiers[0];
    assert_eq!(report.failed["gave up"], tier.skipped["queue full"]);
    assert_eq!((tier.answered + report.failures(), tier.failed.len()), (report.requests, 0));
    assert!(report.end_ms.p99 <= Some(3 * 2_100), "behind one that runs and two that wait: {:?}", report.end_ms);
}

#[test]
fn a_route_that_hedges_takes_the_tail_off_and_adds_little() {
    let late = "[[tier]]\nfirst_byte_ms = { median = 200, p95 = 4000 }\nprompt_tokens_per_s = 2000\nanswer_tokens_per_s = 200\n";
    let traffic = TRAFFIC.replace("2000", "8000");
    let with = |hedge: &str, kind: &str| day(&format!("{hedge}{traffic}{late}{QUICK}type = \"{kind}\"\n"));
    let (alone, hedged) = (with("", "groq"), with("hedge = true\n", "groq"));
    let (first, beside) = (&hedged.tiers[0], &hedged.tiers[1]);
    assert!((1..hedged.requests / 10).contains(&beside.hedges), "{} of {}", beside.hedges, hedged.requests);
    assert!(first.overtaken > 0 && beside.overtaken > 0, "{} and {}", first.overtaken, beside.overtaken);
    assert!(first.overtaken + beside.overtaken <= beside.hedges, "of two, one is first");
    assert!(hedged.first_token_ms.p99 < alone.first_token_ms.p99, "{:?}", hedged.first_token_ms);
    assert_eq!((alone.tiers[1].hedges, hedged.failures()), (0, 0));
    let dear = with("hedge = true\n", "commercial");
    assert_eq!((dear.tiers[1].hedges, dear.tiers[0].overtaken), (0, 0), "what costs money is not started beside");
    assert_eq!(with("hedge = true\nhedge_paid = true\n", "commercial").tiers[1].hedges, beside.hedges);
}
