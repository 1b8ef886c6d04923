use hyper::StatusCode;
use serde_json::{Value, json};

use super::*;
use crate::grammar::tests::{bytes, fits};
use crate::grammar::{Constraint, Grammar};
use crate::model::{Logprobs, Sampling};
use crate::worker::answer::Style;
use constraint::Calling;
use prompt::{Source, Text};
use tools::Tools;

pub(super) fn chat(members: &Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    body
}

fn settings(form: Form, body: &Value) -> Result<Settings, Refusal> {
    let body = body.to_string();
    Settings::read(form, &mut Members::read(body.as_bytes())?).map(|(settings, _)| settings)
}

fn refused(members: &Value) -> Refusal {
    let refusal = settings(Form::Chat, &chat(members)).expect_err("a refusal");
    assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    refusal
}

#[test]
fn a_bare_chat_has_the_defaults_of_the_form() {
    let read = settings(Form::Chat, &chat(&json!({}))).expect("a request");
    let sampling = Sampling::default();
    let choices = Choices { given: 1, made: 1, echo: false, logprobs: None };
    let expected = Settings {
        max_tokens: None,
        stop: Vec::new(),
        sampling,
        drafting: Drafting::WhereItPays,
        shape: None,
        choices,
        streamed: false,
        include_usage: false,
    };
    assert_eq!(read, expected);
}

#[test]
fn a_bare_text_has_the_short_answer_of_the_form() {
    let read = settings(Form::Text, &json!({"prompt": "once"})).expect("a request");
    assert_eq!(read.max_tokens, Some(TEXT_MAX_TOKENS));
}

#[test]
fn each_parameter_reaches_the_engine() {
    let body = chat(&json!({
        "temperature": 0.5, "top_p": 0.9, "top_k": 10, "min_p": 0.1, "presence_penalty": -1, "frequency_penalty": 0.25,
        "repeat_penalty": 1.1, "seed": 7, "logit_bias": {"5": -100, "6": 1.5}, "max_completion_tokens": 9,
        "max_tokens": 8, "stop": ["a", "b"], "stream": true, "stream_options": {"include_usage": true},
        "response_format": {"type": "json_object"}, "n": 3, "logprobs": true, "top_logprobs": 20,
        "speculative.n_max": 0
    }));
    let read = settings(Form::Chat, &body).expect("a request");
    let sampling = Sampling {
        temperature: 0.5,
        top_p: 0.9,
        top_k: 10,
        min_p: 0.1,
        presence_penalty: -1.0,
        frequency_penalty: 0.25,
        repeat_penalty: 1.1,
        seed: Some(7),
        logit_bias: vec![(5, -100.0), (6, 1.5)],
    };
    let stop = vec!["a".to_owned(), "b".to_owned()];
    let expected = Settings {
        max_tokens: Some(9),
        stop,
        sampling,
        drafting: Drafting::Never,
        shape: Some(Shape::Object),
        choices: Choices { given: 3, made: 3, echo: false, logprobs: Some(20) },
        streamed: true,
        include_usage: true,
    };
    assert_eq!(read, expected);
}

#[test]
fn what_asks_for_nothing_is_taken() {
    let body = chat(&json!({
        "n": 1, "logprobs": false, "response_format": {"type": "text"}, "user": "u", "metadata": {"a": "b"},
        "tools": [], "tool_choice": "auto", "functions": null, "grammar": null, "stop": "x"
    }));
    assert_eq!(settings(Form::Chat, &body).expect("a request").stop, ["x"]);
}

#[test]
fn what_the_engine_cannot_do_is_refused_by_name() {
    let table = [
        ("n", json!(17)),
        ("best_of", json!(2)),
        ("echo", json!(true)),
        ("suffix", json!("end")),
        ("functions", json!([{"name": "f"}])),
        ("reasoning_effort", json!("high")),
        ("speculative.n_max", json!(16)),
        ("never_heard_of", json!(0)),
    ];
    for (name, value) in table {
        let refusal = refused(&json!({name: value}));
        assert_eq!(refusal.param.as_deref(), Some(name));
        assert!(refusal.code.is_some_and(|code| code.starts_with("unsupported_")), "{name}");
        assert!(refusal.message.contains(name) && refusal.message.contains("not supported"), "{name}");
    }
}

#[test]
fn a_value_out_of_its_bounds_is_refused_by_name() {
    let table = [
        ("temperature", json!(2.5)),
        ("temperature", json!("hot")),
        ("top_p", json!(-0.1)),
        ("presence_penalty", json!(3)),
        ("repeat_penalty", json!(0)),
        ("max_tokens", json!(-1)),
        ("max_tokens", json!(1.5)),
        ("stop", json!([1])),
        ("stop", json!(vec!["x"; 17])),
        ("n", json!(0)),
        ("n", json!(1.5)),
        ("logprobs", json!(2)),
        ("top_logprobs", json!(21)),
        ("top_logprobs", json!(2)),
        ("stream_options", json!({"chunks": true})),
        ("logit_bias", json!({"five": 1})),
        ("logit_bias", json!({"5": 101})),
        ("stream", json!("yes")),
        ("tools", json!({})),
        ("tools", json!([{"type": "function"}])),
        ("tool_choice", json!("sometimes")),
        ("tool_choice", json!({"type": "function", "function": {"name": "f"}})),
        ("grammar", json!(["root ::= \"a\""])),
        ("response_format", json!("json")),
        ("response_format", json!({"type": "xml"})),
        ("response_format", json!({"type": "json_schema", "json_schema": {"schema": true}})),
    ];
    for (name, value) in table {
        let refusal = refused(&json!({name: value}));
        assert_eq!(
            (refusal.param.as_deref(), refusal.code),
            (Some(name), Some("invalid_value")),
            "{}",
            refusal.message
        );
    }
}

#[test]
fn the_shape_of_an_answer_is_read_in_each_of_its_forms() {
    let shape = |members: Value| settings(Form::Chat, &chat(&members)).map(|settings| settings.shape);
    let schema = json!({"type": "object"});
    for (members, expected) in [
        (json!({"grammar": "root ::= \"a\""}), Some(Shape::Gbnf("root ::= \"a\"".to_owned()))),
        (json!({"grammar": ""}), None),
        (json!({"response_format": {"type": "text"}}), None),
        (json!({"response_format": {"type": "json_object"}}), Some(Shape::Object)),
        (json!({"response_format": {"type": "json_object", "schema": schema}}), Some(Shape::Schema(schema.clone()))),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": schema}}}),
            Some(Shape::Schema(schema.clone())),
        ),
    ] {
        assert_eq!(shape(members).expect("a request"), expected);
    }
    let deep = format!("{}1{}", r#"{"items":"#.repeat(100_000), "}".repeat(100_000));
    let body = format!(r#"{{"messages":[],"response_format":{{"type":"json_object","schema":{deep}}}}}"#);
    let mut members = Members::read(body.as_bytes()).expect("an object");
    let refusal = Settings::read(Form::Chat, &mut members).expect_err("a refusal");
    assert_eq!(refusal.param.as_deref(), Some("response_format"));
    let both = json!({"grammar": "root ::= \"a\"", "response_format": {"type": "json_object"}});
    assert_eq!(shape(both).expect_err("a refusal").param.as_deref(), Some("grammar"));
}

#[test]
fn what_is_no_request_is_refused() {
    for body in ["", "[]", "{", "\"text\"", "{\"model\":\"m\"}"] {
        let read = Members::read(body.as_bytes()).and_then(|mut members| Settings::read(Form::Chat, &mut members));
        assert_eq!(read.expect_err("a refusal").status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[test]
fn a_text_has_one_prompt_or_several() {
    let texts = |prompt: Value| {
        let body = json!({ "prompt": prompt }).to_string();
        let mut members = Members::read(body.as_bytes()).expect("an object");
        match Source::read(Form::Text, &mut members) {
            Ok(Source::Texts { texts, .. }) => texts,
            Ok(Source::Messages { .. }) => panic!("no chat"),
            Err(refusal) => {
                assert_eq!(refusal.param.as_deref(), Some("prompt"));
                Vec::new()
            }
        }
    };
    let words = |words: &str| Text::Words(words.to_owned());
    assert_eq!(texts(json!("once")), [words("once")]);
    assert_eq!(texts(json!(["once", "twice"])), [words("once"), words("twice")]);
    assert_eq!(texts(json!([1, 2])), [Text::Tokens(vec![1, 2])]);
    assert_eq!(texts(json!([[1, 2], [3]])), [Text::Tokens(vec![1, 2]), Text::Tokens(vec![3])]);
    assert_eq!(texts(json!(7)), []);
    assert_eq!(texts(json!(["once", 1])), []);
}

fn text(members: &Value) -> Result<Settings, Refusal> {
    let mut body = json!({"prompt": "once"});
    body.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    settings(Form::Text, &body)
}

#[test]
fn a_text_says_how_many_answers_are_made_and_given_and_what_is_told_beside_them() {
    for (members, expected) in [
        (json!({"n": 2}), Choices { given: 2, made: 2, echo: false, logprobs: None }),
        (json!({"n": 2, "best_of": 4, "echo": true}), Choices { given: 2, made: 4, echo: true, logprobs: None }),
        (json!({"best_of": 1, "logprobs": 0}), Choices { given: 1, made: 1, echo: false, logprobs: Some(0) }),
        (json!({"logprobs": false, "top_logprobs": 0}), Choices { given: 1, made: 1, echo: false, logprobs: None }),
        (json!({"n": 4, "prompt": ["a", "b", "c", "d"]}), Choices { given: 4, made: 4, echo: false, logprobs: None }),
    ] {
        assert_eq!(text(&members).expect("a request").choices, expected, "{members}");
    }
    for (members, name) in [
        (json!({"n": 2, "best_of": 1}), "best_of"),
        (json!({"best_of": 17}), "best_of"),
        (json!({"best_of": 2, "stream": true}), "best_of"),
        (json!({"logprobs": 6}), "logprobs"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_logprobs": 1}), "top_logprobs"),
        (json!({"echo": true, "suffix": "end"}), "echo"),
        (json!({"n": 9, "prompt": ["a", "b"]}), "prompt"),
    ] {
        let refusal = text(&members).expect_err("a refusal");
        assert_eq!(refusal.param.as_deref(), Some(name), "{members}");
    }
}

#[test]
fn what_is_weighed_is_what_is_told_or_ranked_by() {
    let weighed = |members| text(&members).expect("a request").choices.weighed();
    assert_eq!(weighed(json!({"n": 2})), None);
    assert_eq!(weighed(json!({"best_of": 2, "echo": true})), Some(Logprobs { top: 0, prompt: false }));
    assert_eq!(weighed(json!({"logprobs": 3, "echo": true})), Some(Logprobs { top: 3, prompt: true }));
}

#[test]
fn each_answer_to_a_prompt_has_a_seed_of_its_own() {
    let seeds =
        |seed| (0..3).map(move |index| Choices::sampling(&Sampling { seed, ..Sampling::default() }, index).seed);
    assert_eq!(seeds(Some(7)).collect::<Vec<_>>(), [Some(7), Some(8), Some(9)]);
    assert_eq!(seeds(None).collect::<Vec<_>>(), [None; 3]);
}

#[test]
fn tools_that_must_not_be_called_are_not_shown_to_the_model() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for (choice, shown) in [("auto", true), ("none", false)] {
        let body = chat(&json!({"tools": tools, "tool_choice": choice})).to_string();
        let mut members = Members::read(body.as_bytes()).expect("an object");
        let Ok(Source::Messages { tools, .. }) = Source::read(Form::Chat, &mut members) else { panic!("a chat") };
        assert_eq!(tools.is_some(), shown, "{choice}");
    }
}

/// How two tools are called with these members.
fn calling(members: &Value, style: Style) -> Option<Calling> {
    let place = json!({"type": "object", "required": ["city"], "additionalProperties": false,
        "properties": {"city": {"type": "string"}}});
    let tools = json!([{"type": "function", "function": {"name": "weather", "parameters": place}},
        {"type": "function", "function": {"name": "now"}}]);
    let mut body = chat(members);
    body["tools"] = tools;
    let body = body.to_string();
    let mut members = Members::read(body.as_bytes()).expect("an object");
    Tools::read(&mut members).expect("tools").map(|tools| tools.calling(style).expect("schemas"))
}

/// What the answer has to be with these members, two tools and this shape, as a grammar.
fn forced(members: &Value, style: Style, shape: Option<Shape>) -> Option<Grammar> {
    match constraint::beside_calls(shape, calling(members, style)).expect("a shape") {
        Some(Shape::Call { lark, .. }) => Some(bytes().compile(Constraint::Lark(&lark)).expect("a grammar")),
        shape => {
            assert_eq!(shape, None);
            None
        }
    }
}

#[test]
fn a_call_that_is_forced_is_one_of_the_functions_with_what_it_takes() {
    let weather = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>";
    let now = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
    let both = format!("{weather}\n{now}");
    let named = json!({"tool_choice": {"type": "function", "function": {"name": "now"}}});
    let one = json!({"tool_choice": "required", "parallel_tool_calls": false});
    for (members, taken, refused) in [
        (
            json!({"tool_choice": "required"}),
            &[weather, now, &both][..],
            &["Sunny.", &weather.replace("city", "town")][..],
        ),
        (one, &[weather, now], &[both.as_str()]),
        (named, &[now], &[weather]),
    ] {
        let grammar = forced(&members, Style::Marked, None).expect("a grammar");
        taken.iter().for_each(|text| assert!(fits(grammar.clone(), text), "{members}: {text}"));
        refused.iter().for_each(|text| assert!(!fits(grammar.clone(), text), "{members}: {text}"));
    }
    let grammar = forced(&json!({"tool_choice": "required"}), Style::Bare, None).expect("a grammar");
    assert!(fits(grammar, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}"));
    assert!(forced(&json!({"tool_choice": "auto"}), Style::Marked, None).is_none());
    assert_eq!(calling(&json!({"tool_choice": "none"}), Style::Marked), None);
}

#[test]
fn beside_tools_a_response_format_is_for_an_answer_in_words() {
    let now = "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>";
    let bare = "{\"name\": \"now\", \"parameters\": {}}";
    let answer = "{\"sunny\": true}";
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["sunny"],
        "properties": {"sunny": {"type": "boolean"}}});
    for (style, call) in [(Style::Marked, now), (Style::Bare, bare)] {
        for shape in [Shape::Schema(schema.clone()), Shape::Object] {
            let grammar = forced(&json!({}), style, Some(shape)).expect("a grammar");
            let unmarked = bare.replace("parameters", if style == Style::Marked { "arguments" } else { "parameters" });
            let laid_out = unmarked.replace("{\"name", "{\n  \"name").replace("{}}", "{}\n}");
            [call, answer, &unmarked, &laid_out]
                .iter()
                .for_each(|text| assert!(fits(grammar.clone(), text), "{style:?}: {text}"));
            ["Sunny.", "<tool_call>"].iter().for_each(|text| assert!(!fits(grammar.clone(), text), "{text}"));
        }
        let grammar = forced(&json!({"tool_choice": "required"}), style, Some(Shape::Schema(schema.clone())));
        let grammar = grammar.expect("a grammar");
        assert!(fits(grammar.clone(), call) && !fits(grammar, answer), "a call is forced");
    }
    let gbnf = Some(Shape::Gbnf("root ::= \"a\"".to_owned()));
    let refusal = constraint::beside_calls(gbnf, calling(&json!({}), Style::Marked)).expect_err("a refusal");
    assert_eq!(refusal.param.as_deref(), Some("grammar"));
}

#[test]
fn both_halves_of_a_seed_count() {
    let seed = |seed: i64| settings(Form::Chat, &chat(&json!({ "seed": seed }))).expect("a request").sampling.seed;
    assert_ne!(seed(1), seed(1 | 1 << 40));
    assert!(seed(-1).is_some());
}
