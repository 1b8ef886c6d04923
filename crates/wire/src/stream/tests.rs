//! Streams as providers send them.

use super::*;
use crate::sse::Decoder;

/// What a client gets of `stream`.
fn passed_on(stream: &str) -> Vec<String> {
    let (mut decoder, mut reader) = (Decoder::new(), StreamReader::new(Form::Chat, "own".to_owned()));
    decoder.push(Bytes::copy_from_slice(stream.as_bytes()));
    let mut events = Vec::new();
    while let Some(event) = decoder.decode().expect("small events") {
        events.extend(reader.read(event).map(|event| String::from_utf8(event.raw.to_vec()).expect("text")));
    }
    events
}

fn chunk(delta: &str) -> String {
    format!("data: {{\"id\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":null}}]}}\n\n")
}

fn text(events: &[String]) -> String {
    events.iter().filter_map(|event| content(event.strip_prefix("data: ")?.as_bytes())).collect()
}

#[test]
fn what_is_in_form_is_passed_on_byte_for_byte() {
    let stream = [
        chunk(r#"{"role":"assistant","content":""}"#),
        chunk(r#"{"content":"é \u00e9 😀 \ud83d\ude00"}"#),
        ": ping\n\n".to_owned(),
    ];
    assert_eq!(passed_on(&stream.concat()), stream);
}

#[test]
fn what_says_nothing_of_an_answer_stays_behind() {
    let noise = [
        "event: ping\ndata: {\"type\":\"ping\"}\n\n".to_owned(),
        "data: {\"id\":\"\",\"choices\":[],\"prompt_filter_results\":[{}]}\n\n".to_owned(),
        chunk("{}"),
        chunk(r#"{"role":"","content":""}"#),
        chunk(r#"{"content":null,"tool_calls":[]}"#),
    ];
    assert_eq!(passed_on(&noise.concat()), Vec::<String>::new());
    let role = chunk(r#"{"role":"assistant","content":""}"#);
    assert_eq!(passed_on(&[role.clone(), role.clone()].concat()), [role], "it is said once");
    let sources = chunk(r#"{"annotations":[{"url":"x"}]}"#);
    assert_eq!(passed_on(&sources), [sources], "what we do not know may say something");
}

#[test]
fn fields_that_are_a_browsers_stay_behind() {
    let stream = format!("id: 7\nretry: 10\nevent: chunk\n{}", chunk(r#"{"content":"a"}"#));
    assert_eq!(passed_on(&stream), [chunk(r#"{"content":"a"}"#)]);
    assert_eq!(text(&passed_on("data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"a\"}}]}\n\n")), "a");
}

#[test]
fn a_chunk_without_an_id_is_given_one() {
    let events = passed_on("data: {\"id\":\"\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
    assert!(events[0].contains("\"id\":\"own\""), "{events:?}");
}

#[test]
fn a_letter_that_was_cut_in_two_is_joined_or_replaced() {
    let joined = [chunk(r#"{"content":"ab\ud83d"}"#), chunk(r#"{"content":"\ude00cd"}"#)];
    assert_eq!(text(&passed_on(&joined.concat())), "ab😀cd");
    let lost = [chunk(r#"{"content":"ab\ud83d"}"#), chunk(r#"{"content":"cd"}"#)];
    assert_eq!(text(&passed_on(&lost.concat())), "ab\u{fffd}cd");
}

#[test]
fn a_member_that_cannot_be_read_says_nothing_and_the_words_stand() {
    for odd in [
        r#""usage":{"prompt_tokens":"12"}"#,
        r#""usage":"""#,
        r#""usage":[1]"#,
        r#""usage":{"prompt_tokens":[1],"total_tokens":true}"#,
    ] {
        let stream = chunk(r#"{"content":"a"}"#).replace("\"id\"", &format!("{odd},\"id\""));
        assert_eq!(text(&passed_on(&stream)), "a", "{odd}");
    }
    for odd in [r#""finish_reason":7"#, r#""finish_reason":null,"index":"0""#, r#""message":"x""#, r#""logprobs":7"#] {
        let stream = format!("data: {{\"id\":\"a\",\"choices\":[{{\"delta\":{{\"content\":\"a\"}},{odd}}}]}}\n\n");
        assert_eq!(text(&passed_on(&stream)), "a", "{odd}");
    }
}

#[test]
fn parts_become_the_two_strings_that_clients_know() {
    let stream = chunk(
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}]}"#,
    );
    let events = passed_on(&stream);
    assert_eq!(text(&events), "a");
    assert!(events[0].contains(r#""reasoning_content":"hm""#), "{events:?}");
}

#[test]
fn arguments_that_were_kept_back_come_with_the_end() {
    let call =
        chunk(r#"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#);
    let end = chunk("{}").replace("null", "\"tool_calls\"");
    let events = passed_on(&[call, end].concat());
    assert!(events[0].contains(r#""arguments":"""#) && events[1].contains(r#""arguments":"{}""#), "{events:?}");
}

#[test]
fn a_stream_without_a_reason_is_given_one_of_its_own() {
    let mut reader = StreamReader::new(Form::Chat, "own".to_owned());
    let ending = reader.ending();
    assert_eq!(
        &ending.raw[..],
        b"data: {\"id\":\"own\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    );
}
