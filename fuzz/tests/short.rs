//! A short run of every target on any compiler: its corpus, and some thousands of inputs made from it. A failure is written to
//! `artifacts/`, where cargo-fuzz puts them, and is replayed with `TIERFALL_FUZZ_INPUT=FILE cargo test`.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Inputs made for each target; `TIERFALL_FUZZ_RUNS` says how many instead.
const RUNS: u64 = 20_000;
/// Larger inputs find little that smaller ones do not.
const LARGEST: usize = 4_096;

#[test]
fn any_cuts_through_a_stream_give_the_same_events() {
    run(
        "sse",
        tierfall_fuzz::sse::check,
        &["data: ", "event: error", "\n\n", "\r\n", "\r", ": ", "[DONE]", "\u{feff}"],
    );
}

#[test]
fn a_request_reaches_a_tier_as_it_was_written() {
    let words = [
        "\"model\"",
        "\"messages\":[{}]",
        "\"prompt\":",
        "\"\\u006dodel\":\"x\"",
        "{}",
        "[",
        "]",
        "\"",
        ",",
        "null",
        "-1e9",
    ];
    run("request", tierfall_fuzz::request::check, &words);
}

#[test]
fn nothing_is_lost_or_repeated_at_a_seam() {
    run(
        "seam",
        tierfall_fuzz::seam::check,
        &["\n====\n", " ", "\n", "    ", "\u{2003}", "é", "one two three four five six seven eight"],
    );
}

fn run(target: &str, check: fn(&[u8]), words: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Ok(input) = std::env::var("TIERFALL_FUZZ_INPUT") {
        return check(&fs::read(input).expect("the input that TIERFALL_FUZZ_INPUT names"));
    }
    let corpus = corpus(&folder.join("corpus").join(target));
    corpus.iter().for_each(|input| hold(target, folder, check, input));
    let runs = std::env::var("TIERFALL_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().expect("a whole number"));
    let mut random = Random(0x7f4a_7c15);
    for _ in 0..runs {
        let mut input = random.of(&corpus).clone();
        (0..=random.below(4)).for_each(|_| random.change(&mut input, &corpus, words));
        input.truncate(LARGEST);
        hold(target, folder, check, &input);
    }
}

/// The inputs in `folder`, in the order of their names.
fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "a corpus has an input");
    paths.iter().map(|path| fs::read(path).expect("an input")).collect()
}

fn hold(target: &str, folder: &Path, check: fn(&[u8]), input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| check(input))).is_err() {
        let folder = folder.join("artifacts").join(target);
        let path = folder.join("short");
        fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input)).expect("the artifact is written");
        panic!("{target} does not hold for {}: {:?}", path.display(), String::from_utf8_lossy(input));
    }
}

/// xorshift64 (Marsaglia, "Xorshift RNGs", 2003): the same inputs in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("under a usize")
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One change of the kinds that libFuzzer makes: a byte, a word of the format, a piece taken out, doubled or from another
    /// input.
    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str]) {
        let at = self.below(input.len() + 1);
        let end = at + self.below((input.len() - at + 1).min(64));
        let put = match self.below(6) {
            0 => vec![u8::try_from(self.below(256)).expect("a byte")],
            1 | 2 => self.of(words).as_bytes().to_vec(),
            3 => Vec::new(),
            4 => input[at..end].repeat(2),
            _ => {
                let other = self.of(corpus);
                let from = self.below(other.len() + 1);
                other[from..(from + self.below(200)).min(other.len())].to_vec()
            }
        };
        input.splice(at..end, put);
    }
}
