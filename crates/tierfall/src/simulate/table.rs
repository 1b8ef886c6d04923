//! What came of a simulation, as people read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use simulate::{Percentiles, Report, TierReport, Used, Verdict};

use super::Part;

/// The columns, and which of them stand to the right.
const HEAD: [(&str, bool); 8] = [
    ("TIER", false),
    ("SHARE", true),
    ("ANSWERED", true),
    ("ASKED", true),
    ("FAILED", true),
    ("SKIPPED", true),
    ("FIRST TOKEN p50/95/99", true),
    ("END p50/95/99", true),
];

type Row = [String; HEAD.len()];

/// Everything that `report` says, in lines.
pub(super) fn render(report: &Report, holds_at: Option<&Part>) -> String {
    let mut text = head(report);
    let mut rows: Vec<Row> = report.tiers.iter().map(row).collect();
    rows.push(all(report));
    text += &columns(&rows);
    text.push('\n');
    for tier in &report.tiers {
        text += &details(tier);
    }
    text += &whole(report);
    if !report.expected.is_empty() {
        text.push('\n');
        report.expected.iter().for_each(|verdict| text += &judged(verdict, report.requests));
        text += &conclusion(report, holds_at);
    }
    text
}

fn head(report: &Report) -> String {
    let (prompt, answer) = (report.sizes.prompt_tokens, report.sizes.answer_tokens);
    let (days, runs) = (report.days, report.runs);
    let time = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
    let times = if runs == 1 { String::new() } else { format!(", {runs} times over") };
    format!(
        "{} requests in {time}{times} (seed {}); half of the prompts are over {} tokens and one in 20 over {}, of the answers {} and {}\n\n",
        grouped(report.requests),
        report.seed,
        grouped(prompt.0.into()),
        grouped(prompt.1.into()),
        grouped(answer.0.into()),
        grouped(answer.1.into())
    )
}

fn row(tier: &TierReport) -> Row {
    [
        tier.name.clone(),
        format!("{:.2} %", tier.share_percent),
        grouped(tier.answered),
        grouped(tier.attempts),
        grouped(tier.failed.values().sum()),
        grouped(tier.skipped.values().sum()),
        seconds(tier.first_token_ms),
        seconds(tier.end_ms),
    ]
}

fn all(report: &Report) -> Row {
    let nothing = String::new;
    [
        "all".to_owned(),
        format!("{:.2} %", report.percent(report.answered)),
        grouped(report.answered),
        nothing(),
        nothing(),
        nothing(),
        seconds(report.first_token_ms),
        seconds(report.end_ms),
    ]
}

/// As wide as their widest cell.
fn columns(rows: &[Row]) -> String {
    let head = HEAD.map(|(name, _)| name.to_owned());
    let rows: Vec<&Row> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let line = |row: &&Row| {
        let cells = row.iter().zip(widths).zip(HEAD).map(|((cell, width), (_, right))| {
            if right { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Why it failed and was passed over, what it used of its quota, and how long its breaker was open.
fn details(tier: &TierReport) -> String {
    let mut said = Vec::new();
    if !tier.failed.is_empty() {
        said.push(format!("failed: {}", counted(&tier.failed)));
    }
    if !tier.skipped.is_empty() {
        said.push(format!("skipped: {}", counted(&tier.skipped)));
    }
    if tier.hedges > 0 {
        said.push(format!("{} times started beside a tier that was late", grouped(tier.hedges)));
    }
    if tier.overtaken > 0 {
        said.push(format!("{} times overtaken by a tier beside it", grouped(tier.overtaken)));
    }
    if tier.queued > 0 {
        said.push(format!("{} requests waited for their turn", grouped(tier.queued)));
    }
    let quota = tier.quota;
    let used: Vec<_> = [
        used(quota.rpm, "requests a minute"),
        used(quota.rpd, "requests a day"),
        used(quota.tpm, "tokens a minute"),
        used(quota.tpd, "tokens a day"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !used.is_empty() {
        said.push(format!("at the peak {}", used.join(", ")));
    }
    if tier.over_limit > 0 {
        said.push(format!("{} times asked for more than its provider allows", grouped(tier.over_limit)));
    }
    if tier.shortened > 0 {
        said.push(format!("{} answers shortened to what its quota had room for", grouped(tier.shortened)));
    }
    if tier.breaker_open_hours > 0.0 {
        said.push(format!("breaker open for {}", lasting(tier.breaker_open_hours)));
    }
    said.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "Tier {}: {line}", tier.number);
        text
    })
}

fn counted(counts: &BTreeMap<&'static str, u64>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|&(_, &count)| std::cmp::Reverse(count));
    counts.iter().map(|&(word, &count)| format!("{} {word}", grouped(count))).collect::<Vec<_>>().join(", ")
}

fn used(used: Used, of: &str) -> Option<String> {
    let allowed = used.allowed?;
    Some(format!("{} of {} {of}", grouped(used.peak), grouped(allowed.into())))
}

fn whole(report: &Report) -> String {
    let mut text = format!(
        "All: {} of {} answered, {} of them carried on by another tier in the middle",
        grouped(report.answered),
        grouped(report.requests),
        grouped(report.carried_on)
    );
    if report.refused > 0 {
        let _ = write!(text, "; {} refused as the caller's own fault", grouped(report.refused));
    }
    let failures = report.failures();
    let _ = write!(text, "; {} failed in sight of the caller", grouped(failures));
    if failures > 0 {
        let _ = write!(text, " ({:.2} %: {})", report.percent(failures), counted(&report.failed));
    }
    text.push('\n');
    text
}

fn judged(verdict: &Verdict, requests: u64) -> String {
    let &Verdict { tier, share_percent, expected_percent, at_least, .. } = verdict;
    let bound = if at_least { "at least" } else { "at most" };
    let holds = if verdict.holds { "yes" } else { "no" };
    let less_than_one = !at_least && requests as f64 * expected_percent < 100.0;
    let note = if less_than_one { " (that is less than one request: --runs tells more)" } else { "" };
    format!("Tier {tier} answers {share_percent:.2} %; {bound} {expected_percent} % expected: {holds}{note}\n")
}

fn conclusion(report: &Report, holds_at: Option<&Part>) -> String {
    match holds_at {
        _ if report.is_as_expected() => "What is expected holds at this traffic.\n".to_owned(),
        Some(Part { percent, requests_a_day }) => format!(
            "What is expected does not hold at this traffic. It holds at {percent:.0} % of it: {} requests a day.\n",
            grouped(*requests_a_day)
        ),
        None => "What is expected does not hold at this traffic, nor at any part of it that is large enough to tell.\n"
            .to_owned(),
    }
}

/// In hours or, where that would be little of one, in minutes or seconds.
fn lasting(hours: f64) -> String {
    match hours {
        1.0.. => format!("{hours:.1} h"),
        _ if hours * 60.0 >= 1.0 => format!("{:.0} min", hours * 60.0),
        _ => format!("{:.0} s", hours * 3_600.0),
    }
}

/// In seconds.
fn seconds(times: Percentiles) -> String {
    let one = |ms: Option<u32>| ms.map(|ms| format!("{:.1}", f64::from(ms) / 1_000.0));
    match (one(times.p50), one(times.p95), one(times.p99)) {
        (Some(p50), Some(p95), Some(p99)) => format!("{p50} / {p95} / {p99} s"),
        _ => "–".to_owned(),
    }
}

/// With a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_unit_that_shows_it() {
        assert_eq!([3.25, 1.0, 0.5, 0.01].map(lasting), ["3.2 h", "1.0 h", "30 min", "36 s"]);
    }

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!([0, 999, 1_000, 123_456, 1_234_567].map(grouped), ["0", "999", "1,000", "123,456", "1,234,567"]);
    }
}
