//! Several choices, and what is told of their tokens, through the gateway.

use std::net::SocketAddr;

use gateway::Gate;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::caller::{Ask, chat, text, words};
use crate::stand::{Stand, gated};

/// A tier that gives everybody this answer, and hangs up.
async fn tier_that_says(content_type: &'static str, body: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nconnection: close\r\n\r\n{body}");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    address
}

async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.trim().parse().unwrap() {
                return;
            }
        }
        assert!(stream.read_buf(&mut seen).await.unwrap() > 0, "a whole request");
    }
}

/// A stand whose first tier says this in a stream, and whose second is the wall's `ok`.
async fn stand_with(events: &[Value], done: bool) -> Stand {
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let body = if done { events + "data: [DONE]\n\n" } else { events };
    let address = tier_that_says("text/event-stream", body).await;
    Stand::with(&["scripted", "ok"], |settings| {
        settings.tiers[0].target.base_url = format!("http://{address}/v1").parse().unwrap();
        settings.routes.push(gated(2, &[Gate::NotEmpty]));
    })
}

fn said(index: usize, text: &str) -> Value {
    let logprobs = json!({"content": [{"token": text, "logprob": -0.5, "bytes": text.as_bytes(), "top_logprobs": []}]});
    json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [
        {"index": index, "delta": {"content": text}, "logprobs": logprobs, "finish_reason": null}]})
}

fn ended(index: usize) -> Value {
    json!({"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [
        {"index": index, "delta": {}, "logprobs": null, "finish_reason": "stop"}]})
}

fn both(model: &str) -> Ask {
    chat(model).with("n", 2).with("logprobs", true)
}

#[tokio::test]
async fn choices_that_come_mixed_are_put_together_each_with_its_tokens() {
    let events = [said(1, "b"), said(0, "a"), said(1, "B"), ended(1), said(0, "A"), ended(0)];
    for done in [true, false] {
        let stand = stand_with(&events, done).await;
        let answer = both("auto").of(&stand).await.json();
        let choices = answer["choices"].as_array().unwrap();
        assert_eq!(choices.len(), 2);
        for (choice, (index, tokens)) in choices.iter().zip([(0, ["a", "A"]), (1, ["b", "B"])]) {
            assert_eq!((&choice["index"], &choice["message"]["content"]), (&json!(index), &json!(tokens.concat())));
            let told: Vec<_> = choice["logprobs"]["content"].as_array().unwrap().iter().map(|t| &t["token"]).collect();
            assert_eq!(told, tokens);
            assert_eq!(choice["finish_reason"], "stop");
        }
        let stand = stand_with(&events, done).await;
        let streamed = both("auto").streamed().of(&stand).await;
        assert_eq!((streamed.chunks(), streamed.dones()), (events.to_vec(), 1));
    }
}

#[tokio::test]
async fn an_end_of_one_choice_is_not_the_end_of_all() {
    let events = [said(0, "a"), said(1, "b"), ended(0)];
    let stand = stand_with(&events, false).await;
    both("auto").of(&stand).await.assert_whole("made anew by the next tier");
    let stand = stand_with(&events, false).await;
    let streamed = both("auto").streamed().of(&stand).await;
    let last: Value = serde_json::from_str(streamed.data().last().unwrap()).unwrap();
    assert_eq!((&last["error"]["code"], streamed.dones()), (&json!("answer_broke_off"), 0));
    assert_eq!(stand.asked(), Vec::<String>::new(), "several choices are not carried on");
}

#[tokio::test]
async fn gates_look_at_each_choice() {
    let events = [said(0, "a"), ended(0), said(1, " "), ended(1)];
    let stand = stand_with(&events, true).await;
    both("gated").of(&stand).await.assert_whole("one choice says nothing");
    let stand = stand_with(&events, true).await;
    assert_eq!(both("auto").of(&stand).await.attempts(), "1=ok", "no gate, no question");
}

#[tokio::test]
async fn an_answer_whose_tokens_are_told_is_not_carried_on() {
    let asks = [
        chat("auto").with("logprobs", true),
        text("auto").with("logprobs", 0),
        text("auto").with("echo", true),
        chat("auto").with("n", 2),
    ];
    for ask in asks {
        let stand = Stand::new(&["cut-after-40", "ok"]);
        let answer = ask.clone().streamed().of(&stand).await;
        let last: Value = serde_json::from_str(answer.data().last().unwrap()).unwrap();
        assert_eq!(last["error"]["code"], "answer_broke_off", "{answer:?}");
        assert_eq!(stand.asked(), ["cut-after-40"]);
        let stand = Stand::new(&["cut-after-40", "ok"]);
        ask.of(&stand).await.assert_whole("a whole answer is made anew");
    }
}

#[tokio::test]
async fn the_best_of_several_is_asked_for_whole() {
    let stand = Stand::new(&["ok"]);
    let answer = text("auto").with("n", 1).with("best_of", 3).of(&stand).await;
    assert_eq!((answer.status, answer.text()), (200, words(60)));
    let sent: Value = serde_json::from_slice(&stand.settled().await[0].body).unwrap();
    assert_eq!((&sent["stream"], &sent["best_of"]), (&Value::Null, &json!(3)));
}
