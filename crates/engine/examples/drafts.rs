//! What drafts save: `cargo run -p engine --example drafts -- MODEL.gguf [ROUNDS] [TOKENS]` answers each job with and without them, in
//! turns, and prints the median ratio of the two times.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use engine::model::{Chat, Done, Drafting, Generation, Job, Model, ModelSettings, Output, Sampling, Token};
use serde_json::json;
use serde_json::value::to_raw_value;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: drafts MODEL.gguf [ROUNDS] [TOKENS]")?;
    let rounds: usize = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let longest: u32 = arguments.next().map_or(Ok(1200), |longest| longest.parse())?;
    let model = Model::load(ModelSettings::new(path), |_| {})?;
    let page = page();
    println!(
        "a page of {} tokens, a note of {}",
        model.tokenize(&page, false).len(),
        model.tokenize(&note(), false).len()
    );
    let rewrite = format!("Change the title of this page to Salt and Rye. Answer with the whole page.\n\n{page}");
    let jobs = [
        ("a page rewritten", chat(&model, &rewrite)?, longest),
        ("a note rewritten", chat(&model, &note())?, longest),
        ("a page begun", chat(&model, "Write a web page for a small harbour museum.")?, longest.min(300)),
        ("a story", chat(&model, "Tell me a story of a lighthouse keeper.")?, longest.min(300)),
    ];
    for (what, prompt, most) in jobs {
        compare(&model, what, &prompt, most, rounds)?;
    }
    Ok(())
}

fn compare(model: &Model, what: &str, prompt: &[Token], most: u32, rounds: usize) -> Result<(), Failure> {
    let job = |drafting, most| Job {
        prompt: prompt.to_vec(),
        max_tokens: Some(most),
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        drafting,
        ..Job::default()
    };
    wait(model.generate(job(Drafting::Never, 1))?)?;
    let (mut ratios, mut last) = (Vec::new(), None);
    for _ in 0..rounds {
        let (alone, without) = wait(model.generate(job(Drafting::Never, most))?)?;
        let (drafted, with) = wait(model.generate(job(Drafting::WhereItPays, most))?)?;
        let speed = |done: &Done| f64::from(done.completion_tokens) / done.timings.answer.as_secs_f64();
        ratios.push(speed(&with) / speed(&without));
        println!("  {:.1} and {:.1} tokens/s", speed(&without), speed(&with));
        last = Some((alone == drafted, with));
    }
    ratios.sort_by(f64::total_cmp);
    let Some((same, done)) = last else { return Ok(()) };
    println!(
        "{what}: {:.2} times the speed (median of {rounds}); {} tokens, of {} drafted {} kept, {} near ties, the same text: {same}",
        ratios[rounds / 2],
        done.completion_tokens,
        done.drafts.tokens,
        done.drafts.accepted,
        done.drafts.near_ties,
    );
    Ok(())
}

fn chat(model: &Model, words: &str) -> Result<Vec<Token>, Failure> {
    let messages = to_raw_value(&json!([{"role": "user", "content": words}]))?;
    Ok(model.render_chat(&Chat { messages: &messages, tools: None, extra: None })?.tokens)
}

/// A short Markdown text of which one line changes.
fn note() -> String {
    let note = "# Old Town Bakery\n\nBread from the valley, baked by hand since 1911.\n\n## Hours\n\n- Monday: closed\n\
                - Tuesday to Friday: 6:30 to 18:00\n- Saturday: 7:00 to 13:00\n\n## Prices\n\n- Rye bread: 4.20 €\n\
                - Spelt bread: 4.80 €\n- Walnut bread: 5.60 €\n\n## Contact\n\n12 Well Street, beside the fountain. Call 555 0134.\n";
    format!("Change the price of the spelt bread to 5.10 €. Write the whole text again, and nothing else.\n\n{note}")
}

/// Shaped like a page that such a model writes: much markup, few words twice.
fn page() -> String {
    let breads = [
        ("Rye", "dark, dense and sour, from grain of the valley", "4.20"),
        ("Spelt", "light, nutty, with a crust that sings", "4.80"),
        ("Oat", "soft and moist, kept for four days", "3.90"),
        ("Walnut", "toasted nuts in a wheat dough", "5.60"),
        ("Fig", "sweet slices for cheese and cold evenings", "5.90"),
        ("Potato", "made on Fridays, gone by noon", "3.40"),
    ];
    let card = |(name, words, price): &(&str, &str, &str)| {
        format!(
            "      <article class=\"card\" id=\"{}\">\n        <h3>{name} bread</h3>\n        <p>{words}.</p>\n        \
             <span class=\"price\">{price} €</span>\n      </article>\n",
            name.to_lowercase()
        )
    };
    let cards: String = breads.iter().map(card).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n  <title>Old Town Bakery</title>\n  <style>\n    \
         body {{ margin: 0; font-family: Georgia, serif; color: #2b2118; background: #fbf6ee; }}\n    \
         header {{ padding: 4rem 2rem; text-align: center; background: #e7d3b1; }}\n    \
         main {{ max-width: 60rem; margin: 0 auto; display: grid; gap: 1.5rem; }}\n    \
         .card {{ padding: 1rem 1.5rem; border: 1px solid #d9c4a0; border-radius: 12px; }}\n    \
         .price {{ font-weight: bold; color: #8a3b12; }}\n    footer {{ padding: 2rem; font-size: 0.9rem; }}\n  \
         </style>\n</head>\n<body>\n  <header>\n    <h1>Old Town Bakery</h1>\n    <p>Baked by hand since 1911, a few steps from the \
         market hall.</p>\n  </header>\n  <main>\n{cards}  </main>\n  <section>\n    <h2>Hours</h2>\n    <table>\n      \
         <tr><td>Monday</td><td>closed</td></tr>\n      <tr><td>Tuesday to Friday</td><td>6:30 to 18:00</td></tr>\n      \
         <tr><td>Saturday</td><td>7:00 to 13:00</td></tr>\n    </table>\n  </section>\n  <footer>\n    <p>12 Well Street, \
         beside the fountain. Call 555 0134.</p>\n  </footer>\n</body>\n</html>\n"
    )
}

/// Reads an answer to its end on this thread.
fn wait(mut generation: Generation) -> Result<(String, Done), String> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut text = String::new();
    loop {
        match generation.poll_next(&mut Context::from_waker(&waker)) {
            Poll::Pending => thread::park(),
            Poll::Ready(Some(Output::Text(more))) => text.push_str(&more),
            Poll::Ready(Some(Output::Done(done))) => return Ok((text, done)),
            Poll::Ready(Some(Output::Failed(reason))) => return Err(reason),
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => return Err("no end".to_owned()),
        }
    }
}
