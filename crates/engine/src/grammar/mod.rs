//! Constrained output: what an answer may say, as a grammar that is asked before a token is taken.
//!
//! llguidance does the matching: an Earley parser over lexemes, each step of it within bounds. llama.cpp's own matcher
//! keeps one stack for each way in which an answer can be read, so that in an ambiguous grammar
//! (`s ::= "a" s "b" | "a" s "c" | "d"`) they double with each character, until the memory is gone; and whatever a
//! grammar does to it, it does to all that the worker is answering.

mod gbnf;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use llama_cpp_2::token::data::LlamaTokenData;
use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};
use llguidance::{JsonCompileOptions, Matcher, ParserFactory};
use serde_json::{Value, json};

use crate::model::Token;

/// What may stand between the parts of JSON: little, so that a small model does not write blanks for ever.
pub(crate) const JSON_BLANK: &str = r" |\n{1,2}[ \t]{0,20}";
/// Readings of an answer that are followed at once: an ambiguous grammar has many, and each step costs their square.
const MOST_READINGS: usize = 1000;
/// The most that a search through the whole vocabulary may cost, in llguidance's items: some 20,000 a millisecond.
const MOST_ITEMS: usize = 4_000_000;

/// What an answer has to be.
#[derive(Debug, Clone, Copy)]
pub enum Constraint<'a> {
    /// What this grammar describes, in GBNF.
    Gbnf(&'a str),
    /// JSON that fits this schema.
    Schema(&'a Value),
    /// A JSON object.
    Object,
    /// What this grammar describes, in llguidance's variant of Lark. It is not the caller's.
    Lark(&'a str),
}

/// Why a grammar cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    /// It is no GBNF, or more than is read.
    #[error("line {line}: {reason}")]
    Gbnf {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The schema cannot be kept to, or is more than is read.
    #[error("{0}")]
    Schema(String),
    /// The answer's beginning, which the request gives, does not fit it.
    #[error("the answer's beginning does not fit it")]
    Beginning,
    /// The model's vocabulary has no use for grammars.
    #[error("this model's vocabulary cannot be constrained: {0}")]
    Vocabulary(String),
}

/// Compiles grammars for one vocabulary.
pub(crate) struct Grammars {
    factory: ParserFactory,
    ends: Arc<[Token]>,
}

impl Grammars {
    /// `words` are all tokens' bytes, in order, where special ones have none; `ends` end an answer.
    pub(crate) fn new(words: Vec<Vec<u8>>, ends: Vec<Token>) -> Result<Self, GrammarError> {
        let failed = |error: &dyn fmt::Display| GrammarError::Vocabulary(error.to_string());
        let size = u32::try_from(words.len()).map_err(|error| failed(&error))?;
        let special = |number: usize| [&[TokTrie::SPECIAL_TOKEN_MARKER], format!("[{number}]").as_bytes()].concat();
        let word = |(number, word): (usize, Vec<u8>)| if word.is_empty() { special(number) } else { word };
        // One token more than there are is the end, so that none of the model's own has to stand for all of its ends.
        let words: Vec<_> = words.into_iter().chain([Vec::new()]).enumerate().map(word).collect();
        let trie = TokTrie::from(&TokRxInfo::new(size + 1, size), &words);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let mut factory = ParserFactory::new(
            &environment,
            InferenceCapabilities::default(),
            &llguidance::earley::SlicedBiasComputer::json_slices(),
        )
        .map_err(|error| failed(&error))?;
        factory.quiet();
        factory.limits_mut().verbose_errors = false;
        factory.limits_mut().max_items_in_row = MOST_READINGS;
        factory.limits_mut().step_max_items = MOST_ITEMS;
        Ok(Self { factory, ends: ends.into() })
    }

    /// Compiles a grammar: milliseconds of work.
    pub(crate) fn compile(&self, constraint: Constraint<'_>) -> Result<Grammar, GrammarError> {
        let grammar = match constraint {
            Constraint::Gbnf(source) => TopLevelGrammar::from_lark(gbnf::to_lark(source)?),
            Constraint::Schema(schema) => json_grammar(schema.clone())?,
            Constraint::Object => json_grammar(object())?,
            Constraint::Lark(source) => TopLevelGrammar::from_lark(source.to_owned()),
        };
        let matcher = Matcher::new(self.factory.create_parser(grammar));
        match matcher.get_error() {
            None => Ok(Grammar { matcher, ends: self.ends.clone(), patience: Patience::default() }),
            Some(error) => Err(refused(constraint, &error)),
        }
    }
}

impl fmt::Debug for Grammars {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Grammars").finish_non_exhaustive()
    }
}

/// The schema of an answer that is any JSON object.
pub(crate) fn object() -> Value {
    json!({"type": "object"})
}

fn json_grammar(schema: Value) -> Result<TopLevelGrammar, GrammarError> {
    Ok(TopLevelGrammar::from_json_schema(with_options(schema)?))
}

/// A schema that says itself how it is kept to, so that it can stand in a grammar in Lark.
pub(crate) fn with_options(mut schema: Value) -> Result<Value, GrammarError> {
    if !schema.is_object() {
        return Err(GrammarError::Schema("the schema is not an object".to_owned()));
    }
    let options = JsonCompileOptions {
        whitespace_pattern: Some(JSON_BLANK.to_owned()),
        coerce_one_of: true,
        ..JsonCompileOptions::default()
    };
    options.apply_to(&mut schema);
    Ok(schema)
}

/// What llguidance says in one line: where it quotes what it was given, that stands between the first and the last.
fn refused(constraint: Constraint<'_>, error: &str) -> GrammarError {
    const LONGEST: usize = 200;
    let mut lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let rest = lines.next_back().filter(|_| first.ends_with(':'));
    let reason = [Some(first), rest].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let reason = reason.chars().take(LONGEST).collect();
    match constraint {
        Constraint::Gbnf(_) => GrammarError::Gbnf { line: 1, reason },
        Constraint::Schema(_) | Constraint::Object | Constraint::Lark(_) => GrammarError::Schema(reason),
    }
}

/// A grammar, and how far an answer has come in it.
#[derive(Clone)]
pub struct Grammar {
    matcher: Matcher,
    ends: Arc<[Token]>,
    patience: Patience,
}

/// A grammar that has become too much to follow, or has led to where no token can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the grammar cannot be followed any further")]
pub(crate) struct Lost;

impl Grammar {
    /// Takes the beginning of the answer, which is given.
    pub(crate) fn begin_with(&mut self, text: &str) -> Result<(), GrammarError> {
        let environment = self.matcher.tok_env().map_err(|_| GrammarError::Beginning)?;
        for token in environment.tokenize_bytes(text.as_bytes()) {
            let taken = self.patience.spend(|| self.matcher.try_consume_tokens(&[token]).map_err(|_| Lost));
            self.patience.tokens += 1;
            if taken != Ok(1) {
                return Err(GrammarError::Beginning);
            }
        }
        Ok(())
    }

    /// Whether this token may come next.
    pub(crate) fn allows(&mut self, token: Token) -> Result<bool, Lost> {
        if self.ends.contains(&token) {
            return self.may_end();
        }
        let token = u32::try_from(token).map_err(|_| Lost)?;
        self.patience.spend(|| self.matcher.validate_tokens(&[token]).map(|allowed| allowed == 1).map_err(|_| Lost))
    }

    /// Takes a token that is allowed.
    pub(crate) fn accept(&mut self, token: Token) -> Result<(), Lost> {
        if self.ends.contains(&token) {
            return Ok(());
        }
        let token = u32::try_from(token).map_err(|_| Lost)?;
        self.patience.tokens += 1;
        self.patience.spend(|| self.matcher.consume_token(token).map_err(|_| Lost))
    }

    /// Whether the answer may end here.
    fn may_end(&mut self) -> Result<bool, Lost> {
        self.matcher.is_accepting().map_err(|_| Lost)
    }

    /// True where nothing can follow.
    pub(crate) fn is_complete(&self) -> bool {
        self.matcher.is_stopped()
    }

    /// Makes all candidates that may not come next impossible.
    pub(crate) fn forbid(&mut self, candidates: &mut [LlamaTokenData]) -> Result<(), Lost> {
        let mask = self.patience.spend(|| self.matcher.compute_mask_or_eos().map_err(|_| Lost))?;
        let may_end = self.may_end()?;
        let mut any = false;
        for candidate in candidates {
            let token = candidate.id().0;
            let may_follow = || u32::try_from(token).is_ok_and(|token| mask.is_allowed(token));
            let allowed = if self.ends.contains(&token) { may_end } else { may_follow() };
            if !allowed {
                candidate.set_logit(f32::NEG_INFINITY);
            }
            any |= allowed;
        }
        if any { Ok(()) } else { Err(Lost) }
    }
}

/// The time that a grammar has cost: whatever is hidden in it, it never becomes what all other answers wait for.
#[derive(Debug, Clone, Default)]
struct Patience {
    spent: Duration,
    tokens: u32,
}

impl Patience {
    /// What any grammar may cost at its beginning, and each token after that: a hundred times what an honest one does.
    const BEGINNING: Duration = Duration::from_secs(2);
    const TOKEN: Duration = Duration::from_millis(50);

    fn spend<T>(&mut self, step: impl FnOnce() -> Result<T, Lost>) -> Result<T, Lost> {
        let begun = Instant::now();
        let done = step();
        self.spent += begun.elapsed();
        if self.spent > Self::BEGINNING + Self::TOKEN * self.tokens { Err(Lost) } else { done }
    }
}

impl fmt::Debug for Grammar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Grammar").finish_non_exhaustive()
    }
}
