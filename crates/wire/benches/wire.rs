//! What the hot path costs: a stream decoded and read, a request parsed and rewritten.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wire::sse::Decoder;
use wire::{Form, Piece, Request, Rewrite};

const TOKENS: u32 = 500;

fn stream() -> Bytes {
    let chunk = |token: u32| {
        format!(
            "data: {{\"id\":\"chatcmpl-7f3a\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"m\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" token{token}\"}},\"logprobs\":null,\
             \"finish_reason\":null}}]}}\n\n"
        )
    };
    Bytes::from((0..TOKENS).map(chunk).collect::<String>() + "data: [DONE]\n\n")
}

fn request() -> Bytes {
    let turn = r#"{"role":"user","content":"Make the opening hours stand out, please."},"#;
    let body = format!(r#"{{"model":"auto","stream":true,"messages":[{}{{}}]}}"#, turn.repeat(16 * 1024 / turn.len()));
    Bytes::from(body)
}

fn benches(criterion: &mut Criterion) {
    let stream = stream();
    let mut group = criterion.benchmark_group("stream of 500 tokens");
    group.throughput(Throughput::Elements(u64::from(TOKENS)));
    for size in [128, 1_400, 65_536] {
        group.bench_function(format!("in pieces of {size} bytes"), |bench| {
            bench.iter(|| {
                let (mut decoder, mut rest, mut tokens) = (Decoder::new(), stream.clone(), 0);
                while !rest.is_empty() {
                    decoder.push(rest.split_to(size.min(rest.len())));
                    while let Ok(Some(event)) = decoder.decode() {
                        let piece = event.data.map(|data| Piece::read(&data));
                        tokens += u32::from(matches!(piece, Some(Piece::Chunk(chunk)) if chunk.token));
                    }
                }
                assert_eq!(tokens, TOKENS);
            });
        });
    }
    group.finish();

    let body = request();
    let rewrite = Rewrite { model: "qwen2.5-coder-1.5b-instruct", ..Rewrite::default() };
    criterion.bench_function("request of 16 KB, parsed and rewritten", |bench| {
        bench.iter(|| {
            let request = Request::parse(Form::Chat, body.clone()).expect("well formed");
            black_box(request.rewritten(&rewrite))
        });
    });
}

criterion_group!(wire, benches);
criterion_main!(wire);
