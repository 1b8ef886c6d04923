//! Asks a server for the words of pages: `cargo run -p kit --example words -- http://127.0.0.1:7860/v1 requests.txt`
//!
//! Prints what each request is answered with, and of all of them how many tokens and seconds they took.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().context("say the server's address, such as http://127.0.0.1:7860/v1")?;
    let file = arguments.next().context("say a file of requests, one a line")?;
    let requests = std::fs::read_to_string(&file).with_context(|| format!("{file} cannot be read"))?;
    let agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(120))).build().new_agent();
    let (mut tokens, mut seconds) = (Vec::new(), Vec::new());
    for request in requests.lines() {
        let begun = Instant::now();
        let mut body = json!({"model": "tier-1", "messages": kit::messages(request), "temperature": 0});
        body["grammar"] = kit::grammar().into();
        let answer: Value =
            agent.post(format!("{address}/chat/completions")).send_json(&body)?.body_mut().read_json()?;
        let text = answer["choices"][0]["message"]["content"].as_str().context("the answer has no text")?;
        println!("── {request}\n{text}\n   {}\n", answer["usage"]);
        tokens.push(answer["usage"]["completion_tokens"].as_f64().unwrap_or_default());
        seconds.push(begun.elapsed().as_secs_f64());
    }
    println!("tokens: {}\nseconds: {}", spread(tokens), spread(seconds));
    Ok(())
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values.get(values.len() * part / 4).or(values.last()).copied().unwrap_or_default();
    format!("{:.1} at least, {:.1} in the middle, {:.1} at most", at(0), at(2), at(4))
}
