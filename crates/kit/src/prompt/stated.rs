//! The grammar of one request's page: every figure, currency and `@` on it is one that the request writes. A model that cannot
//! write another one can put it on the wrong thing, but cannot make one up.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::{Match, Regex};

use super::grammar;
use crate::facts;

/// A request with more of them is a pasted text, and its grammar would take longer to read than it saves.
const MOST: usize = 120;

const WORDS: &str = include_str!("grammar/words.gbnf");
const PARTS: &str = include_str!("grammar/parts.gbnf");

/// What no letter of a page is when its figures are stated ones: the decimal digits of all scripts that models write, the
/// signs of currencies, and what makes an address or a handle.
const HELD: &str = r"0-9@$\u00A2-\u00A5\u20A0-\u20BF\u0660-\u0669\u06F0-\u06F9\u0966-\u096F\u09E6-\u09EF\u0E50-\u0E59\uFF10-\uFF19\uFF20";

/// What makes one number of two figures: after it, none may begin.
const JOINTS: &str = r".,:;'/·’٫٬．：，";

/// The grammar in GBNF that the words of a page for `request` are held to: the form of [`grammar`], with no figure, address
/// or handle but those of the request, each as the request writes it.
#[must_use]
pub fn grammar_for(request: &str) -> String {
    let figures = figures(request);
    if figures.len() > MOST {
        return grammar().to_owned();
    }
    let (any, start) = (class(PARTS, "any"), class(PARTS, "start"));
    let rules = PARTS.lines().filter(|line| !line.starts_with("any ") && !line.starts_with("start "));
    let mut held: String = WORDS.lines().chain(rules).flat_map(|line| [line, "\n"]).collect();
    let without = |class: &str, more: &str| class.replacen("[^", &format!("[^{HELD}{more}"), 1);
    let (letter, before) = (without(any, ""), without(any, JOINTS));
    let first = without(start, "");
    let rules = if figures.is_empty() {
        write!(held, "any ::= {letter}\nstart ::= {first}\n")
    } else {
        let quoted: Vec<String> = figures.iter().map(|figure| quoted(figure)).collect();
        let figure = quoted.join(" | ");
        write!(held, "any ::= {letter} | {before} figure\nstart ::= {first} | figure\nfigure ::= {figure}\n")
    };
    rules.expect("a string takes all that is written to it");
    held
}

/// The figures of a request, as it writes them and each with its currency's sign, without the blanks and strokes between two
/// of them: `0161`, `7:30`, `$1,200`; its addresses and handles, whole. What it says to the builder is none.
fn figures(request: &str) -> BTreeSet<&str> {
    static FIGURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{L}\p{Nd}._%+-]{0,40}@[\p{L}\p{Nd}][\p{L}\p{Nd}.-]{0,60}[\p{L}\p{Nd}]|(?:\p{Sc}[ \u{a0}]?)?\p{Nd}{1,20}(?:[.,:/'’٫٬]\p{Nd}{1,20}){0,6}(?:[ \u{a0}]?\p{Sc})?")
            .expect("the form of a figure is a pattern")
    });
    let instructions = facts::said_to_the_builder(request);
    let is_instruction = |found: &Match<'_>| instructions.iter().any(|span| span.contains(&found.start()));
    FIGURE.find_iter(request).filter(|found| !is_instruction(found)).map(|found| found.as_str()).collect()
}

/// The class of characters that a rule of a grammar is.
fn class<'a>(grammar: &'a str, rule: &str) -> &'a str {
    let rules = grammar.lines().filter_map(|line| line.split_once(" ::= "));
    rules
        .into_iter()
        .find(|(name, _)| *name == rule)
        .map(|(_, class)| class.trim())
        .expect("a page's grammar has this rule")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_taken_as_the_request_writes_them() {
        let all = |request| figures(request).into_iter().collect::<Vec<_>>();
        assert_eq!(all("open 7:30-18, cake 2,80 €, team $1,200 a year"), ["$1,200", "18", "2,80 €", "7:30"]);
        assert_eq!(
            all("call 0161 496 0123 or write to maya@okafor.example, @maya"),
            ["0123", "0161", "496", "@maya", "maya@okafor.example"]
        );
        assert_eq!(all("खुला १०:३० से"), ["१०:३०"]);
        assert!(all("a page for a bookshop").is_empty());
        assert_eq!(all("candle 14.99, add 3 sections and keep it under 200 words"), ["14.99"]);
    }
}
