//! A request with members left out or under another name, for a tier that refuses them as they are.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use crate::object::Object;
use crate::request::Request;

/// Changes to a request's members. They keep the order and the bytes of everything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Members that are left out.
    pub without: Vec<Cow<'static, str>>,
    /// Which name the bound on the answer's tokens is given under.
    pub bound: Option<BoundName>,
}

/// The two names of a bound on the answer's tokens. OpenAI deprecated the first for the second in 2024 (API reference, chat
/// completions, `max_tokens`); many servers know one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoundName {
    /// `max_tokens`
    MaxTokens,
    /// `max_completion_tokens`
    MaxCompletionTokens,
}

impl BoundName {
    /// The member's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::MaxTokens => Self::MaxCompletionTokens,
            Self::MaxCompletionTokens => Self::MaxTokens,
        }
    }
}

impl Amendment {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.without.is_empty() && self.bound.is_none()
    }
}

impl Request {
    /// Whether the caller said something in `member`.
    #[must_use]
    pub fn has_member(&self, member: &str) -> bool {
        self.top()
            .is_some_and(|Object(members)| members.iter().any(|(name, value)| name == member && value.get() != "null"))
    }

    /// The request with `amendment` made. Copies the body once.
    #[must_use]
    pub fn amended(&self, amendment: &Amendment) -> Cow<'_, Self> {
        let Some(Object(members)) = self.top().filter(|_| !amendment.is_empty()) else { return Cow::Borrowed(self) };
        let old = amendment.bound.map(|name| name.other().as_str());
        let both = amendment.bound.is_some_and(|name| members.iter().any(|(member, _)| member == name.as_str()));
        let mut body = String::with_capacity(self.body.len());
        for (name, value) in &members {
            let renamed = match amendment.bound {
                Some(new) if Some(&**name) == old => Some(new.as_str()),
                _ => None,
            };
            if amendment.without.contains(name) || (renamed.is_some() && both) {
                continue;
            }
            body.push(if body.is_empty() { '{' } else { ',' });
            body.push_str(&Value::from(renamed.unwrap_or(name)).to_string());
            body.push(':');
            body.push_str(value.get());
        }
        body.push('}');
        Self::parse(self.form(), Bytes::from(body)).map_or(Cow::Borrowed(self), Cow::Owned)
    }

    fn top(&self) -> Option<Object<'_>> {
        serde_json::from_slice(&self.body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;
    use crate::request::Rewrite;

    fn amended(body: &str, amendment: &Amendment) -> String {
        let request = Request::parse(Form::Chat, Bytes::copy_from_slice(body.as_bytes())).expect(body);
        let sent = request.amended(amendment).rewritten(&Rewrite { model: "m", ..Rewrite::default() });
        String::from_utf8(sent.concat().to_vec()).expect("text")
    }

    #[test]
    fn a_member_that_is_left_out_takes_nothing_else_with_it() {
        let without = Amendment { without: vec!["stream_options".into(), "x\"y".into()], bound: None };
        assert_eq!(
            amended(
                r#"{"model":"a","stream_options":{"a":[1,2]}, "x\"y":1,"z":1.50,"messages":[{"c":"é"}]}"#,
                &without
            ),
            r#"{"model":"m","z":1.50,"messages":[{"c":"é"}]}"#
        );
        assert_eq!(amended(r#"{"messages":[{}]}"#, &without), r#"{"model":"m","messages":[{}]}"#);
    }

    #[test]
    fn a_bound_is_given_under_the_name_that_the_tier_knows() {
        let bound = |name| Amendment { without: Vec::new(), bound: Some(name) };
        let old = r#"{"model":"a","max_tokens":5,"messages":[{}]}"#;
        let new = r#"{"model":"a","max_completion_tokens":5,"messages":[{}]}"#;
        let sent = |body: &str| body.replace("\"a\"", "\"m\"");
        assert_eq!(amended(old, &bound(BoundName::MaxCompletionTokens)), sent(new));
        assert_eq!(amended(new, &bound(BoundName::MaxTokens)), sent(old));
        assert_eq!(amended(new, &bound(BoundName::MaxCompletionTokens)), sent(new));
        let both = r#"{"model":"a","max_tokens":9,"max_completion_tokens":5,"messages":[{}]}"#;
        assert_eq!(amended(both, &bound(BoundName::MaxCompletionTokens)), sent(new));
    }

    #[test]
    fn only_a_member_that_says_something_is_there() {
        let request =
            Request::parse(Form::Chat, Bytes::from_static(br#"{"a":null,"b":0,"messages":[{}]}"#)).expect("JSON");
        assert_eq!([request.has_member("a"), request.has_member("b"), request.has_member("c")], [false, true, false]);
    }

    #[test]
    fn nothing_is_copied_where_nothing_changes() {
        let request = Request::parse(Form::Chat, Bytes::from_static(br#"{"messages":[{}]}"#)).expect("JSON");
        assert!(matches!(request.amended(&Amendment::default()), Cow::Borrowed(_)));
    }
}
