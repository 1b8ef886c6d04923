//! A request reaches a tier byte for byte as its caller wrote it, but for what the tier is told instead.

use bytes::Bytes;
use proptest::prelude::*;
use wire::{Form, Request, Rewrite};

/// A member as its caller may write it: known or not, in any place, with any white space round its colon.
fn member() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("1.50e+2".to_owned()),
        Just("[ {\"model\" : \"x\"} ,null]".to_owned()),
        "\"[a-z é語\\]}{:,]{0,12}\"",
        Just("\"\\\"model\\\":\\\"x\\\" \\u00e9\\ud83d\\ude00\"".to_owned()),
    ];
    ("[a-ln-z]{1,6}", "[ \t\r\n]{0,2}", value).prop_map(|(name, space, value)| format!("\"x_{name}\"{space}:{value}"))
}

proptest! {
    #[test]
    fn every_byte_but_the_models_is_the_callers(
        before in proptest::collection::vec(member(), 0..4),
        between in proptest::collection::vec(member(), 0..4),
        after in proptest::collection::vec(member(), 0..4),
        asks_first in any::<bool>(),
        space in "[ \t\r\n]{0,3}",
    ) {
        let asks = r#""messages":[ {"role":"user","content":"\"model\":\"auto\" é"} ]"#;
        let (first, last) = if asks_first { (asks, r#""model":@"#) } else { (r#""model":@"#, asks) };
        let members = [&before[..], &[first.to_owned()], &between, &[last.to_owned()], &after].concat();
        let body = format!("{space}{{{space}{}{space}}}{space}", members.join(&format!("{space},{space}")));

        let request = Request::parse(Form::Chat, Bytes::from(body.replace('@', r#""auto""#))).expect("well formed");
        let rewrite = Rewrite { model: "tiers-own", ..Rewrite::default() };
        let segments = request.rewritten(&rewrite);
        let length = segments.len();
        let forwarded = segments.concat();
        prop_assert_eq!(length, forwarded.len() as u64);
        prop_assert_eq!(forwarded, body.replace('@', r#""tiers-own""#));
    }
}
