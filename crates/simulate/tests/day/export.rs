use super::*;

/// What a ledger says of a day on which tier 1 read 100 tokens a second after 200 ms and said 20, and tier 2 answered every
/// tenth request that tier 1 had cut.
fn export() -> String {
    let mut lines = String::new();
    for request in 0_u32..200 {
        let (prompt, answer) = (100 + request * 7 % 1_000, 50 + request * 13 % 300);
        let (hour, minute) = (request / 20, request * 3 % 60);
        let first = 200 + prompt * 10 + 50;
        let answered = |tier, speed: u32| {
            let ms = first + (answer - 1) * 1_000 / speed;
            format!(r#"{{"tier":{tier},"outcome":"ok","first_token_ms":{first},"ms":{ms},"tokens":{answer}}}"#)
        };
        let attempts = if request % 10 == 3 {
            let cut = r#"{"tier":1,"outcome":"cut","first_token_ms":300,"ms":900,"tokens":10}"#;
            format!("{cut},{}", answered(2, 200))
        } else {
            answered(1, 20)
        };
        lines += &format!(
            r#"{{"at":"2026-03-09T{hour:02}:{minute:02}:00.5Z","route":"auto","prompt_tokens":{prompt},"answer_tokens":{answer},"max_tokens":2048,"streamed":true,"attempts":[{attempts}],"ending":"answered"}}"#
        );
        lines.push('\n');
    }
    lines
}

#[test]
fn an_export_is_traffic_and_tells_how_fast_its_tiers_were() {
    let scenario = read_beside("export.jsonl", &export(), &|_| unreachable!("it names no other file"));
    let report = run(&scenario.expect("a good export"), 1);
    assert_eq!((report.requests, report.failures(), report.days), (200, 0, 1));
    let tier = &report.tiers[0];
    let share = tier.failed["cut"] as f64 / tier.attempts as f64;
    assert!((0.05..0.16).contains(&share), "a tenth was cut: {share}");
    let first = tier.first_token_ms.p50.expect("answers");
    assert!((4_300..6_000).contains(&first), "half of the prompts are over 480 tokens: {first}");
}

#[test]
fn a_file_may_take_its_traffic_from_an_export_and_its_tiers_from_both() {
    let file = "traffic = \"march.jsonl\"\n[[tier]]\nname = \"Mine\"\nfailures = {}\n[[tier]]\nprompt_tokens_per_s = 9000\nanswer_tokens_per_s = 900\n";
    let load = |path: &str| if path == "march.jsonl" { Ok(export()) } else { Err(io::ErrorKind::NotFound.into()) };
    let report = run(&read_beside("day.toml", file, &load).expect("a good file"), 1);
    assert_eq!((report.requests, report.tiers[0].name.as_str()), (200, "Mine"));
    assert!(!report.tiers[0].failed.contains_key("cut"), "the file says that none fails: {:?}", report.tiers[0].failed);
}

#[test]
fn requests_come_in_their_order_whatever_that_of_the_lines_is() {
    let lines: Vec<_> = export().lines().map(str::to_owned).collect();
    let backwards: String = lines.iter().rev().map(|line| format!("{line}\n")).collect();
    let reports =
        [export(), backwards].map(|text| run(&read_beside("x.jsonl", &text, &|_| unreachable!()).expect("good"), 1));
    assert_eq!(reports[0].requests, reports[1].requests);
    assert_eq!(reports[0].first_token_ms, reports[1].first_token_ms);
}

#[test]
fn a_line_that_is_no_request_is_named() {
    let good = export();
    let good = good.lines().next().expect("a line");
    let refused = |line: &str| {
        let text = format!("{good}\n\n{line}\n");
        read_beside("x.jsonl", &text, &|_| unreachable!()).expect_err(line).to_string()
    };
    assert!(refused("{").starts_with("x.jsonl:3: takes one request a line, as a JSON object: "));
    let unknown = refused(&good.replace("\"route\"", "\"rout\""));
    assert!(unknown.starts_with("x.jsonl:3: unknown field `rout`, expected one of `at`, "), "{unknown}");
    assert_eq!(
        refused(&good.replace("2026-03-09T00", "2026-03-09 at 0")),
        "x.jsonl:3: at: takes a time such as 2026-01-31T12:00:00Z (RFC 3339)"
    );
    assert!(refused(&good.replace("\"answered\"", "\"well\"")).contains("expected one of `answered`, `refused`"));
    let empty = read_beside("x.jsonl", "\n", &|_| unreachable!()).expect_err("empty").to_string();
    assert_eq!(empty, "x.jsonl:1: takes one request a line, and has none");
}

#[test]
fn a_tier_of_which_too_little_is_known_is_named() {
    let few: String = export().lines().take(15).map(|line| format!("{line}\n")).collect();
    let refused = read_beside("x.jsonl", &few, &|_| unreachable!()).expect_err("too few").to_string();
    assert_eq!(
        refused,
        "x.jsonl:1: tier 1: prompt_tokens_per_s: is needed, in tokens a second, where no export has answers enough to learn it from"
    );
}

#[test]
fn an_export_that_cannot_be_read_is_named_where_the_file_names_it() {
    let refused = read("\ntraffic = \"gone.jsonl\"\n").expect_err("there is none").to_string();
    assert!(refused.starts_with("day.toml:2: traffic: gone.jsonl cannot be read: "), "{refused}");
}

#[test]
fn what_fails_at_a_time_of_the_day_fails_on_each_day_of_an_export() {
    let two_days = export() + &export().replace("2026-03-09", "2026-03-10");
    let load = |_: &str| Ok(two_days.clone());
    let tier = "[[tier]]\nfailures = {}\n";
    let moved = |from: &str, to: &str| {
        let outage = format!("[[tier.outage]]\nfrom = \"{from}\"\nto = \"{to}\"\nfails = \"unreachable\"\n");
        let file = format!("traffic = \"two.jsonl\"\n{tier}{outage}[[tier]]\nfailures = {{}}\n");
        run(&read_beside("day.toml", &file, &load).expect("a good file"), 1)
    };
    let all_day = moved("00:00", "24:00");
    assert_eq!((all_day.days, all_day.requests, all_day.tiers[1].answered), (2, 400, 400));
    let first_hours = moved("00:00", "05:00").tiers[1].answered;
    assert!((200..230).contains(&first_hours), "a hundred each day: {first_hours}");
}
