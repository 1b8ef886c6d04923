//! What is asked. The texts are fixed, so that two machines, or two builds on one, are asked the same.

use bytes::Bytes;
use serde_json::{Value, json};
use wire::Form;

/// A page of some 400 tokens.
const PAGE: &str = include_str!("page.html");
/// Lines of the long prompt: about 512 tokens in all.
const LINES: u32 = 19;
/// Enough to say how fast answers are, and soon over.
const ANSWER: u32 = 96;
const OF_EACH_CALLER: u32 = 48;
const PAGE_MOST: u32 = 1024;
const EDIT_MOST: u32 = 768;

/// One request.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) form: Form,
    pub(super) body: Bytes,
}

impl Ask {
    /// A text to be gone on with, each token in a step of its own.
    fn text(prompt: &str, tokens: u32) -> Self {
        // What answers by the plain form is not given to ending at once, as an answer to a question is.
        Self::new(Form::Text, json!({"prompt": prompt, "max_tokens": tokens, "speculative.n_max": 0}))
    }

    fn chat(prompt: &str, tokens: u32) -> Self {
        Self::new(Form::Chat, json!({"messages": [{"role": "user", "content": prompt}], "max_tokens": tokens}))
    }

    fn new(form: Form, mut body: Value) -> Self {
        body["model"] = json!("any");
        body["temperature"] = json!(0);
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
        Self { form, body: body.to_string().into() }
    }
}

/// A few tokens, so that the weights have been touched once.
pub(super) fn warm_up() -> Ask {
    Ask::text("One, two, three,", 4)
}

/// A prompt of about 512 tokens that nothing kept can know the start of: `mark` is drawn for it.
pub(super) fn long_prompt(mark: &str) -> Ask {
    Ask::text(&(log_of_ships(mark) + "\nThe ship that came first was"), 1)
}

/// The same start with another end.
pub(super) fn known_prefix(mark: &str) -> Ask {
    Ask::text(&(log_of_ships(mark) + "\nThe ship that came last was"), 1)
}

fn log_of_ships(mark: &str) -> String {
    let line = |number: u32| {
        let (year, keeper) = (1700 + 3 * number, number + 1);
        format!("In {year} keeper {keeper} of the lighthouse wrote down every ship that passed the northern cape.\n")
    };
    (0..LINES).fold(format!("Log {mark}\n"), |log, number| log + &line(number))
}

/// An answer that goes on.
pub(super) fn answer() -> Ask {
    Ask::text("The old lighthouse keeper told the children a long story about the sea. It began on a winter", ANSWER)
}

/// What so many callers ask at the same moment, each its own.
pub(super) fn callers(count: u32) -> Vec<Ask> {
    let text =
        |caller| format!("Caller {caller} tells a long story about the sea. It begins on a winter morning, when");
    (1..=count).map(|caller| Ask::text(&text(caller), OF_EACH_CALLER)).collect()
}

/// A page in words: about 130 tokens.
pub(super) fn page() -> Ask {
    let words = "Write one whole HTML page, with its style inside it and no script, for a small coffee roastery by the \
        name of Nord in an old harbour hall. It has a header with the name and a sentence about the coffee, a table of \
        three drinks (espresso, filter, cold brew) with their prices in euros, a section about how the beans come by \
        sailing ship from Honduras and are roasted every morning, the opening hours from Tuesday to Sunday, and a footer \
        with the address and a telephone number. The colours are dark green, cream and a warm orange, the letters have \
        serifs, and it is easy to read on a telephone. Answer with the page alone, from <!DOCTYPE html> to </html>.";
    Ask::chat(words, PAGE_MOST)
}

/// A page to be written again with one change: most of the answer stands in the prompt, so it can be guessed.
pub(super) fn edit() -> Ask {
    let wish = "Change the price of the espresso to 2.80 €. Write the whole page again, and nothing else.";
    Ask::chat(&format!("{wish}\n\n{PAGE}"), EDIT_MOST)
}
