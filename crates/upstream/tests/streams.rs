//! Streams: how they begin, what comes out of them, and every way in which they end.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod support;

use support::{
    DONE, End, FINISH, HELLO, LAST, Play, ROLE, Seen, call, events, read_all, response, serve, stream_of,
    stream_through,
};
use upstream::{Cause, Kind};
use wire::Piece;

#[tokio::test]
async fn each_event_comes_out_as_it_came_in() {
    let frame = format!("{HELLO}: ping\n\n{FINISH}");
    let (events, failure) = stream_through(events(&[": hello\n\n", ROLE, &frame, DONE, LAST], End::Keep)).await;
    assert!(failure.is_none(), "{failure:?}");
    let raw: Vec<&str> = events.iter().map(|event| std::str::from_utf8(&event.raw).unwrap()).collect();
    assert_eq!(raw, [": hello\n\n", ROLE, HELLO, ": ping\n\n", FINISH, DONE]);
    assert!(events[0].piece.is_none() && events[0].data.is_none());
    assert!(matches!(&events[1].piece, Some(Piece::Chunk(chunk)) if !chunk.token));
    assert!(matches!(&events[2].piece, Some(Piece::Chunk(chunk)) if chunk.token));
    assert!(matches!(events[5].piece, Some(Piece::Done)));
}

#[tokio::test]
async fn each_end_of_a_stream_is_told_apart() {
    let broken = format!("{EVENTS}zz\r\nrubbish", EVENTS = support::EVENTS_HEAD);
    let broken_after_hello = format!("{}{:x}\r\n{HELLO}\r\nzz\r\n", support::EVENTS_HEAD, HELLO.len());
    let malformed = "data: {\"choices\":[{\"del\n\n";
    let in_band = "data: {\"error\":{\"message\":\"CUDA out of memory\"}}\n\n";
    let named = "event: error\ndata: {\"error\":{\"message\":\"over capacity\"}}\n\n";
    let limited = "data: {\"error\":{\"message\":\"slow down\",\"code\":429}}\n\n";
    let raw = |text: String| Play { pieces: vec![text.into_bytes()], end: End::Close };
    let table: [(&str, Play, Option<&str>); 17] = [
        ("no [DONE] after a finish_reason", events(&[HELLO, FINISH, LAST], End::Close), None),
        ("no blank line after [DONE]", events(&[HELLO, "data: [DONE]", LAST], End::Close), None),
        ("one malformed event", events(&[HELLO, malformed, FINISH, DONE, LAST], End::Close), None),
        ("[DONE] without a finish_reason", events(&[HELLO, DONE, LAST], End::Close), None),
        ("ended at once", events(&[LAST], End::Close), Some("empty answer")),
        ("a role and no more", events(&[ROLE, LAST], End::Close), Some("empty answer")),
        ("a role and [DONE]", events(&[ROLE, FINISH, DONE, LAST], End::Close), Some("empty answer")),
        ("comments only", events(&[": ping\n\n", LAST], End::Close), Some("empty answer")),
        ("nothing but malformed events", events(&[malformed, LAST], End::Close), Some("not JSON")),
        ("ended midway", events(&[HELLO, LAST], End::Close), Some("stream cut off")),
        ("closed midway", events(&[HELLO], End::Close), Some("stream cut off")),
        ("reset midway", events(&[HELLO], End::Reset), Some("stream cut off")),
        ("broken chunked encoding midway", raw(broken_after_hello), Some("stream cut off")),
        ("broken chunked encoding at once", raw(broken), Some("answer cut off")),
        ("an error first", events(&[in_band, LAST], End::Close), Some("error in the stream: CUDA out of memory")),
        ("a named error midway", events(&[HELLO, named, LAST], End::Close), Some("error in the stream: over capacity")),
        ("an error with a status", events(&[limited, LAST], End::Close), Some("429 Too Many Requests")),
    ];
    for (what, play, words) in table {
        let (_, failure) = stream_through(play).await;
        assert_eq!(failure.map(|failure| failure.to_string()).as_deref(), words, "{what}");
    }
}

#[tokio::test]
async fn a_stream_that_broke_before_its_first_token_was_reset() {
    let (_, failure) = stream_through(events(&[ROLE], End::Reset)).await;
    assert_eq!(failure.unwrap().cause, Cause::Reset);
}

#[tokio::test]
async fn events_are_taken_for_events_whatever_their_content_type_says() {
    let body = format!("{HELLO}{FINISH}{DONE}");
    for content_type in ["application/json", "text/plain", ""] {
        let (events, failure) = stream_through(response("200 OK", content_type, &body)).await;
        assert_eq!((events.len(), failure.is_none()), (3, true), "{content_type}");
    }
}

#[tokio::test]
async fn first_bytes_that_say_little_are_waited_for() {
    let (events, failure) =
        stream_through(events(&["\n", "da", "ta", &HELLO[4..], FINISH, DONE, LAST], End::Keep)).await;
    assert_eq!((events.len(), failure.is_none()), (3, true));
}

#[tokio::test]
async fn nothing_follows_a_failure_or_the_end() {
    for play in [events(&[HELLO], End::Close), events(&[HELLO, DONE, HELLO, LAST], End::Close)] {
        let server = serve([play]).await;
        let mut stream = stream_of(server.upstream(Kind::space()).send(call(true)).await.unwrap());
        read_all(&mut stream).await;
        assert!(stream.next().await.is_none());
    }
}

#[tokio::test]
async fn dropping_a_stream_midway_closes_the_connection() {
    let mut server = serve([events(&[HELLO], End::Hang)]).await;
    let upstream = server.upstream(Kind::space());
    let mut stream = stream_of(upstream.send(call(true)).await.unwrap());
    stream.next().await.unwrap().unwrap();
    server.saw_request().await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    drop(stream);
    assert_eq!(tasks(), before, "nothing goes on reading it");
    assert_eq!(server.saw().await, Seen::Left);
}

#[tokio::test]
async fn dropping_a_call_before_its_answer_closes_the_connection() {
    let mut server = serve([Play { pieces: vec![], end: End::Hang }]).await;
    let upstream = server.upstream(Kind::space());
    let sent = tokio::spawn(async move { upstream.send(call(false)).await.map(drop) });
    server.saw_request().await;
    sent.abort();
    assert_eq!(server.saw().await, Seen::Left);
}

#[tokio::test]
async fn a_connection_is_kept_behind_done_though_its_body_closes_late() {
    let mut server = serve([events(&[HELLO, FINISH, DONE, LAST], End::Keep)]).await;
    let upstream = server.upstream(Kind::space());
    for _ in 0..3 {
        let mut stream = stream_of(upstream.send(call(true)).await.unwrap());
        while let Some(event) = stream.next().await {
            if matches!(event.unwrap().piece, Some(Piece::Done)) {
                break;
            }
        }
        drop(stream);
        // Time in which the body closes and the connection is put back. Where the process stands still meanwhile, one of
        // these ends early, and the others do not.
        for _ in 0..10 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    assert_eq!(server.connections(), 1);
}
