//! The engine with a real model, the smallest there is: `TIERFALL_TEST_MODEL` names its file (`make test` sets it).

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use engine::grammar::{Constraint, GrammarError};
use engine::model::{
    Chat, Done, Finish, Generation, Job, Load, LoadError, Model, ModelSettings, Output, Refused, Sampling, Token,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::timeout;

fn path() -> PathBuf {
    std::env::var_os("TIERFALL_TEST_MODEL").expect("TIERFALL_TEST_MODEL is not set: run `make test`").into()
}

fn settings(context: u32, parallel: u32) -> ModelSettings {
    ModelSettings { context: Some(context), parallel, ..ModelSettings::new(path()) }
}

fn load(context: u32, parallel: u32) -> Model {
    Model::load(settings(context, parallel), |_| {}).unwrap()
}

/// One model for all tests that do not mind what others ask of it.
fn shared() -> Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| load(2048, 4)).clone()
}

/// The next output, waited for on this thread.
fn next(generation: &mut Generation) -> Option<Output> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match generation.poll_next(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn finish(mut generation: Generation) -> (String, Done) {
    let mut text = String::new();
    loop {
        match next(&mut generation).expect("an end comes before nothing") {
            Output::Text(more) => text.push_str(&more),
            Output::Reading { .. } | Output::Prompt(_) | Output::Logprobs(_) => {}
            Output::Failed(reason) => panic!("{reason}"),
            Output::Done(done) => {
                assert_eq!(next(&mut generation), None);
                return (text, done);
            }
        }
    }
}

fn run(model: &Model, job: Job) -> (String, Done) {
    finish(model.generate(job).unwrap())
}

fn greedy(prompt: Vec<Token>, most: u32) -> Job {
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    Job { prompt, max_tokens: Some(most), sampling, ..Job::default() }
}

/// A job that the model cannot end by itself.
fn endless(model: &Model, prompt: Vec<Token>, most: u32) -> Job {
    let mut job = greedy(prompt, most);
    let ends = ["<|im_end|>", "<|endoftext|>"].map(|end| model.tokenize(end, true)[0]);
    job.sampling.logit_bias = ends.map(|end| (end, f32::NEG_INFINITY)).to_vec();
    job
}

fn question(model: &Model, words: &str) -> Vec<Token> {
    let messages = format!(r#"[{{"role":"user","content":{}}}]"#, serde_json::to_string(words).unwrap());
    chat(model, &messages)
}

fn chat(model: &Model, messages: &str) -> Vec<Token> {
    let messages = RawValue::from_string(messages.to_owned()).unwrap();
    model.render_chat(&Chat { messages: &messages, tools: None, extra: None }).unwrap().tokens
}

/// A prompt whose answer goes on counting: each next token is far likelier than any other, so that the answer does not
/// hang on how a sum was rounded, which depends on what else is in the batch.
fn counting(model: &Model, from: u32) -> Vec<Token> {
    let numbers = [from, from + 1, from + 2, from + 3].map(|number| number.to_string()).join(", ");
    chat(model, &format!(r#"[{{"role":"user","content":"Count on."}},{{"role":"assistant","content":"{numbers},"}}]"#))
}

#[test]
fn a_model_says_what_it_is_and_how_far_its_loading_has_come() {
    let (sender, percents) = mpsc::channel();
    let model = Model::load(settings(512, 1), move |percent| sender.send(percent).unwrap()).unwrap();
    let info = model.info();
    assert_eq!((info.architecture.as_str(), info.quantisation.as_str()), ("llama", "Q4_1"));
    assert_eq!((info.context, info.training_context, info.parallel), (512, 8192, 1));
    assert_eq!(info.size, std::fs::metadata(path()).unwrap().len());
    assert!(info.has_chat_template && info.parameters > 130_000_000 && info.vocabulary == 49_152);
    let percents: Vec<u8> = percents.try_iter().collect();
    assert!(percents.is_sorted_by(|a, b| a < b) && percents.last() == Some(&100), "{percents:?}");
}

#[test]
fn the_models_own_template_is_rendered_with_its_special_tokens() {
    let model = shared();
    let messages = RawValue::from_string(r#"[{"role":"user","content":"Hi"}]"#.to_owned()).unwrap();
    let prompt = model.render_chat(&Chat { messages: &messages, tools: None, extra: None }).unwrap();
    assert!(prompt.text.starts_with("<|im_start|>system\n"), "{}", prompt.text);
    assert!(prompt.text.ends_with("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"), "{}", prompt.text);
    let special = model.tokenize("<|im_start|>", true);
    assert_eq!(special.len(), 1);
    assert_eq!(prompt.tokens.iter().filter(|&&token| token == special[0]).count(), 3);
    assert!(model.tokenize("<|im_start|>", false).len() > 1);
}

#[test]
fn a_prefilled_answer_is_carried_on() {
    let model = shared();
    let open = r#"[{"role":"user","content":"Count to ten."},{"role":"assistant","content":"1, 2, 3, 4, 5,"}]"#;
    let (text, _) = run(&model, greedy(chat(&model, open), 6));
    assert!(text.starts_with(" 6, 7"), "{text}");
}

#[test]
fn a_greedy_answer_is_the_same_from_the_cache() {
    let model = load(1024, 1);
    let prompt = counting(&model, 1);
    let length = u32::try_from(prompt.len()).unwrap();
    let (fresh, first) = run(&model, greedy(prompt.clone(), 40));
    let (cached, second) = run(&model, greedy(prompt.clone(), 40));
    assert_eq!((first.cached_tokens, second.cached_tokens), (0, length - 1));
    assert_eq!((first.prompt_tokens, first.completion_tokens), (length, second.completion_tokens));
    assert!(fresh.starts_with(" 5, 6, 7, 8"), "{fresh}");
    assert_eq!(fresh, cached);
    let other = counting(&model, 301);
    let common = prompt.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (from_start, third) = run(&model, greedy(other.clone(), 40));
    assert_eq!(third.cached_tokens as usize, common);
    assert!(common > 20 && from_start.starts_with(" 305, 306, 307"), "{common} {from_start}");
    assert_eq!(from_start, run(&load(1024, 1), greedy(other, 40)).0);
}

#[test]
fn answers_at_once_are_those_that_come_alone() {
    let model = load(2048, 4);
    let jobs = [1, 31, 201, 501].map(|from| greedy(counting(&model, from), 40));
    let alone = jobs.clone().map(|job| run(&load(2048, 1), job).0);
    let running = jobs.map(|job| model.generate(job).unwrap());
    assert_eq!(running.map(|generation| finish(generation).0), alone);
}

#[test]
fn a_prompt_begins_with_what_a_running_one_has_already_read() {
    let model = load(2048, 2);
    let prompt = counting(&model, 51);
    let mut first = model.generate(endless(&model, prompt.clone(), 1500)).unwrap();
    assert!(matches!(next(&mut first), Some(Output::Text(_))));
    let (copied, done) = run(&model, greedy(prompt.clone(), 24));
    assert_eq!(done.cached_tokens as usize, prompt.len() - 1);
    drop(first);
    assert_eq!(copied, run(&load(2048, 1), greedy(prompt, 24)).0);
}

#[test]
fn a_question_of_its_own_leaves_a_long_prefix_in_the_cache() {
    let model = load(2048, 2);
    let long = question(&model, &"Keep this page in mind. ".repeat(20));
    run(&model, greedy(long.clone(), 1));
    run(&model, greedy(question(&model, "What is 2+2?"), 1));
    let (_, done) = run(&model, greedy(long.clone(), 1));
    assert_eq!(done.cached_tokens as usize, long.len() - 1);
}

#[test]
fn jobs_that_outgrow_the_context_together_make_way_and_end_as_alone() {
    let model = load(512, 4);
    let jobs = [101, 201, 301, 401].map(|from| endless(&model, counting(&model, from), 180));
    let alone = jobs.clone().map(|job| run(&load(512, 1), job).0);
    let running = jobs.map(|job| model.generate(job).unwrap());
    for (generation, alone) in running.into_iter().zip(alone) {
        let (text, done) = finish(generation);
        assert_eq!((done.completion_tokens, done.finish), (180, Finish::Length));
        assert_eq!(text, alone);
    }
}

#[test]
fn a_character_of_several_tokens_comes_whole() {
    let model = shared();
    let open = r#"[{"role":"user","content":"Write 漢字🚀é again and again."},{"role":"assistant","content":"漢字🚀é 漢字🚀é 漢字🚀é"}]"#;
    let mut generation = model.generate(endless(&model, chat(&model, open), 40)).unwrap();
    let mut text = String::new();
    while let Some(output) = next(&mut generation) {
        if let Output::Text(more) = output {
            text.push_str(&more);
        }
    }
    assert!(text.contains("漢字🚀é"), "{text}");
    assert!(!text.contains(char::REPLACEMENT_CHARACTER), "{text}");
    assert!(model.tokenize("🚀", false).len() > 1);
}

#[test]
fn an_answer_ends_before_a_stop_string() {
    let model = shared();
    let prompt = counting(&model, 41);
    let (whole, _) = run(&model, greedy(prompt.clone(), 30));
    let middle = whole.char_indices().nth(whole.chars().count() / 2).unwrap().0;
    let stop = whole[middle..].chars().take(7).collect::<String>();
    let at = whole.find(&stop).unwrap();
    let (text, done) = run(&model, Job { stop: vec!["never said".to_owned(), stop], ..greedy(prompt, 30) });
    assert_eq!((text.as_str(), done.finish), (&whole[..at], Finish::Stop));
}

#[test]
fn max_tokens_ends_an_answer_and_is_lowered_to_the_room() {
    let model = load(256, 1);
    let prompt = question(&model, "Tell me a long story.");
    let (_, short) = run(&model, greedy(prompt.clone(), 5));
    assert_eq!((short.finish, short.completion_tokens), (Finish::Length, 5));
    let (_, long) = run(&model, endless(&model, prompt.clone(), 16_384));
    assert_eq!((long.finish, long.prompt_tokens + long.completion_tokens), (Finish::Length, 256));
    let (text, none) = run(&model, greedy(prompt, 0));
    assert_eq!((text.as_str(), none.finish, none.completion_tokens), ("", Finish::Length, 0));
}

#[test]
fn an_answer_that_the_model_ends_itself_has_stopped() {
    let model = shared();
    let (text, done) = run(&model, greedy(question(&model, "Say only the word yes."), 200));
    assert_eq!(done.finish, Finish::Stop);
    assert!(!text.contains("<|im_end|>"), "{text}");
}

#[test]
fn what_cannot_be_done_is_refused_with_its_numbers() {
    let model = load(256, 1);
    let refused = |prompt: Vec<Token>| model.generate(greedy(prompt, 1)).unwrap_err();
    let error = refused(vec![5; 300]);
    assert_eq!(error, Refused::TooLong { prompt: 300, context: 255 });
    assert_eq!(error.to_string(), "prompt too long: 300 tokens, 255 fit");
    assert_eq!(refused(vec![5; 256]), Refused::TooLong { prompt: 256, context: 255 });
    assert_eq!(refused(Vec::new()), Refused::Empty);
    assert_eq!(refused(vec![49_152]), Refused::UnknownToken { token: 49_152, vocabulary: 49_152 });
    assert_eq!(refused(vec![-1]), Refused::UnknownToken { token: -1, vocabulary: 49_152 });
    let (_, fits) = run(&model, greedy(vec![5; 255], 9));
    assert_eq!((fits.prompt_tokens, fits.completion_tokens), (255, 1));
}

#[test]
fn a_dropped_answer_frees_its_sequence_at_once() {
    let model = load(2048, 1);
    let prompt = question(&model, "Describe a market in summer.");
    let (text, _) = run(&load(2048, 1), endless(&model, prompt.clone(), 300));
    let mut dropped = model.generate(endless(&model, prompt.clone(), 1900)).unwrap();
    assert!(matches!(next(&mut dropped), Some(Output::Text(_))));
    drop(dropped);
    let longer = [prompt.clone(), model.tokenize(&text, false)].concat();
    let (_, done) = run(&model, greedy(longer.clone(), 1));
    assert!(done.cached_tokens as usize >= prompt.len(), "{done:?}");
    assert!((done.cached_tokens as usize) < prompt.len() + 200, "{done:?}");
}

#[test]
fn the_queue_is_bounded_and_forgets_those_who_leave() {
    let model = load(1024, 1);
    let prompt = question(&model, "Go on and on.");
    let taken: Vec<_> = (0..80).map(|_| model.generate(endless(&model, prompt.clone(), 900))).collect();
    let refusals: BTreeSet<_> =
        taken.iter().filter_map(|taken| taken.as_ref().err().map(ToString::to_string)).collect();
    assert_eq!(refusals, BTreeSet::from(["busy: 64 requests are waiting".to_owned()]));
    drop(taken);
    let freed = loop {
        match model.generate(greedy(prompt.clone(), 2)) {
            Err(Refused::Busy { .. }) => thread::yield_now(),
            taken => break taken.unwrap(),
        }
    };
    assert_eq!(finish(freed).1.completion_tokens, 2);
}

#[test]
fn a_seed_draws_the_same_answer_again() {
    let model = load(1024, 1);
    let drawn = |seed| {
        let sampling = Sampling { seed: Some(seed), temperature: 1.2, ..Sampling::default() };
        run(&model, Job { sampling, ..greedy(question(&model, "Invent a name for a town."), 16) }).0
    };
    let first = drawn(7);
    assert_eq!(first, drawn(7));
    assert!((8..12).any(|seed| drawn(seed) != first));
}

#[test]
fn a_bias_and_a_penalty_change_what_is_drawn() {
    let model = shared();
    let word = model.tokenize(" harbour", false);
    let mut biased = greedy(question(&model, "Say anything."), 3);
    biased.sampling.logit_bias = vec![(word[0], 100.0)];
    assert_eq!(run(&model, biased.clone()).0, " har har har".replace(" har", &run_one(&model, word[0])));
    biased.sampling.frequency_penalty = 90.0;
    assert_ne!(run(&model, biased).0, run_one(&model, word[0]).repeat(3));
}

/// How one token reads.
fn run_one(model: &Model, token: Token) -> String {
    let mut job = greedy(vec![5], 1);
    job.sampling.logit_bias = vec![(token, 1000.0)];
    run(model, job).0
}

/// A person of three members, each of them needed.
fn person() -> Value {
    json!({"type": "object", "additionalProperties": false, "required": ["name", "age", "tags"], "properties": {
        "name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "tags": {"type": "array", "items": {"enum": ["kind", "quick", "old"]}, "maxItems": 2}}})
}

#[test]
fn whatever_is_drawn_under_a_schema_parses_and_fits_it() {
    let model = shared();
    let schema = person();
    for seed in 0..3 {
        let grammar = model.grammar(Constraint::Schema(&schema), "").unwrap();
        let sampling = Sampling { seed: Some(seed), temperature: 1.5, top_k: 0, min_p: 0.0, ..Sampling::default() };
        let job = Job { sampling, grammar: Some(grammar), ..greedy(question(&model, "Invent a person."), 100) };
        let (text, done) = run(&model, job);
        assert_eq!(done.finish, Finish::Stop, "{text}");
        let person: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(person["name"].as_str().unwrap().chars().count() <= 12, "{text}");
        assert!(person["age"].as_u64().unwrap() <= 150, "{text}");
        let tags = person["tags"].as_array().unwrap();
        assert!(tags.len() <= 2 && tags.iter().all(|tag| ["kind", "quick", "old"].contains(&tag.as_str().unwrap())));
        assert_eq!(person.as_object().unwrap().len(), 3, "{text}");
    }
}

#[test]
fn a_grammar_ends_the_answer_where_nothing_can_follow() {
    let model = shared();
    let grammar = Some(model.grammar(Constraint::Gbnf("root ::= \"yes\" | \"no\""), "").unwrap());
    let (text, done) = run(&model, Job { grammar, ..endless(&model, question(&model, "Write a poem."), 50) });
    assert!(["yes", "no"].contains(&text.as_str()), "{text}");
    assert_eq!(done.finish, Finish::Stop);
    let grammar = Some(model.grammar(Constraint::Gbnf("root ::= [0-9]{200}"), "").unwrap());
    let (text, done) = run(&model, Job { grammar, ..endless(&model, question(&model, "Write a poem."), 5) });
    assert_eq!(done.finish, Finish::Length);
    assert!(text.chars().all(|digit| digit.is_ascii_digit()), "{text}");
}

#[test]
fn a_grammar_that_allows_everything_changes_nothing() {
    let model = shared();
    let prompt = counting(&model, 61);
    let grammar = Some(model.grammar(Constraint::Gbnf("root ::= .*"), "").unwrap());
    let free = run(&model, greedy(prompt.clone(), 20)).0;
    assert_eq!(run(&model, Job { grammar, ..greedy(prompt, 20) }).0, free);
}

#[test]
fn a_grammar_goes_on_from_the_beginning_that_the_answer_has() {
    let model = shared();
    let schema = person();
    let opening = r#"{"name": "Ad"#;
    let messages = json!([{"role": "user", "content": "Invent a person."}, {"role": "assistant", "content": opening}]);
    let grammar = Some(model.grammar(Constraint::Schema(&schema), opening).unwrap());
    let (text, _) = run(&model, Job { grammar, ..greedy(chat(&model, &messages.to_string()), 200) });
    let person: Value = serde_json::from_str(&format!("{opening}{text}")).unwrap();
    assert!(person["name"].as_str().unwrap().starts_with("Ad"), "{text}");
    let error = model.grammar(Constraint::Schema(&schema), "Once upon a time").unwrap_err();
    assert_eq!(error, GrammarError::Beginning);
}

#[test]
fn a_grammar_that_becomes_too_much_ends_its_own_answer_alone() {
    let model = shared();
    let ambiguous = "root ::= root root root | root root | [a-z ]+ | [a-z]";
    let grammar = Some(model.grammar(Constraint::Gbnf(ambiguous), "").unwrap());
    let beside = model.generate(greedy(counting(&model, 71), 30)).unwrap();
    let mut hostile = model.generate(Job { grammar, ..endless(&model, counting(&model, 81), 400) }).unwrap();
    let mut last = None;
    while let Some(output) = next(&mut hostile) {
        last = Some(output);
    }
    assert_eq!(last, Some(Output::Failed("the grammar cannot be followed any further".to_owned())));
    assert!(finish(beside).0.starts_with(" 75, 76, 77"));
}

#[test]
fn a_file_that_cannot_be_loaded_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Model::load(ModelSettings::new(path), |_| {}).unwrap_err()
    };
    let bytes = std::fs::read(path()).unwrap();
    let cut = write("cut.gguf", &bytes[..bytes.len() / 2]);
    assert!(cut.to_string().starts_with("cut.gguf is truncated: tensor "), "{cut}");
    let mut strange = bytes.clone();
    let at = strange.windows(5).position(|window| window == b"llama").unwrap();
    strange[at..at + 5].copy_from_slice(b"zzama");
    let strange = write("strange.gguf", &strange);
    assert!(matches!(strange, LoadError::Refused { .. }), "{strange}");
    assert!(strange.to_string().contains("unknown model architecture: 'zzama'"), "{strange}");
    assert_eq!(write("page.gguf", b"<html>").to_string(), "page.gguf is not a GGUF file");
}

/// The load, once it is like this.
fn load_like(model: &Model, like: impl Fn(&Load) -> bool) -> Load {
    /// Longer than anything here takes; a test that hangs ends by it.
    const PATIENCE: Duration = Duration::from_secs(120);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut loads = model.loads();
    runtime.block_on(async { *timeout(PATIENCE, loads.wait_for(|load| like(load))).await.expect("in time").unwrap() })
}

#[test]
fn the_wait_is_foreseen_from_what_is_left_and_the_speeds_that_were_measured() {
    let model = load(2048, 1);
    assert_eq!(*model.loads().borrow(), Load::default());
    // Measures both speeds, and that answers have 200 tokens.
    run(&model, endless(&model, counting(&model, 1), 200));
    let learned = load_like(&model, Load::is_idle);
    let token = learned.token.expect("it was measured");
    assert!(learned.prompt_token.is_some_and(|prompt_token| prompt_token < token), "{learned:?}");
    assert_eq!(learned.wait, Duration::ZERO);

    let mut first = model.generate(endless(&model, counting(&model, 1), 1500)).unwrap();
    assert!(matches!(next(&mut first), Some(Output::Text(_))));
    let second = model.generate(endless(&model, counting(&model, 1), 60)).unwrap();
    let busy = load_like(&model, |load| (load.running, load.waiting) == (1, 1) && load.token.is_some());
    // What is left of the first one's 200, and the second's 60: in tokens, whatever one takes here.
    let foreseen = busy.wait.div_duration_f64(busy.token.unwrap());
    assert!((150.0..300.0).contains(&foreseen), "{foreseen} tokens: {busy:?}");
    drop((first, second));
    assert_eq!(load_like(&model, Load::is_idle).wait, Duration::ZERO);
}
