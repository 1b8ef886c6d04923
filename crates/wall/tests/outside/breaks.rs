//! Faults within an answer: where it breaks, how, and what of it came before.

use crate::client::{Ending, assert_silent, streamed, unending, wall, whole, words};
use serde_json::{Value, json};

/// The words of a whole answer that never became one.
fn half_said(body: &[u8]) -> String {
    let body = String::from_utf8(body.to_vec()).unwrap();
    body.split_once(r#""content":""#).unwrap().1.to_owned()
}

#[test]
fn a_cut_stream_ends_inside_a_chunk_and_inside_an_event() {
    let answer = streamed(&wall(), "cut-after-40");
    assert_eq!(answer.streamed_text(), words(1, 40));
    assert_eq!(answer.ending, Ending::Closed);
    let (body, rest) = answer.unchunked();
    assert!(body.ends_with("\n\n"));
    let rest = String::from_utf8(rest.unwrap().to_vec()).unwrap();
    assert!(rest.contains("data: {") && !rest.contains('}'), "{rest}");
    assert!(answer.finish_reason().is_none());
}

#[test]
fn a_cut_whole_answer_is_short_of_its_length() {
    let answer = whole(&wall(), "cut-after-40");
    assert!(half_said(&answer.body).starts_with(&words(1, 40)));
    let length: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert!(answer.body.len() < length);
    assert_eq!(answer.ending, Ending::Closed);
}

#[test]
fn a_cut_before_the_first_token_leaves_the_role() {
    let answer = streamed(&wall(), "cut-after-0");
    assert_eq!(answer.chunks().len(), 1);
    assert_eq!(answer.chunks()[0]["choices"][0]["delta"]["role"], "assistant");
}

#[test]
fn a_cut_after_the_last_token_leaves_no_finish() {
    let answer = streamed(&wall(), "ok-3+cut-after-3");
    assert_eq!(answer.streamed_text(), words(1, 3));
    assert!(answer.finish_reason().is_none());
}

#[test]
fn an_answer_with_fewer_tokens_is_not_cut() {
    let answer = streamed(&wall(), "ok-3+cut-after-4");
    assert_eq!(answer.streamed_text(), words(1, 3));
    assert!(answer.is_done());
}

#[test]
fn a_reset_within_an_answer_comes_after_its_tokens() {
    let wall = wall();
    let answer = streamed(&wall, "reset-after-5");
    assert_eq!((answer.streamed_text(), answer.ending), (words(1, 5), Ending::Reset));
    let answer = whole(&wall, "reset-after-5");
    assert_eq!((half_said(&answer.body), answer.ending), (words(1, 5), Ending::Reset));
}

#[test]
fn a_stall_keeps_the_connection() {
    let wall = wall();
    assert_eq!(unending(&wall, "ok-30+stall-after-7", true, |said| said.contains("w7")).streamed_text(), words(1, 7));
    assert_eq!(half_said(&unending(&wall, "stall-after-20", false, |said| said.contains("w20")).body), words(1, 20));
}

#[test]
fn an_early_end_is_right_for_http_and_wrong_for_the_answer() {
    let wall = wall();
    let answer = streamed(&wall, "end-after-5");
    assert_eq!((answer.streamed_text(), answer.unchunked().1), (words(1, 5), None));
    assert!(answer.finish_reason().is_none() && !answer.is_done());
    let answer = whole(&wall, "end-after-5");
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert_eq!(half_said(&answer.body), words(1, 5));
}

#[test]
fn a_bad_chunk_has_no_size() {
    let wall = wall();
    for answer in [streamed(&wall, "bad-chunk-after-5"), whole(&wall, "bad-chunk-after-5")] {
        assert_eq!(answer.unchunked().1, Some(b"not-a-size\r\n".as_slice()));
        assert_eq!(answer.ending, Ending::Closed);
    }
}

#[test]
fn an_error_frame_ends_a_stream_and_replaces_a_whole_answer() {
    let wall = wall();
    let answer = streamed(&wall, "error-frame-after-10");
    assert_eq!(answer.streamed_text(), words(1, 10));
    let last: Value = serde_json::from_str(answer.events().last().unwrap()).unwrap();
    assert_eq!(last["error"]["type"], "server_error");
    assert_eq!(answer.unchunked().1, None);
    let answer = whole(&wall, "error-frame-after-10");
    assert_eq!((answer.status(), answer.json()["error"]["type"].clone()), (200, json!("server_error")));
}

#[test]
fn one_malformed_event_takes_no_word_away() {
    let answer = streamed(&wall(), "malformed-event-at-10");
    let malformed: Vec<_> =
        answer.events().iter().map(|data| data != "[DONE]" && serde_json::from_str::<Value>(data).is_err()).collect();
    assert_eq!(malformed.iter().filter(|malformed| **malformed).count(), 1);
    assert!(malformed[10], "after the role and nine words");
    assert_eq!(answer.streamed_text(), words(1, 60));
    assert!(answer.is_done());
}

#[test]
fn without_done_the_stream_still_finishes() {
    let answer = streamed(&wall(), "no-done+ok-6");
    assert_eq!(answer.streamed_text(), words(1, 6));
    assert_eq!(answer.finish_reason().as_deref(), Some("stop"));
    assert!(!answer.is_done());
}

#[test]
fn a_tool_call_is_cut_within_its_arguments() {
    let wall = wall();
    let answer = streamed(&wall, "tool-call-cut");
    let arguments: String = answer
        .chunks()
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str().map(str::to_owned))
        .collect();
    assert_eq!((arguments.as_str(), answer.ending), (r#"{"city":"Par"#, Ending::Closed));
    let body = String::from_utf8(whole(&wall, "tool-call-cut").body).unwrap();
    assert!(body.contains(r#"\"Par"#) && !body.contains("finish_reason"), "{body}");
}

#[test]
fn fillers_are_no_answer() {
    let wall = wall();
    assert_eq!(unending(&wall, "role-only-then-hang", true, |said| said.contains("role")).chunks().len(), 1);
    let (body, _) =
        unending(&wall, "comments-only+trickle-1ms", true, |said| said.matches(": keep-alive").count() > 4).unchunked();
    assert!(body.matches(": keep-alive\n\n").count() > 3 && !body.contains("data:"));
    let answer = unending(&wall, "empty-deltas-only+trickle-1ms", true, |said| said.matches("data: ").count() > 4);
    assert!(answer.chunks().len() > 3 && answer.streamed_text().is_empty());
    for name in ["comments-only", "empty-deltas-only"] {
        let (body, _) =
            unending(&wall, &format!("{name}+trickle-2m"), false, |said| said.contains("\r\n\r\n1\r\n ")).unchunked();
        assert_eq!(body, " ");
    }
    let answer = unending(&wall, "role-only-then-hang", false, |said| said.contains("\r\n\r\n"));
    assert_eq!((answer.status(), answer.body.len()), (200, 0));
}

#[test]
fn pauses_come_where_the_name_puts_them() {
    let wall = wall();
    assert_eq!(unending(&wall, "slow-first-2m", true, |said| said.contains("role")).chunks().len(), 1);
    assert_silent(&wall, "slow-first-2m", false);
    assert_silent(&wall, "slow-head-2m", true);
    assert_silent(&wall, "slow-head-2m+status-500", false);
    assert_eq!(unending(&wall, "trickle-2m", true, |said| said.contains("w1")).streamed_text(), "w1");
    assert_eq!(half_said(&unending(&wall, "trickle-2m", false, |said| said.contains("w1")).body), "w1");
    assert_eq!(streamed(&wall, "slow-first-1ms+slow-head-1ms+trickle-1ms+ok-9").streamed_text(), words(1, 9));
}

#[test]
fn an_answer_can_take_another_form_than_asked_for() {
    let wall = wall();
    assert_eq!(streamed(&wall, "whole-only").said(), words(1, 60));
    let answer = whole(&wall, "stream-only");
    assert_eq!((answer.header("content-type"), answer.streamed_text()), (Some("text/event-stream"), words(1, 60)));
}

#[test]
fn a_content_type_can_lie() {
    let wall = wall();
    for (name, content_type) in [
        ("lie-content-type-json", Some("application/json")),
        ("lie-content-type-html", Some("text/html; charset=utf-8")),
        ("lie-content-type-none", None),
    ] {
        let answer = streamed(&wall, name);
        assert_eq!((answer.header("content-type"), answer.streamed_text()), (content_type, words(1, 60)));
    }
    let answer = whole(&wall, "lie-content-type-stream");
    assert_eq!((answer.header("content-type"), answer.said()), (Some("text/event-stream"), words(1, 60)));
}

#[test]
fn events_may_end_their_lines_in_cr_lf_and_come_byte_by_byte() {
    let wall = wall();
    let answer = streamed(&wall, "crlf+ok-1");
    let (body, rest) = answer.unchunked();
    assert!(body.ends_with("data: [DONE]\r\n\r\n") && !body.replace("\r\n", "").contains('\n') && rest.is_none());
    let bytewise = streamed(&wall, "bytewise+ok-2");
    assert!(bytewise.head.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!((bytewise.streamed_text(), bytewise.is_done()), (words(1, 2), true));
}
