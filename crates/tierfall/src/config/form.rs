//! What a key's value may look like.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use gateway::AllowedOrigins;
use http::Uri;

/// How a value is read, and how an error says what it should have been.
pub(super) struct Form<T> {
    pub(super) takes: &'static str,
    pub(super) read: fn(&str) -> Option<T>,
}

/// A day in milliseconds: no limit of a tier is longer.
const DAY: u64 = 86_400_000;

pub(super) const BOOLEAN: Form<bool> = Form {
    takes: "true or false (also 1, 0, yes, no, on, off)",
    read: |text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    },
};

pub(super) const MILLISECONDS: Form<Duration> = Form {
    takes: "whole milliseconds, 1 to 86400000 (a day)",
    read: |text| digits(text).filter(|ms| (1..=DAY).contains(ms)).map(Duration::from_millis),
};

pub(super) const RETRIES: Form<u32> = Form {
    takes: "a whole number, 0 to 10",
    read: |text| digits(text).filter(|n| *n <= 10).and_then(|n| n.try_into().ok()),
};

pub(super) const CONCURRENCY: Form<u32> = Form {
    takes: "a whole number, 1 to 10000",
    read: |text| digits(text).filter(|n| (1..=10_000).contains(n)).and_then(|n| n.try_into().ok()),
};

pub(super) const QUEUE: Form<u32> = Form {
    takes: "a whole number, 0 to 10000",
    read: |text| digits(text).filter(|n| *n <= 10_000).and_then(|n| n.try_into().ok()),
};

pub(super) const QUOTA: Form<u32> = Form {
    takes: "a whole number above 0",
    read: |text| digits(text).filter(|n| *n > 0).and_then(|n| n.try_into().ok()),
};

pub(super) const ADDRESS: Form<Uri> = Form {
    takes: "an http:// or https:// address such as https://huggingface.co, without a user, password or ?query",
    read: |text| {
        let uri: Uri = text.parse().ok()?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let login =
            uri.authority().is_none_or(|authority| authority.as_str().contains('@') || authority.host().is_empty());
        (web && !login && uri.query().is_none() && !text.contains('#')).then_some(uri)
    },
};

pub(super) const LISTEN: Form<SocketAddr> = Form {
    takes: "ADDRESS:PORT, such as 127.0.0.1:7860 or [::1]:7860",
    read: |text| match text.strip_prefix("localhost:") {
        Some(port) => Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into()),
        None => text.parse().ok(),
    },
};

pub(super) const NAME: Form<String> = Form {
    takes: "a name of at most 80 characters in one line",
    read: |text| (text.chars().count() <= 80 && !text.chars().any(char::is_control)).then(|| text.to_owned()),
};

pub(super) const MODEL: Form<String> = Form {
    takes: "a model's name or path of at most 1000 characters in one line",
    read: |text| (text.len() <= 1000 && !text.chars().any(char::is_control)).then(|| text.to_owned()),
};

pub(super) const MODELS: Form<Vec<String>> = Form {
    takes: "a model's name, or several with commas between them, of at most 1000 characters in one line",
    read: |text| {
        let names = (MODEL.read)(text)?;
        let names: Vec<_> =
            names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (!names.is_empty()).then_some(names)
    },
};

pub(super) const ORIGINS: Form<AllowedOrigins> = Form {
    takes: "origins such as https://app.example with commas between them, or *",
    read: |text| AllowedOrigins::new(text.split(',').map(str::trim).filter(|origin| !origin.is_empty())),
};

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_read_in_each_of_their_words() {
        for (text, value) in [("true", true), ("1", true), ("Yes", true), ("ON", true), ("false", false), ("0", false)]
        {
            assert_eq!((BOOLEAN.read)(text), Some(value), "{text}");
        }
        assert_eq!(
            [(BOOLEAN.read)("no"), (BOOLEAN.read)("off"), (BOOLEAN.read)("nope")],
            [Some(false), Some(false), None]
        );
    }

    #[test]
    fn times_are_whole_milliseconds_above_zero() {
        assert_eq!((MILLISECONDS.read)("5000"), Some(Duration::from_secs(5)));
        for text in ["0", "-1", "+5", "1.5", "5s", "5_000", "", "86400001", "99999999999999999999"] {
            assert_eq!((MILLISECONDS.read)(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_of_the_web_and_hold_no_secret() {
        for text in ["http://127.0.0.1:8080/v1", "https://me-space.hf.space/v1/", "http://[::1]:80", "http://box:8080"]
        {
            assert!((ADDRESS.read)(text).is_some(), "{text}");
        }
        for text in [
            "example.com/v1",
            "ftp://example.com",
            "https://",
            "/v1",
            "https://me:pw@example.com/v1",
            "http://a b/v1",
            "https://example.com/v1?key=x",
            "https://example.com/v1#x",
            "localhost:8080",
            "http://:80/v1",
        ] {
            assert!((ADDRESS.read)(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_listen_address_has_its_port() {
        assert_eq!((LISTEN.read)("localhost:80"), Some(([127, 0, 0, 1], 80).into()));
        assert!((LISTEN.read)("[::1]:7860").is_some());
        assert!((LISTEN.read)("7860").is_none() && (LISTEN.read)("example.com:80").is_none());
    }
}
