//! Every free plan of `providers.toml`, beside each other for a day of ten thousand requests.

use std::fmt::Write as _;

use cascade::{Moment, Quota};
use upstream::{Costs, Day, Hosting as Machines, Limits as Plan, Providers};

use super::*;

/// The clouds whose plan ends in a refusal and not in a bill.
fn free() -> Vec<upstream::Kind> {
    let free = |kind: &&upstream::Kind| kind.costs == Costs::Free && kind.hosting == Machines::Cloud;
    Providers::built_in().kinds().iter().filter(free).copied().collect()
}

/// A tier as the configuration would make it of the row.
fn of_the_row(number: u32, word: Option<&str>) -> Result<Kind, String> {
    let row = Providers::built_in().kind(word.unwrap_or_default()).map_err(|unknown| unknown.to_string())?;
    let &Plan { rpm, rpd, tpm, tpd, gpu_seconds, .. } = &row.limits;
    let midnight = jiff::Timestamp::UNIX_EPOCH.try_into().expect("it is one of the system's times");
    let day_ends = (row.day != Day::Rolling).then(|| Moment::after(row.day.left(midnight)));
    let quota = Quota { rpm, rpd, tpm, tpd, gpu_seconds };
    let settings = Tier { quota, day_ends, ..Tier::new(number, Hosting::Cloud) };
    Ok(Kind { name: row.title.clone(), settings, reports_progress: false })
}

/// A file with a tier for each, quick and with failures of its own. A plan whose numbers are the account's is given some.
fn file(traffic: &str) -> String {
    let mut text = traffic.to_owned();
    for row in free() {
        let speed =
            "prompt_tokens_per_s = 3000\nanswer_tokens_per_s = 150\nfirst_byte_ms = { median = 250, p95 = 1500 }";
        let failures = "failures = { overloaded = 1, cut = 0.5, silent = 0.2, connection = 0.2 }";
        write!(text, "[[tier]]\ntype = \"{row}\"\n{speed}\n{failures}\n").expect("a String takes everything");
        if row.limits.rpd.or(row.limits.tpd).is_none() {
            text += "rpd = 250\ntpm = 40000\n";
        }
        if row.limits.rpm.is_none() {
            text += "rpm = 10\n";
        }
    }
    text
}

fn played(file: &str, load: &dyn Fn(&str) -> io::Result<String>) -> Report {
    let scenario = Reader { kinds: &of_the_row, load }.read("free.toml", file).expect("a good file");
    run(&scenario, 1)
}

/// No provider was asked for more than it allows, by its own strict count, and none had to be: each was used.
fn assert_kept(report: &Report) {
    for tier in &report.tiers {
        assert_eq!(tier.over_limit, 0, "{}: {:?}", tier.name, tier.quota);
        assert!(tier.answered > 0, "{} was of no use", tier.name);
        assert!(!tier.failed.contains_key("rate limited"), "{}: {:?}", tier.name, tier.failed);
        let quota = tier.quota;
        let minute =
            [quota.rpm, quota.tpm].into_iter().all(|used| used.allowed.is_none_or(|most| used.peak <= most.into()));
        assert!(minute, "{}: {quota:?}", tier.name);
    }
}

const DAY_OF_TEN_THOUSAND: &str = "[traffic]
requests_a_day = 10000
shape = \"flat\"
prompt_tokens = { median = 300, p95 = 1500 }
answer_tokens = { median = 200, p95 = 800 }
max_tokens = 2048
streamed_percent = 80
";

#[test]
fn ten_thousand_requests_of_a_day_exceed_no_limit_of_any_free_plan() {
    let rows = free();
    assert!(rows.len() >= 9, "every free cloud of the file: {rows:?}");
    let report = played(&file(DAY_OF_TEN_THOUSAND), &|_| Err(io::ErrorKind::NotFound.into()));
    assert!((9_500..10_500).contains(&report.requests), "{}", report.requests);
    assert_eq!(report.tiers.len(), rows.len());
    assert_kept(&report);
    let place = |word: &str| rows.iter().position(|row| row.as_str() == word).expect("it is in the file");
    let day = |word: &str| report.tiers[place(word)].quota.rpd;
    let gemini = day("gemini");
    let allowed = u64::from(gemini.allowed.expect("it was given one"));
    assert!(
        gemini.peak > allowed && gemini.peak <= 2 * allowed,
        "midnight in California gives it a second day: {gemini:?}"
    );
    let groq = day("groq");
    assert!(groq.peak <= u64::from(groq.allowed.expect("a thousand")), "its day is the last 24 hours: {groq:?}");
}

/// Three days of three thousand requests, a line each.
fn three_days() -> String {
    let mut lines = String::new();
    for request in 0_u32..9_000 {
        let (day, second) = (1 + request / 3_000, request % 3_000 * 28);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let (prompt, answer) = (100 + request * 37 % 1_400, 50 + request * 53 % 700);
        writeln!(
            lines,
            r#"{{"at":"2026-03-0{day}T{hour:02}:{minute:02}:{second:02}Z","prompt_tokens":{prompt},"answer_tokens":{answer},"max_tokens":2048,"streamed":true,"attempts":[],"ending":"answered"}}"#
        )
        .expect("a String takes everything");
    }
    lines
}

#[test]
fn days_that_end_at_different_moments_are_kept_over_several_of_them() {
    let report = played(&file("traffic = \"days.jsonl\"\n"), &|_| Ok(three_days()));
    assert_eq!((report.requests, report.days), (9_000, 3));
    assert_kept(&report);
}
