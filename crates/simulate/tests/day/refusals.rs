use super::*;

const TRAFFIC: &str = "[traffic]\nrequests_a_day = 10\nprompt_tokens = 100\nanswer_tokens = 100\n";
const TIER: &str = "[[tier]]\nprompt_tokens_per_s = 100\nanswer_tokens_per_s = 10\n";

fn refused(text: &str) -> String {
    let refused = read(text).expect_err(text).to_string();
    assert_eq!(refused.lines().count(), 1, "{refused}");
    refused
}

#[test]
fn a_bad_value_is_named_with_its_line_and_what_its_key_takes() {
    for (line, expected) in [
        ("timeout_ms = 0", "timeout_ms: takes whole milliseconds, 1 to 1000000000"),
        ("rpm = -3", "rpm: takes a whole number, 1 to 1000000000"),
        ("rpm = 2.5", "rpm: takes a whole number, 1 to 1000000000"),
        ("slots = \"four\"", "slots: invalid type: string \"four\", expected a whole number, 1 to 1000000000"),
        ("answer_tokens_per_s_in_all = 0", "answer_tokens_per_s_in_all: takes tokens a second, 0.01 to 1000000"),
        ("failures = { cut = 101 }", "cut: takes a percentage, 0 to 100"),
        ("first_byte_ms = { median = 9, p95 = 3 }", "first_byte_ms: takes a p95 that is no less than the median"),
        (
            "first_byte_ms = []",
            "first_byte_ms: takes a number, a list of numbers, or { median = …, p95 = … }, each 0 to 1000000000",
        ),
    ] {
        assert_eq!(refused(&format!("{TRAFFIC}{TIER}{line}\n")), format!("day.toml:8: {expected}"));
    }
}

#[test]
fn an_unknown_key_is_named_with_those_that_there_are() {
    let said = refused(&format!("{TRAFFIC}{TIER}speed = 3\n"));
    assert!(said.starts_with("day.toml:8: unknown field `speed`, expected one of `number`, `type`, "), "{said}");
    let said = refused(&format!("{TRAFFIC}shap = \"flat\"\n{TIER}"));
    assert!(said.starts_with("day.toml:5: unknown field `shap`, expected one of `requests_a_day`, "), "{said}");
    let said = refused(&format!("expects = [90]\n{TRAFFIC}{TIER}"));
    assert!(said.starts_with("day.toml:1: unknown field `expects`, expected one of `traffic`, "), "{said}");
    let said = refused("[traffic]\nrequests_a_day = 10\nprompt_tokens = { mean = 3 }\nanswer_tokens = 1\n");
    assert!(
        said.starts_with("day.toml:3: ") && said.contains("unknown field `mean`, expected `median` or `p95`"),
        "{said}"
    );
}

#[test]
fn what_is_missing_is_named() {
    for (text, expected) in [
        (TIER.to_owned(), "day.toml:1: missing field `traffic`"),
        (TRAFFIC.to_owned(), "day.toml:1: no [[tier]]: takes one for each tier, in the order in which they are asked"),
        (
            format!("{TRAFFIC}[[tier]]\nprompt_tokens_per_s = 1\n"),
            "day.toml:5: tier 1: answer_tokens_per_s: is needed, in tokens a second, where no export has answers enough to learn it from",
        ),
        (
            "[traffic]\nprompt_tokens = 1\nanswer_tokens = 1\n".to_owned(),
            "day.toml:1: traffic: takes requests_a_day, with a shape or without, or else by_hour",
        ),
        (
            format!("{TRAFFIC}by_hour = [1]\n{TIER}"),
            "day.toml:1: traffic: takes requests_a_day, with a shape or without, or else by_hour",
        ),
        (
            TRAFFIC.replace("requests_a_day = 10", "by_hour = [1, 2]"),
            "day.toml:1: by_hour: takes 24 numbers, one an hour, and has 2",
        ),
        (
            format!("{TRAFFIC}{TIER}sleeps_after_ms = 5\n"),
            "day.toml:5: tier 1: takes sleeps_after_ms and wakes_in_ms together",
        ),
        (
            format!("{TRAFFIC}\n{TIER}{TIER}type = \"openai\"\n"),
            "day.toml:9: tier 2: type: takes one of space, local, groq, serverless, commercial",
        ),
    ] {
        assert_eq!(refused(&text), expected);
    }
}

#[test]
fn what_contradicts_itself_is_named() {
    for (text, expected) in [
        (format!("hedge_paid = true\n{TRAFFIC}{TIER}"), "day.toml:1: hedge_paid: takes true where hedge = true too"),
        (
            format!("expect = [90, 10]\n{TRAFFIC}{TIER}"),
            "day.toml:1: expect: takes a percentage a tier, and there are 1 tiers",
        ),
        (format!("{TRAFFIC}{TIER}retries = 11\n"), "day.toml:5: tier 1: retries: takes a whole number, 0 to 10"),
        (
            format!("{TRAFFIC}{TIER}answer_tokens_per_s_in_all = 5\n"),
            "day.toml:5: tier 1: answer_tokens_per_s_in_all: takes no less than answer_tokens_per_s",
        ),
        (
            format!("{TRAFFIC}{TIER}failures = {{ cut = 60, silent = 60 }}\n"),
            "day.toml:5: tier 1: failures: take 100 percent in all at most",
        ),
        (
            format!("{TRAFFIC}{TIER}failures = {{ fire = 1 }}\n"),
            "day.toml:5: tier 1: failures: fire: takes one of connection, unreachable, silent, overloaded, rate_limited, misconfigured, unavailable, nonsense, cut, stalled",
        ),
    ] {
        assert_eq!(refused(&text), expected);
    }
}

#[test]
fn an_outage_has_a_time_and_a_trouble() {
    let outage = |from: &str, to: &str, fails: &str| {
        refused(&format!("{TRAFFIC}{TIER}[[tier.outage]]\nfrom = {from}\nto = {to}\nfails = {fails}\n"))
    };
    let time = "takes a time of the day in quotes, \"00:00\" to \"24:00\"";
    for from in ["\"25:00\"", "\"7:00\"", "\"12:60\"", "12"] {
        assert_eq!(outage(from, "\"13:00\"", "\"cut\""), format!("day.toml:9: from: {time}"));
    }
    assert_eq!(
        outage("\"13:00\"", "\"12:00\"", "\"cut\""),
        "day.toml:5: tier 1: outage: takes a `from` that is earlier in the day than its `to`"
    );
    assert!(
        outage("\"12:00\"", "\"24:00\"", "\"fire\"")
            .starts_with("day.toml:5: tier 1: outage: fails: fire: takes one of ")
    );
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let said = refused("[traffic]\nrequests_a_day 10\n");
    assert!(said.starts_with("day.toml:2: "), "{said}");
}
