//! Calls that come where the model thinks fit, each held to what its function takes from where it opens: a grammar of
//! all that an answer may be, in which words are free.

use serde_json::{Value, json};

use crate::grammar::{self, GrammarError};
use crate::worker::answer::{CLOSE, FENCES, OPEN, Style};

/// What may stand between the parts of a call: little, so that a small model does not write blanks for ever.
const BLANK: &str = r"[ \t\r\n]{0,20}";
/// As the parser of calls sees blanks before it knows that a call has opened.
const ANY_BLANK: &str = r"\s*";

/// The grammar in Lark, for functions by their names and what they take; `several` calls may follow each other.
///
/// Words end where a call opens: at its mark, or, where the answer begins with it, once its function is named. That is
/// what [`Calls`](crate::worker::answer::Calls) takes for a call that is held.
///
/// # Errors
///
/// Where what a function takes is no schema.
pub(super) fn grammar(style: Style, functions: &[(&str, Value)], several: bool) -> Result<String, GrammarError> {
    let names: Vec<_> = functions.iter().map(|(name, _)| literal(&literal(name))).collect();
    let mut lark = match (style, several) {
        (Style::Bare, _) => "start: FIRST? | bare\n".to_owned(),
        (Style::Marked, false) => "start: FIRST? | bare | opened call MARK\n".to_owned(),
        (Style::Marked, true) => "start: FIRST? | bare | opened call MARK ( reopened call MARK )* WORDS?\n".to_owned(),
    };
    let fence = FENCES.join("|");
    let opening = [head(ANY_BLANK), format!("({})", names.join(" | "))].join(" ");
    lark += &format!("OPENING: /\\s*(({fence})\\s*)?/ {opening}\n");
    let unopened = "~( OPENING /(?s:.*)/ )";
    match style {
        Style::Bare => lark += &format!("FIRST: /(?s:.+)/ & {unopened}\n"),
        Style::Marked => {
            // What is lazy ends where it can, and words with it: they never get past a mark.
            let (open, close) = (escaped(OPEN), escaped(CLOSE));
            lark += &format!("FIRST: /(?s:.+)/ & {unopened}\nUNTIL: /(?s:.*){open}/ & {unopened}\n");
            lark += &format!("opened[lazy]: UNTIL\nreopened[lazy]: /(?s:.*){open}/\nWORDS: /(?s:.+)/\n");
            lark += &format!("MARK: /{BLANK}{close}/\n");
            lark += &any("call", functions, |index| format!("NAMED{index} rest{index}"));
        }
    }
    let bare = |index| format!("BARE{index} rest{index} | FENCED{index} rest{index} FENCE");
    lark += &any("bare", functions, bare);
    lark += &format!("FENCE: /{BLANK}```/\nKEY: /{BLANK},{BLANK}\"(arguments|parameters)\"{BLANK}:{BLANK}/\n");
    lark += &format!("END: /{BLANK}\\}}/\n");
    for (index, ((_, takes), name)) in functions.iter().zip(&names).enumerate() {
        let (named, bare) = (head(BLANK), head(ANY_BLANK));
        if style == Style::Marked {
            lark += &format!("NAMED{index}: /{BLANK}/ {named} {name}\n");
        }
        lark += &format!("BARE{index}: /\\s*/ {bare} {name}\nFENCED{index}: /\\s*({fence})\\s*/ {bare} {name}\n");
        lark += &format!(
            "rest{index}: KEY takes{index} END\ntakes{index}: %json {}\n",
            grammar::with_options(takes.clone())?
        );
    }
    Ok(lark)
}

/// How a call opens, up to its function's name.
fn head(blank: &str) -> String {
    let kind = format!("(\"type\"{blank}:{blank}\"function\"{blank},{blank})?");
    format!("/\\{{{blank}{kind}\"name\"{blank}:{blank}/")
}

/// A rule that is one of what is written for each function.
fn any(rule: &str, functions: &[(&str, Value)], written: impl Fn(usize) -> String) -> String {
    let all: Vec<_> = (0..functions.len()).map(written).collect();
    format!("{rule}: {}\n", all.join(" | "))
}

/// A text in quotes, as JSON and Lark both have it.
fn literal(text: &str) -> String {
    json!(text).to_string()
}

/// A mark within a regular expression of Lark.
fn escaped(mark: &str) -> String {
    mark.replace('/', r"\/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::tests::{bytes, fits};
    use crate::grammar::{Constraint, Grammar};
    use crate::worker::answer::Calls;

    fn functions() -> Vec<(&'static str, Value)> {
        let place = json!({"type": "object", "required": ["city"], "additionalProperties": false,
            "properties": {"city": {"enum": ["Rome", "Oslo"]}}});
        vec![("weather", place), ("log", json!({"type": "object"}))]
    }

    fn compiled(style: Style, several: bool) -> Grammar {
        let lark = grammar(style, &functions(), several).expect("schemas");
        bytes().compile(Constraint::Lark(&lark)).expect("a grammar")
    }

    /// How many calls are found in an answer.
    fn called(style: Style, answer: &str) -> u32 {
        let mut calls = Calls::new(style, functions().iter().map(|(name, _)| (*name).to_owned()).collect()).held();
        calls.hear(answer);
        calls.end();
        calls.count()
    }

    const ROME: &str = r#"{"name": "weather", "arguments": {"city": "Rome"}}"#;
    const ELSEWHERE: &str = r#"{"name": "weather", "arguments": {"city": "Elsewhere"}}"#;
    const LOG: &str = r#"{"name": "log", "arguments": {"any": [1, {"thing": null}]}}"#;

    fn marked(call: &str) -> String {
        format!("{OPEN}\n{call}\n{CLOSE}")
    }

    #[test]
    fn each_call_is_held_to_its_function_and_words_are_free() {
        let (rome, log) = (marked(ROME), marked(LOG));
        let several = compiled(Style::Marked, true);
        for (text, calls) in [
            (String::new(), 0),
            ("It is {sunny}: a < b, \"name\". 🚀\n".to_owned(), 0),
            ("<tool_box> and <tool_call".to_owned(), 0),
            (r#"{"name": "Ada", "arguments": 3}"#.to_owned(), 0),
            (r#"{"city": "Rome"} {"name": "weather"}"#.to_owned(), 0),
            (rome.clone(), 1),
            (format!("Let me see.\n{rome}\n{log} Done. \n{rome}"), 3),
            (format!("{rome} {ELSEWHERE}"), 1),
            (format!("{OPEN}{{\n  \"type\": \"function\",\n  \"name\":\"log\",\"parameters\":{{}}\n}}{CLOSE}"), 1),
            (ROME.to_owned(), 1),
            (format!("\n```json\n{ROME}\n```"), 1),
            (format!("```{LOG}```"), 1),
        ] {
            assert!(fits(several.clone(), &text), "{text}");
            assert_eq!(called(Style::Marked, &text), calls, "{text}");
        }
        let (one, bare) = (compiled(Style::Marked, false), compiled(Style::Bare, true));
        assert!(fits(one.clone(), &format!("Well: {rome}")) && !fits(one, &format!("{rome}\n{log}")));
        assert!(fits(bare.clone(), ROME) && fits(bare.clone(), "Sunny. <tool_call>") && !fits(bare, ELSEWHERE));
    }

    #[test]
    fn a_call_that_does_not_fit_cannot_be_written_or_is_none() {
        let rogue = |call: &str| {
            [marked(call), format!("Well: {}", marked(call)), call.to_owned(), format!("```json\n{call}\n```")]
        };
        for call in [
            ELSEWHERE,
            r#"{"name": "weather", "arguments": {"city": "Rome", "day": 1}}"#,
            r#"{"name": "weather", "arguments": "{\"city\": \"Elsewhere\"}"}"#,
            r#"{"name": "weather"}"#,
            r#"{"arguments": {}, "name": "weather"}"#,
            r#"{"type": "tool", "name": "weather", "arguments": {}}"#,
            r#"{"name": "we\u0061ther", "arguments": {}}"#,
            r#"{"name": "weather", "arguments": {"city": "Rome"}, "arguments": {}}"#,
            r#"{"name": "weather", "x": 1, "arguments": {}}"#,
        ] {
            for style in [Style::Marked, Style::Bare] {
                for text in rogue(call) {
                    let is_written = fits(compiled(style, true), &text);
                    assert!(!is_written || called(style, &text) == 0, "{style:?}: {text}");
                }
            }
            let second = format!("{} {}", marked(ROME), marked(call));
            for text in [marked(call), second] {
                assert!(!fits(compiled(Style::Marked, true), &text), "{text}");
            }
        }
    }

    #[test]
    fn a_name_is_taken_as_it_stands() {
        let odd = "a \"b\".*\\/é";
        let lark = grammar(Style::Marked, &[(odd, json!({"type": "object"}))], true).expect("a schema");
        let grammar = bytes().compile(Constraint::Lark(&lark)).expect("a grammar");
        let call = format!("{{\"name\": {}, \"arguments\": {{}}}}", json!(odd));
        assert!(fits(grammar.clone(), &marked(&call)));
        assert!(!fits(grammar, &marked(r#"{"name": "a", "arguments": {}}"#)));
    }
}
