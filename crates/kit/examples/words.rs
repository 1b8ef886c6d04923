//! Asks a server for words, and counts what they hold.
//!
//! `words -- ADDRESS REQUESTS` asks for a page for each line of a file, `words -- ADDRESS WISHES WORDS` for a change of
//! these words for each line, which may begin with the place that was chosen: `s0.1: shorter`. The address is such as
//! `http://127.0.0.1:7860/v1`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use kit::{Message, Spot, Words, facts};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let server = Server::at(arguments.next().context("say the server's address, such as http://127.0.0.1:7860/v1")?);
    let lines = read(&arguments.next().context("say a file of requests, one a line")?)?;
    let words = arguments.next().map(|file| read(&file)).transpose()?.map(|text| Words::parse(&text));
    let mut all = Vec::new();
    for line in lines.lines() {
        println!("── {line}");
        all.push(match &words {
            None => page(&server, line)?,
            Some(words) => wish(&server, words, line)?,
        });
    }
    let of = |number: fn(&Answer) -> f64| spread(all.iter().map(number).collect());
    println!("tokens {}\nseconds {}\nto the first token {}", of(|a| a.tokens), of(|a| a.seconds), of(|a| a.first));
    Ok(())
}

fn read(file: &str) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{file} cannot be read"))
}

fn page(server: &Server, request: &str) -> Result<Answer> {
    let answer = server.ask(&kit::messages(request), &kit::grammar_for(request))?;
    let mut words = Words::parse(&answer.text);
    println!("{words}");
    let facts = facts::of(request);
    let left_out = kit::leave_out(&mut words, request);
    let put_in = facts::put_in(&mut words, &facts);
    let concealed = facts::conceal(&mut words, request);
    let texts =
        |texts: Vec<facts::MadeUp>| texts.into_iter().map(|made_up| made_up.text).collect::<Vec<_>>().join(" · ");
    let put_in = put_in.iter().map(|fact| fact.text.as_str()).collect::<Vec<_>>();
    println!("facts {}, put in: {}; left out: {}", facts.len(), put_in.join(" · "), left_out.join(" · "));
    println!("made up: {}; concealed: {}", texts(facts::made_up(&words, request)), concealed.len());
    println!("{:.0} tokens, {:.1} s\n", answer.tokens, answer.seconds);
    Ok(answer)
}

fn wish(server: &Server, words: &Words, line: &str) -> Result<Answer> {
    let chosen = line.split_once(": ").and_then(|(spot, wish)| Some((spot.parse::<Spot>().ok()?, wish)));
    let (spot, wish) = chosen.map_or((None, line), |(spot, wish)| (Some(spot), wish));
    let answer = server.ask(&kit::wish_messages(words, wish, spot), kit::wish_grammar(words, spot))?;
    let mut changed = words.clone();
    match spot {
        None => changed = Words::parse(&answer.text),
        Some(spot) => changed.set(kit::rewritten(spot), &answer.text)?,
    }
    let (before, after) = (words.to_string(), changed.to_string());
    before.lines().filter(|line| !after.lines().any(|other| other == *line)).for_each(|line| println!("- {line}"));
    after.lines().filter(|line| !before.lines().any(|other| other == *line)).for_each(|line| println!("+ {line}"));
    println!("{:.0} tokens, {:.1} s\n", answer.tokens, answer.seconds);
    Ok(answer)
}

struct Answer {
    text: String,
    tokens: f64,
    seconds: f64,
    first: f64,
}

struct Server {
    agent: ureq::Agent,
    address: String,
}

impl Server {
    fn at(address: String) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(120))).build().new_agent();
        Self { agent, address }
    }

    fn ask(&self, messages: &[Message], grammar: &str) -> Result<Answer> {
        let body = json!({"model": "tier-1", "messages": messages, "grammar": grammar, "temperature": 0, "stream": true,
            "stream_options": {"include_usage": true}});
        let begun = Instant::now();
        let mut answer = Answer { text: String::new(), tokens: 0.0, seconds: 0.0, first: 0.0 };
        let mut response = self.agent.post(format!("{}/chat/completions", self.address)).send_json(&body)?;
        for line in std::io::BufRead::lines(std::io::BufReader::new(response.body_mut().as_reader())) {
            let line = line?;
            let Some(event) = line.strip_prefix("data: ").and_then(|data| serde_json::from_str::<Value>(data).ok())
            else {
                continue;
            };
            if let Some(text) = event["choices"][0]["delta"]["content"].as_str().filter(|text| !text.is_empty()) {
                answer.first = if answer.text.is_empty() { begun.elapsed().as_secs_f64() } else { answer.first };
                answer.text.push_str(text);
            }
            answer.tokens = event["usage"]["completion_tokens"].as_f64().unwrap_or(answer.tokens);
        }
        answer.seconds = begun.elapsed().as_secs_f64();
        anyhow::ensure!(!answer.text.is_empty(), "the answer has no text");
        Ok(answer)
    }
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values.get(values.len() * part / 4).or(values.last()).copied().unwrap_or_default();
    format!("{:.1} at least, {:.1} in the middle, {:.1} at most", at(0), at(2), at(4))
}
