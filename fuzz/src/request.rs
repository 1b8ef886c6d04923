//! The request parser: whatever it takes reaches a tier with every member that the tier is told nothing else in as it was
//! written, byte for byte.

use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use wire::{CarryOn, CarryOnBy, Form, Request, Rewrite};

const MODEL: &str = "the tier's \"own\"";
const SAID: &str = "what was \"said\"\n";

/// Takes `data` as the body of a request, in either form.
pub fn check(data: &[u8]) {
    for form in [Form::Chat, Form::Text] {
        if let Ok(request) = Request::parse(form, Bytes::copy_from_slice(data)) {
            check_rewrites(&request, data);
        }
    }
}

/// A member as a tier is told it: a bound goes out as a whole number, and none at all as `null`.
fn as_told(name: &str, value: &str) -> String {
    let is_bound = matches!(name, "max_tokens" | "max_completion_tokens");
    match value.parse::<f64>() {
        Ok(number) if is_bound && number < 0.0 => "null".to_owned(),
        Ok(number) if is_bound => number.to_string(),
        _ => value.to_owned(),
    }
}

fn check_rewrites(request: &Request, body: &[u8]) {
    let plain = Rewrite { model: MODEL, ..Rewrite::default() };
    let carry_on = |by| Rewrite { carry_on: Some(CarryOn { said: SAID, by }), ..plain };
    let told: [(Rewrite<'_>, &[&str]); 8] = [
        (plain, &[]),
        (Rewrite { as_stream: true, tell_usage: true, ..plain }, &["stream", "stream_options"]),
        (Rewrite { max_tokens: Some(7), ..plain }, &["max_tokens", "max_completion_tokens"]),
        (Rewrite { report_progress: true, ..plain }, &["return_progress"]),
        (carry_on(CarryOnBy::Message), &["messages", "prompt"]),
        (carry_on(CarryOnBy::Prefix), &["messages", "prompt"]),
        (
            carry_on(CarryOnBy::ContinueFinalMessage),
            &["messages", "prompt", "continue_final_message", "add_generation_prompt"],
        ),
        (carry_on(CarryOnBy::Request("go on")), &["messages", "prompt"]),
    ];
    let before = members(body);
    for (rewrite, names) in told {
        let segments = request.rewritten(&rewrite);
        let length = segments.len();
        let forwarded = segments.concat();
        assert_eq!(length, forwarded.len() as u64);
        let after = members(&forwarded);
        let other = |members: &Members<'_>| -> Vec<(String, String)> {
            let others = members.0.iter().filter(|(name, _)| name != "model" && !names.contains(&&**name));
            others.map(|(name, value)| (name.clone(), as_told(name, value.get()))).collect()
        };
        assert_eq!(other(&before), other(&after), "{rewrite:?}");
        assert_eq!(after.of("model"), Some(serde_json::json!(MODEL).to_string().as_str()), "{rewrite:?}");
        check_told(request, &rewrite, &before, &after);
    }
}

/// What the tier is told instead is what was asked for, and no more.
fn check_told(request: &Request, rewrite: &Rewrite<'_>, before: &Members<'_>, after: &Members<'_>) {
    if rewrite.as_stream {
        assert_eq!(after.of("stream"), Some("true"));
        assert!(after.of("stream_options").is_some_and(|options| options.contains("\"include_usage\":true")));
    }
    if rewrite.max_tokens.is_some() {
        let bounds = [after.of("max_tokens"), after.of("max_completion_tokens")];
        assert!(bounds.contains(&Some("7")) && bounds.iter().flatten().all(|bound| *bound == "7"), "{bounds:?}");
    }
    if rewrite.report_progress {
        let expected = before.of("return_progress").or(Some("true"));
        assert_eq!(after.of("return_progress"), expected);
    }
    if rewrite.carry_on.is_some() {
        let asked = match request.form() {
            Form::Chat => "messages",
            Form::Text => "prompt",
        };
        for name in ["messages", "prompt"] {
            let (Some(old), Some(new)) = (before.of(name), after.of(name)) else { continue };
            if name == asked && request.can_be_carried_on() {
                assert!(new.len() > old.len() && new.starts_with(&old[..old.len() - 1]), "{name}: {old} became {new}");
            } else if name != asked {
                assert_eq!(old, new, "{name}");
            }
        }
    }
}

/// The members of an object as they stand in it, in their order, those of one name each for itself.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl Members<'_> {
    fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value.get())
    }
}

fn members(body: &[u8]) -> Members<'_> {
    serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(body)))
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
