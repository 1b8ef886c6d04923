//! Grammars over a vocabulary of single bytes.

use super::*;

pub(crate) fn bytes() -> Grammars {
    Grammars::new((0..=254_u8).map(|byte| vec![byte]).collect(), Vec::new()).expect("a vocabulary")
}

fn gbnf(source: &str) -> Result<Grammar, GrammarError> {
    bytes().compile(Constraint::Gbnf(source))
}

/// Whether a grammar takes the whole text, and may end there.
pub(crate) fn fits(mut grammar: Grammar, text: &str) -> bool {
    grammar.begin_with(text).is_ok() && grammar.matcher.is_accepting().expect("a state")
}

#[test]
fn gbnf_means_what_llama_cpp_says_it_means() {
    let json = r#"
        # from the examples' form
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws
        object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
        ws     ::= | " " | "\n" [ \t]{0,20}"#;
    for (source, taken, refused) in [
        (json, &[r#"{"a": [1, -2.5e3, "\u00e9\n é🚀"], "b": {}}"#, "{}"][..], &["{", r#"{"a": }"#, "{} x", "[]"][..]),
        ("root ::= \"ab\"{2} [x-z]? .", &["ababx", "ababxz", "abab🚀"], &["abb", "ababxyz", "abab"]),
        ("root ::= (\"a\" |\n  \"b\")+ tail\ntail ::= [^a-c]{2,} | ", &["ab", "bdd", "addd"], &["", "bd", "abac"]),
        ("root ::= (\"abc\" | [a-z])* \"!\"", &["abx!", "abcabd!", "!"], &["abx", "A!"]),
        ("root ::= \"a\"{0} \"b\"*{0,2} \"\"", &["", "b", "bbbb"], &["a"]),
        ("root ::= root \"+\" root | [0-9]", &["1", "1+2+3"], &["1+", "+1"]),
        ("root ::= \"\\x41\\u00e9\\U0001F680\" [\\]\\-\\\\-]", &["Aé🚀]", "Aé🚀-", "Aé🚀\\"], &["Aé🚀["]),
    ] {
        let grammar = gbnf(source).expect(source);
        taken.iter().for_each(|text| assert!(fits(grammar.clone(), text), "{source}: {text}"));
        refused.iter().for_each(|text| assert!(!fits(grammar.clone(), text), "{source}: {text}"));
    }
}

#[test]
fn what_the_kit_shows_a_model_is_what_its_grammars_let_it_write() {
    const NORD: &str =
        "# Nord\n> Coffee.\n## Menu\n- **Espresso**: 2.50 €\n## Hours\nDaily.\n## About\nWe roast.\n[Come in]";
    let grammar = |source| gbnf(source).expect("a grammar of the kit");
    let answers = |messages: &[kit::Message]| {
        let answers = messages.iter().filter(|message| message.role == kit::Role::Assistant);
        answers.map(|answer| answer.content.clone().into_owned()).collect::<Vec<_>>()
    };
    let page = grammar(kit::grammar());
    let shown = answers(&kit::messages("a café")).into_iter().chain(answers(&kit::messages("ein Café für uns")));
    shown.chain([NORD.to_owned()]).for_each(|words| assert!(fits(page.clone(), &words), "{words}"));
    for (right, wrong) in
        [("# Nord", "Here: # Nord"), ("\n[Come in]", ""), ("Daily.", "<b>Daily</b>"), ("## About\nWe roast.\n", "")]
    {
        assert!(!fits(page.clone(), &NORD.replace(right, wrong)), "{wrong}");
    }
    let words = kit::Words::parse(NORD);
    let (item, other) = ("- **Tea**: 3 €", "## Tea");
    for (spot, taken, refused) in [
        (None, NORD, "Nord"),
        (Some(kit::Spot::Section(0)), "## Menu\n- **Tea**: 3 €\nAnd more.", item),
        (Some(kit::Spot::ItemDetail(0, 0)), item, other),
        (Some(kit::Spot::Sentence), "Tea, all day.", other),
    ] {
        let grammar = grammar(kit::wish_grammar(&words, spot));
        answers(&kit::wish_messages(&words, "more", spot))
            .iter()
            .for_each(|text| assert!(fits(grammar.clone(), text), "{text}"));
        assert!(fits(grammar.clone(), taken) && !fits(grammar, refused), "{taken}");
    }
}

#[test]
fn what_is_no_grammar_is_refused_with_its_line() {
    for (source, words) in [
        ("", "line 1: there is no rule named root"),
        ("a ::= \"x\"", "line 1: there is no rule named root"),
        ("root ::= \"x\"\n\nroot ::= \"y\"", "line 3: the rule root is defined twice"),
        ("root ::=\n  a |\n  b\nb ::= \"x\"", "line 2: the rule a is not defined"),
        ("root ::= \"x", "line 1: the grammar ends within a text or a set"),
        ("root ::= [z-a]", "line 1: the range 'z' to 'a' is empty"),
        ("root ::= []", "line 1: a set of characters is empty"),
        ("root ::= * \"x\"", "line 1: nothing stands before '*'"),
        ("root ::= \"x\"{3,1}", "line 1: {3,1} is no repetition"),
        ("root ::= \"x\"{0,1000000}", "line 1: a part repeats more than 100000 times"),
        ("root ::= \"x\"{99999999999999999999}", "line 1: a part repeats more than 100000 times"),
        ("root ::= \"\\q\"", "line 1: unknown escape"),
        ("root ::= \"\\ud800\"", "line 1: \"d800\" is no character's number"),
        ("root ::= (\"x\"", "line 1: expected ')'"),
        ("root = \"x\"", "line 1: expected ':'"),
        ("root ::= \"x\" }", "line 1: unexpected '}'"),
        ("root ::= <[7]>", "line 1: tokens in a grammar are not supported by the embedded engine"),
    ] {
        assert_eq!(gbnf(source).expect_err(source).to_string(), words, "{source}");
    }
}

#[test]
fn hostile_grammars_are_refused_or_followed_within_bounds() {
    let deep = format!("root ::= {}\"x\"{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(gbnf(&deep).expect_err("too long").to_string(), "line 1: the grammar is over 64 KiB");
    let deep = format!("root ::= {}\"x\"{}", "(".repeat(1000), ")".repeat(1000));
    assert_eq!(gbnf(&deep).expect_err("too deep").to_string(), "line 1: brackets are nested more than 64 deep");
    let repeated = format!("root ::= {}\"x\"{}", "(".repeat(60), "){0,100000}".repeat(60));
    let doubling = "root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"d\"";
    let ambiguous = "root ::= root root root | root root | \"a\" | \"a\" \"a\"";
    let nothing = "root ::= root";
    let endless = "root ::= a*\na ::= \"\"*";
    for source in [repeated.as_str(), doubling, ambiguous, nothing, endless] {
        if let Ok(mut grammar) = gbnf(source) {
            let _ = grammar.begin_with(&"a".repeat(300));
            let _ = grammar.forbid(&mut []);
        }
    }
}

#[test]
fn a_schema_holds_its_answer() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["name", "tags"],
        "properties": {"name": {"type": "string", "maxLength": 4}, "age": {"type": "integer", "minimum": 0},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2}, "more": {"$ref": "#"}}});
    let grammar = bytes().compile(Constraint::Schema(&schema)).expect("a schema");
    for (text, fit) in [
        (r#"{"name": "Ada", "age": 36, "tags": ["a", "b"]}"#, true),
        (r#"{"name":"","tags":[],"more":{"name":"x","tags":[]}}"#, true),
        (r#"{"name": "Ada"}"#, false),
        (r#"{"name": "Lovelace", "tags": []}"#, false),
        (r#"{"name": "Ada", "age": -1, "tags": []}"#, false),
        (r#"{"name": "Ada", "tags": ["c"]}"#, false),
        (r#"{"name": "Ada", "tags": [], "other": 1}"#, false),
    ] {
        assert_eq!(fits(grammar.clone(), text), fit, "{text}");
    }
    let object = bytes().compile(Constraint::Object).expect("an object");
    assert!(fits(object.clone(), r#"{"a": {"b": [1, null]}}"#) && !fits(object, "[1]"));
}

#[test]
fn a_schema_that_cannot_be_kept_to_is_refused_in_one_line() {
    for (schema, words) in [
        (json!(true), "the schema is not an object"),
        (json!({"type": "object", "unevaluatedProperties": false, "if": {}}), "Unimplemented keys: "),
        (json!({"type": "string", "pattern": "(?=x)y"}), "regex parse error: error: look-around"),
        (json!({"$ref": "https://example.org/schema"}), "Resource 'https://example.org/schema' is not present"),
        (json!({"type": "nonsense"}), "Invalid type: nonsense"),
    ] {
        let error = bytes().compile(Constraint::Schema(&schema)).expect_err("a refusal").to_string();
        assert!(error.starts_with(words) && !error.contains('\n') && error.len() < 250, "{schema}: {error}");
    }
}
