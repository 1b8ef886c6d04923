use hyper::StatusCode;
use serde_json::{Value, json};

use super::*;
use crate::grammar::Constraint;
use crate::grammar::tests::{bytes, fits};
use crate::model::Sampling;
use crate::worker::answer::Style;
use prompt::Source;
use tools::Tools;

fn chat(members: &Value) -> Value {
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
    let expected =
        Settings { max_tokens: None, stop: Vec::new(), sampling, shape: None, streamed: false, include_usage: false };
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
        "response_format": {"type": "json_object"}
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
        shape: Some(Shape::Object),
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
        ("n", json!(2)),
        ("logprobs", json!(true)),
        ("functions", json!([{"name": "f"}])),
        ("reasoning_effort", json!("high")),
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
fn a_text_prompt_is_one_text_or_one_list_of_tokens() {
    let source = |prompt: Value| {
        let body = json!({ "prompt": prompt }).to_string();
        let mut members = Members::read(body.as_bytes()).expect("an object");
        match Source::read(Form::Text, &mut members) {
            Ok(Source::Text(text)) => text,
            Ok(Source::Tokens(tokens)) => format!("{tokens:?}"),
            Ok(Source::Messages { .. }) => "messages".to_owned(),
            Err(refusal) => refusal.param.unwrap_or_default(),
        }
    };
    assert_eq!(source(json!("once")), "once");
    assert_eq!(source(json!(["once"])), "once");
    assert_eq!(source(json!([1, 2])), "[1, 2]");
    assert_eq!(source(json!([[1, 2]])), "[1, 2]");
    assert_eq!(source(json!(["once", "twice"])), "prompt");
    assert_eq!(source(json!(7)), "prompt");
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

/// What is forced by these members beside two tools.
fn forced(members: &Value, style: Style) -> Option<String> {
    let place = json!({"type": "object", "required": ["city"], "additionalProperties": false,
        "properties": {"city": {"type": "string"}}});
    let tools = json!([{"type": "function", "function": {"name": "weather", "parameters": place}},
        {"type": "function", "function": {"name": "now"}}]);
    let mut body = chat(members);
    body["tools"] = tools;
    let body = body.to_string();
    let mut members = Members::read(body.as_bytes()).expect("an object");
    Tools::read(&mut members).expect("tools")?.grammar(style)
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
        let lark = forced(&members, Style::Marked).expect("a grammar");
        let grammar = bytes().compile(Constraint::Lark(&lark)).expect("a grammar");
        taken.iter().for_each(|text| assert!(fits(grammar.clone(), text), "{members}: {text}"));
        refused.iter().for_each(|text| assert!(!fits(grammar.clone(), text), "{members}: {text}"));
    }
    let lark = forced(&json!({"tool_choice": "required"}), Style::Bare).expect("a grammar");
    let grammar = bytes().compile(Constraint::Lark(&lark)).expect("a grammar");
    assert!(fits(grammar, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}"));
    assert_eq!(forced(&json!({"tool_choice": "auto"}), Style::Marked), None);
    assert_eq!(forced(&json!({"tool_choice": "none"}), Style::Marked), None);
}

#[test]
fn both_halves_of_a_seed_count() {
    let seed = |seed: i64| settings(Form::Chat, &chat(&json!({ "seed": seed }))).expect("a request").sampling.seed;
    assert_ne!(seed(1), seed(1 | 1 << 40));
    assert!(seed(-1).is_some());
}
