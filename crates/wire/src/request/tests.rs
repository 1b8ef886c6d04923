//! Requests as clients send them.

use super::*;

fn chat(body: &str) -> Result<Request, Malformed> {
    Request::parse(Form::Chat, Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn what_routing_needs_is_read() {
    let request = chat(
        r#"{ "messages": [{"role":"user","content":"hi"}], "model" : "tier-2", "stream":true,
             "stream_options":{"include_usage":true}, "max_tokens": 5, "x": {"deep": [1, 2]} }"#,
    )
    .expect("well formed");
    assert_eq!((request.model(), request.streamed(), request.include_usage()), ("tier-2", true, true));
    assert_eq!((request.max_tokens(), request.assemblable()), (Some(5), true));
}

#[test]
fn what_is_absent_or_null_has_its_default() {
    for body in [
        r#"{"messages":[{}]}"#,
        r#"{"messages":[{}],"model":null,"stream":null,"stream_options":null,"max_tokens":null}"#,
    ] {
        let request = chat(body).expect(body);
        assert_eq!((request.model(), request.streamed(), request.max_tokens()), ("auto", false, None));
    }
}

#[test]
fn what_is_wrong_is_said_by_name() {
    for (body, says) in [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not an object"),
        ("\"text\"", "not an object"),
        ("{}", "'messages' is missing"),
        (r#"{"messages":null}"#, "'messages' is missing"),
        (r#"{"messages":[ ]}"#, "'messages' must be"),
        (r#"{"messages":"hi"}"#, "'messages' must be"),
        (r#"{"messages":[{}],"model":7}"#, "'model' must be a string"),
        (r#"{"messages":[{}],"stream":"yes"}"#, "'stream' must be"),
        (r#"{"messages":[{}],"max_tokens":-2}"#, "'max_tokens' must be"),
        (r#"{"messages":[{}],"max_tokens":"64"}"#, "'max_tokens' must be"),
        (r#"{"messages":[{}],"stream_options":"all"}"#, "'stream_options' must be"),
        (r#"{"messages":[{}],"max_tokens":1.5}"#, "'max_tokens' must be"),
        (r#"{"messages":[{}],"model":"a","model":"b"}"#, "duplicate field `model`"),
    ] {
        let malformed = chat(body).expect_err(body);
        assert!(malformed.message.contains(says), "{body}: {}", malformed.message);
    }
    assert!(Request::parse(Form::Chat, Bytes::from_static(b"\xff")).is_err());
}

#[test]
fn a_whole_number_is_read_in_every_form_and_told_in_the_plain_one() {
    for (sent, bound, told) in [
        ("64.0", Some(64), "64"),
        ("6.4e1", Some(64), "64"),
        ("-1", None, "null"),
        ("-1.0", None, "null"),
        ("1e12", Some(u32::MAX), "4294967295"),
    ] {
        let request = chat(&format!(r#"{{"max_tokens":{sent},"messages":[{{}}],"max_completion_tokens": {sent} }}"#));
        let request = request.expect(sent);
        let plain = format!(r#"{{"max_tokens":{told},"messages":[{{}}],"max_completion_tokens": {told} }}"#);
        assert_eq!((request.max_tokens(), &*request.body), (bound, plain.as_bytes()), "{sent}");
    }
    assert!(chat(r#"{"messages":[{"role":"user"}],"n":1.0}"#).expect("well formed").can_be_carried_on());
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let request = chat("\u{feff}{\"messages\":[{}]}").expect("well formed");
    assert_eq!(&*request.body, br#"{"messages":[{}]}"#);
}

#[test]
fn options_of_a_stream_that_nobody_knows_are_no_fault() {
    for (options, usage) in [
        (r#"{"include_usage":true,"continuous_usage_stats":true}"#, true),
        (r#"{"include_usage":"yes","include_obfuscation":[1]}"#, false),
        ("{}", false),
    ] {
        let body = format!(r#"{{"messages":[{{}}],"stream":true,"stream_options":{options}}}"#);
        assert_eq!(chat(&body).expect(options).include_usage(), usage, "{options}");
    }
}

#[test]
fn tools_schemas_and_pictures_count_as_prompt() {
    let tokens = |members: &str| chat(&format!(r#"{{"messages":[{{}}]{members}}}"#)).expect(members).prompt_tokens();
    let described = format!(r#"[{{"description":"{}"}}]"#, "x".repeat(4_000));
    for member in ["tools", "functions", "response_format"] {
        assert!(tokens(&format!(r#","{member}":{described}"#)) > 1_000, "{member}");
    }
    let picture = |url: &str| {
        let body =
            format!(r#"{{"messages":[{{"content":[{{"type":"image_url","image_url" : {{"url":"{url}"}}}}]}}]}}"#);
        chat(&body).expect(url).prompt_tokens()
    };
    let (far, near) =
        (picture("https://a.example/b.png"), picture(&format!("data:image/png;base64,{}", "A".repeat(9_000))));
    assert!((765..820).contains(&far) && (765..820).contains(&near), "{far} {near}");
}

#[test]
fn a_text_completion_needs_a_prompt() {
    let text = |body: &'static str| Request::parse(Form::Text, Bytes::from_static(body.as_bytes()));
    assert!(text(r#"{"prompt":"once"}"#).is_ok() && text(r#"{"prompt":["once"]}"#).is_ok());
    assert!(text(r#"{"messages":[{}]}"#).is_err() && text(r#"{"prompt":[]}"#).is_err());
}

#[test]
fn the_form_asked_for_stands_as_it_came() {
    let format = |body: &str| chat(body).expect(body).response_format().map(<[u8]>::to_vec);
    let asked = format(r#"{"messages":[{}],"response_format": { "type":"json_object" }}"#);
    assert_eq!(asked.as_deref(), Some(&br#"{ "type":"json_object" }"#[..]));
    assert_eq!(format(r#"{"messages":[{}],"response_format":null}"#), None);
}

#[test]
fn one_answer_of_text_alone_is_carried_on() {
    let text = |members: &str| {
        let body = format!(r#"{{"prompt":"once"{members}}}"#);
        Request::parse(Form::Text, Bytes::from(body)).expect("well formed").can_be_carried_on()
    };
    for members in ["", r#","n":1,"best_of":1,"echo":false,"logprobs":null"#, r#","logprobs":false"#] {
        assert!(text(members), "{members}");
    }
    for members in [r#","n":2"#, r#","best_of":2"#, r#","echo":true"#, r#","logprobs":0"#, r#","logprobs":true"#] {
        assert!(!text(members), "{members}");
    }
}

#[test]
fn json_is_not_carried_on() {
    let carried = |format: &str| {
        let body = format!(r#"{{"messages":[{{}}],"response_format":{format}}}"#);
        chat(&body).expect("well formed").can_be_carried_on()
    };
    assert!(carried("null") && carried(r#"{"type":"text"}"#));
    assert!(!carried(r#"{"type":"json_object"}"#) && !carried(r#"{"type":"json_schema","json_schema":{}}"#));
}

#[test]
fn answers_that_are_ranked_are_not_streamed() {
    let assemblable = |members: &str| {
        let body = format!(r#"{{"prompt":"once",{members}}}"#);
        Request::parse(Form::Text, Bytes::from(body)).expect("well formed").assemblable()
    };
    assert!(assemblable(r#""n":2,"best_of":2"#) && assemblable(r#""best_of":"many""#));
    assert!(!assemblable(r#""n":2,"best_of":3"#));
}

#[test]
fn a_spoken_answer_is_not_put_together() {
    assert!(!chat(r#"{"messages":[{}],"modalities":["text","audio"]}"#).expect("well formed").assemblable());
}

#[test]
fn an_answer_that_a_server_binds_to_a_form_is_not_carried_on() {
    let carried_on =
        |member: &str| chat(&format!(r#"{{"messages":[{{}}],{member}}}"#)).expect("well formed").can_be_carried_on();
    for bound in [
        r#""json_schema":{"type":"object"}"#,
        r#""grammar":"root ::= \"a\"""#,
        r#""guided_json":{"type":"object"}"#,
        r#""structured_outputs":{"regex":"a+"}"#,
    ] {
        assert!(!carried_on(bound), "{bound}");
    }
    for free in [r#""grammar":"""#, r#""json_schema":null"#] {
        assert!(carried_on(free), "{free}");
    }
}
