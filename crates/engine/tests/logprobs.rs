//! What is told of each token, and prompts that several answers share, with a real model (`TIERFALL_TEST_MODEL`).

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::sync::LazyLock;

use engine::grammar::Constraint;
use engine::model::{
    Done, Drafting, Finish, Generation, Job, Logprob, Logprobs, Model, ModelSettings, Output, Sampling, Token,
};

/// What the order of a sum, which depends on what else is in a batch, was seen to change in a log-probability (0.13), and
/// some more.
const ROUNDING: f32 = 0.4;

fn load(parallel: u32) -> Model {
    let path = std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`");
    Model::load(ModelSettings { context: Some(2048), parallel, ..ModelSettings::new(path) }, |_| {}).unwrap()
}

static MODEL: LazyLock<Model> = LazyLock::new(|| load(4));

#[derive(Debug)]
struct Said {
    text: String,
    prompt: Vec<Logprob>,
    tokens: Vec<Logprob>,
    done: Done,
}

fn finish(mut generation: Generation) -> Said {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut text, mut prompt, mut tokens) = (String::new(), Vec::new(), Vec::new());
    loop {
        match runtime.block_on(generation.next()).expect("an end comes before nothing") {
            Output::Text(more) => {
                text.push_str(&more);
                let told: usize = tokens.iter().map(|token: &Logprob| token.shown).sum();
                assert!(tokens.is_empty() || told >= text.len(), "a text comes with all of its tokens");
            }
            Output::Prompt(logprobs) => prompt = logprobs,
            Output::Logprobs(more) => tokens.extend(more),
            Output::Reading { .. } => {}
            Output::Failed(reason) => panic!("{reason}"),
            Output::Done(done) => return Said { text, prompt, tokens, done },
        }
    }
}

fn greedy(prompt: Vec<Token>, most: u32, logprobs: Logprobs) -> Job {
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    Job { prompt, max_tokens: Some(most), sampling, logprobs: Some(logprobs), ..Job::default() }
}

const OF_ANSWER: Logprobs = Logprobs { top: 3, prompt: false };

fn run(job: Job) -> Said {
    finish(MODEL.generate(job).unwrap())
}

fn joined(tokens: &[Logprob]) -> String {
    String::from_utf8(tokens.iter().flat_map(|token| token.bytes.clone()).collect()).unwrap()
}

fn assert_sound(token: &Logprob) {
    let own = token.logprob.unwrap();
    assert!(own <= 0.0, "{token:?}");
    let top: Vec<f32> = token.top.iter().map(|&(_, logprob)| logprob).collect();
    assert!(top.is_sorted_by(|a, b| a >= b), "{token:?}");
    assert!(top.iter().map(|logprob| logprob.exp()).sum::<f32>() <= 1.001, "{token:?}");
    assert!(top.first().is_none_or(|&first| own <= first), "{token:?}");
}

#[test]
fn each_token_of_a_greedy_answer_is_the_likeliest() {
    let said = run(greedy(MODEL.tokenize("1, 2, 3, 4,", true), 12, OF_ANSWER));
    assert_eq!((said.tokens.len(), joined(&said.tokens)), (12, said.text.clone()));
    for token in &said.tokens {
        assert_sound(token);
        assert_eq!(token.top[0], (token.bytes.clone(), token.logprob.unwrap()));
        assert_eq!(token.top.len(), 3);
    }
    let nothing = run(Job { logprobs: None, ..greedy(MODEL.tokenize("1, 2, 3, 4,", true), 12, OF_ANSWER) });
    assert_eq!((nothing.text, nothing.tokens.len()), (said.text, 0));
}

#[test]
fn a_bias_and_a_grammar_change_what_is_drawn_and_not_how_likely_it_was() {
    let prompt = MODEL.tokenize("1, 2, 3, 4, 5,", true);
    let free = run(greedy(prompt.clone(), 1, OF_ANSWER));
    let grammar = MODEL.grammar(Constraint::Gbnf("root ::= \"no\""), "").unwrap();
    let held = run(Job { grammar: Some(grammar), ..greedy(prompt.clone(), 1, OF_ANSWER) });
    assert_ne!(held.text, free.text);
    assert!(held.tokens[0].logprob < free.tokens[0].logprob);
    let word = MODEL.tokenize("no", false)[0];
    let mut biased = greedy(prompt, 1, OF_ANSWER);
    biased.sampling.logit_bias = vec![(word, 100.0)];
    let biased = run(biased);
    for other in [&held.tokens[0], &biased.tokens[0]] {
        let (own, others) = (&free.tokens[0].top[0], &other.top[0]);
        assert!(own.0 == others.0 && (own.1 - others.1).abs() < ROUNDING, "{own:?} {others:?}");
    }
    assert_eq!(biased.tokens[0].bytes, MODEL.spelled(word));
    assert!(biased.tokens[0].logprob.unwrap() < -1.0);
}

#[test]
fn what_is_guessed_is_weighed_as_what_is_drawn_step_by_step() {
    let page = "<ul><li>one</li><li>two</li><li>three</li><li>four</li></ul>\n".repeat(4);
    let prompt = MODEL.tokenize(&page, true);
    let [guessed, stepped] = [Drafting::Always, Drafting::Never]
        .map(|drafting| run(Job { drafting, ..greedy(prompt.clone(), 60, OF_ANSWER) }));
    assert!(guessed.done.drafts.accepted > 10, "{:?}", guessed.done);
    assert_eq!((joined(&guessed.tokens), &guessed.text), (guessed.text.clone(), &stepped.text));
    for (one, other) in guessed.tokens.iter().zip(&stepped.tokens) {
        assert!((one.logprob.unwrap() - other.logprob.unwrap()).abs() < ROUNDING, "{one:?} {other:?}");
    }
}

#[test]
fn a_prompt_that_is_weighed_has_what_the_answer_had_that_it_was() {
    let start = "The days of the week are Monday, Tuesday,";
    let prompt = MODEL.tokenize(start, true);
    let said = run(greedy(prompt.clone(), 10, OF_ANSWER));
    let whole = MODEL.tokenize(&format!("{start}{}", said.text), true);
    assert_eq!(whole.len(), prompt.len() + 10, "the text is read as it was written");
    let weighed = run(greedy(whole, 0, Logprobs { top: 3, prompt: true }));
    assert_eq!(joined(&weighed.prompt), format!("{start}{}", said.text));
    assert_eq!((weighed.prompt[0].logprob, weighed.tokens.len()), (None, 0));
    weighed.prompt[1..].iter().for_each(assert_sound);
    for (read, written) in weighed.prompt[prompt.len()..].iter().zip(&said.tokens) {
        assert_eq!(read.bytes, written.bytes);
        assert!((read.logprob.unwrap() - written.logprob.unwrap()).abs() < ROUNDING, "{read:?} {written:?}");
    }
}

#[test]
fn a_long_prompt_is_weighed_whole_beside_an_answer_and_whatever_the_cache_holds() {
    let text = "All work and no play makes Jack a dull boy. ".repeat(30).trim_end().to_owned();
    let prompt = MODEL.tokenize(&text, true);
    let beside = MODEL.generate(greedy(MODEL.tokenize("1, 2, 3, 4,", true), 200, OF_ANSWER)).unwrap();
    let weigh = || run(greedy(prompt.clone(), 1, Logprobs { top: 0, prompt: true }));
    let (first, second) = (weigh(), weigh());
    for said in [&first, &second] {
        assert_eq!((said.prompt.len(), joined(&said.prompt)), (prompt.len(), text.clone()));
        assert_eq!(said.tokens.len(), 1);
        assert!(said.prompt.last().unwrap().logprob.unwrap() > -1.0, "what was said thirty times is likely");
    }
    for (one, other) in first.prompt.iter().zip(&second.prompt).skip(1) {
        assert!((one.logprob.unwrap() - other.logprob.unwrap()).abs() < ROUNDING, "{one:?} {other:?}");
    }
    assert_eq!(finish(beside).tokens.len(), 200);
}

#[test]
fn a_prompt_of_one_token_has_nothing_that_foretells_it() {
    let said = run(greedy(vec![5], 0, Logprobs { top: 5, prompt: true }));
    assert_eq!((said.prompt.len(), said.prompt[0].logprob, said.done.finish), (1, None, Finish::Length));
}

#[test]
fn the_tokens_of_a_stop_string_are_not_told() {
    let prompt = MODEL.tokenize("1, 2, 3, 4,", true);
    let said = run(Job { stop: vec![" 7".to_owned()], ..greedy(prompt, 20, OF_ANSWER) });
    assert_eq!((said.text.as_str(), joined(&said.tokens).as_str()), (" 5, 6,", " 5, 6,"));
}

#[test]
fn answers_to_one_prompt_read_it_once() {
    let model = load(4);
    let prompt = model.tokenize(&"A market in summer is full of people. ".repeat(40), true);
    let length = u32::try_from(prompt.len()).unwrap();
    let job = |seed| Job {
        prompt: prompt.clone(),
        max_tokens: Some(8),
        sampling: Sampling { seed: Some(seed), temperature: 1.5, ..Sampling::default() },
        ..Job::default()
    };
    let running: Vec<_> = (1..=6).map(|seed| model.generate(job(seed)).unwrap()).collect();
    let said: Vec<_> = running.into_iter().map(finish).collect();
    let cached: Vec<_> = said.iter().map(|said| said.done.cached_tokens).collect();
    assert_eq!(cached[0], 0);
    assert!(cached[1..].iter().all(|&cached| cached == length - 1), "{cached:?} of {length}");
    assert!(said[1..].iter().any(|other| other.text != said[0].text), "{said:?}");
}

#[test]
fn who_leaves_while_a_prompt_is_read_holds_up_nobody_that_has_the_same() {
    let model = load(2);
    let prompt = model.tokenize(&"Nothing is read twice at once. ".repeat(60), true);
    let first = model.generate(greedy(prompt.clone(), 4, OF_ANSWER)).unwrap();
    let second = model.generate(greedy(prompt.clone(), 4, OF_ANSWER)).unwrap();
    drop(first);
    assert_eq!(finish(second).tokens.len(), 4);
}
