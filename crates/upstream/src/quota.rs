//! What a provider's headers say about waiting and about what is left: `Retry-After` and `x-ratelimit-*`.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use regex::Regex;
use serde::Deserialize;

use crate::kind::Kind;

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Calls.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
    /// Seconds on a lent GPU.
    GpuSeconds,
}

/// The time over which a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

/// What one answer's rate headers say about one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaReading {
    /// What is counted.
    pub measure: Measure,
    /// Over which time; `None` where neither the header nor the provider's documentation says.
    pub window: Option<Window>,
    /// How many there are in a window.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: Option<u64>,
    /// How long until the window is whole again.
    pub reset: Option<Duration>,
}

/// Reads `x-ratelimit-{limit,remaining,reset}[-{requests,tokens}][-{minute,hour,day}]`, the form that OpenAI began
/// (<https://platform.openai.com/docs/guides/rate-limits>) and that Groq and Cerebras use; Mistral writes `-req-minute`. Which window is meant where the
/// name does not say, the kind's documentation does.
pub(crate) fn readings(kind: Kind, headers: &HeaderMap) -> Vec<QuotaReading> {
    let mut readings: Vec<QuotaReading> = Vec::new();
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix("x-ratelimit-") else { continue };
        let Ok(value) = value.to_str() else { continue };
        let mut parts = name.split('-');
        let (Some(what), measure, window) = (parts.next(), parts.next(), parts.next()) else { continue };
        let measure = match measure {
            None | Some("requests" | "req") => Measure::Requests,
            Some("tokens") => Measure::Tokens,
            Some(_) => continue,
        };
        let window = match window {
            Some("minute") => Some(Window::Minute),
            Some("hour") => Some(Window::Hour),
            Some("day") => Some(Window::Day),
            Some(_) => continue,
            None if measure == Measure::Requests => kind.request_window,
            None => kind.token_window,
        };
        let found = readings.iter().position(|reading| reading.measure == measure && reading.window == window);
        let at = found.unwrap_or_else(|| {
            readings.push(QuotaReading { measure, window, limit: None, remaining: None, reset: None });
            readings.len() - 1
        });
        match what {
            "limit" => readings[at].limit = count(value),
            "remaining" => readings[at].remaining = count(value),
            "reset" => readings[at].reset = reset(value, headers),
            _ => {}
        }
    }
    readings.retain(|reading| reading.limit.is_some() || reading.remaining.is_some() || reading.reset.is_some());
    readings
}

/// How long until the quota that is spent is whole again: for a 429 that says it in no other way.
pub(crate) fn spent_until(readings: &[QuotaReading]) -> Option<Duration> {
    let spent = readings.iter().filter(|reading| reading.remaining.is_none_or(|remaining| remaining == 0));
    spent.filter_map(|reading| reading.reset).max()
}

/// A count of a rate header. Some providers write it as a float; what is left may be under zero.
fn count(value: &str) -> Option<u64> {
    let value: f64 = value.trim().parse().ok()?;
    value.is_finite().then_some(value.max(0.0) as u64)
}

/// A reset as a duration (`2m59.56s`, `12`), or as a moment of the Unix clock in seconds or milliseconds.
fn reset(value: &str, headers: &HeaderMap) -> Option<Duration> {
    const SECONDS_THAT_ARE_A_MOMENT: f64 = 1e9;
    const MILLISECONDS_THAT_ARE_A_MOMENT: f64 = 1e12;
    let moment = match value.trim().parse::<f64>() {
        Ok(number) if number >= MILLISECONDS_THAT_ARE_A_MOMENT => number / 1e3,
        Ok(number) if number >= SECONDS_THAT_ARE_A_MOMENT => number,
        _ => return duration(value),
    };
    let moment = UNIX_EPOCH + Duration::try_from_secs_f64(moment).ok()?;
    Some(moment.duration_since(their_now(headers)).unwrap_or_default())
}

/// When the provider may be asked again: `Retry-After` as seconds or as an HTTP date (RFC 9110, section 10.2.3), or OpenAI's
/// `retry-after-ms`. A date that has passed means now.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let read = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(milliseconds) = read("retry-after-ms").and_then(|value| value.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(milliseconds / 1e3).ok();
    }
    let value = read(RETRY_AFTER.as_str())?;
    if let Some(wait) = duration(value) {
        return Some(wait);
    }
    let moment = httpdate::parse_http_date(value).ok()?;
    Some(moment.duration_since(their_now(headers)).unwrap_or_default())
}

/// The provider's own clock by its `Date`, so that a clock that is off, theirs or ours, does not lengthen a wait.
fn their_now(headers: &HeaderMap) -> SystemTime {
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now)
}

/// Reads `2m59.56s`, `7.66s`, `120ms`, `1d2h`, and a plain number as seconds.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|char: char| char.is_ascii_digit()).unwrap_or(rest.len());
        let seconds = match &rest[..unit] {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = &rest[unit..];
    }
    (!text.trim().is_empty()).then_some(total)
}

/// The time at the start of `text` as Python prints one: `0:06:53`, `23:10:05.25`, `1 day, 0:00:00`.
pub(crate) fn clock(text: &str) -> Option<Duration> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let form = r"^(?:(\d{1,4}) days?, )?(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)";
        Regex::new(form).expect("the form is constant")
    });
    let found = FORM.captures(text)?;
    let [days, hours, minutes, seconds] = [1, 2, 3, 4].map(|part| found.get(part).map_or("0", |part| part.as_str()));
    let whole = |count: &str, length: u64| count.parse::<u64>().map(|count| count * length);
    let whole = whole(days, 86_400).ok()? + whole(hours, 3_600).ok()? + whole(minutes, 60).ok()?;
    Some(Duration::from_secs(whole) + Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn groq() -> Kind {
        "groq".parse().expect("a kind")
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn durations_are_read_as_the_providers_write_them() {
        let table = [
            ("2m59.56s", Some(179_560)),
            ("7.66s", Some(7_660)),
            ("120ms", Some(120)),
            ("1h0m1s", Some(3_601_000)),
            ("1d", Some(86_400_000)),
            ("12", Some(12_000)),
            ("0.5", Some(500)),
            ("", None),
            ("soon", None),
            ("5 s", None),
            ("-3", None),
            ("1e99", None),
        ];
        for (text, milliseconds) in table {
            assert_eq!(duration(text), milliseconds.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn a_time_is_read_as_python_prints_it() {
        for (text, milliseconds) in [
            ("0:06:53", Some(413_000)),
            ("0:06:53. subscribe to …", Some(413_000)),
            ("23:10:05.25 or so", Some(83_405_250)),
            ("1 day, 0:00:01", Some(86_401_000)),
            ("2 days, 1:00:00", Some(176_400_000)),
            ("7m12.5s", None),
            ("12", None),
            ("1:2:3", None),
            ("1:02:03:04", Some(3_723_000)),
            ("99999999999999999999 days, 1:00:00", None),
            ("", None),
        ] {
            assert_eq!(clock(text), milliseconds.map(Duration::from_millis), "{text:?}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_its_forms() {
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after(&headers(&[("retry-after-ms", "250"), ("retry-after", "1")])),
            Some(Duration::from_millis(250))
        );
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let later = ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT");
        assert_eq!(retry_after(&headers(&[date, later])), Some(Duration::from_secs(30)));
        let past = ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT");
        assert_eq!(retry_after(&headers(&[date, past])), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[("retry-after", "later")])), None);
    }

    #[test]
    fn mistrals_short_word_for_requests_is_read() {
        let headers = headers(&[("x-ratelimit-limit-req-minute", "60"), ("x-ratelimit-remaining-req-minute", "59")]);
        let minute = QuotaReading {
            measure: Measure::Requests,
            window: Some(Window::Minute),
            limit: Some(60),
            remaining: Some(59),
            reset: None,
        };
        assert_eq!(readings(Kind::commercial(), &headers), [minute]);
    }

    #[test]
    fn groqs_requests_are_the_days_and_its_tokens_the_minutes() {
        let headers = headers(&[
            ("x-ratelimit-limit-requests", "14400"),
            ("x-ratelimit-remaining-requests", "14370"),
            ("x-ratelimit-reset-requests", "2m59.56s"),
            ("x-ratelimit-limit-tokens", "18000"),
            ("x-ratelimit-remaining-tokens", "17997"),
            ("x-ratelimit-reset-tokens", "7.66s"),
        ]);
        let mut readings = readings(groq(), &headers);
        readings.sort_by_key(|reading| reading.limit);
        assert_eq!(
            readings,
            [
                QuotaReading {
                    measure: Measure::Requests,
                    window: Some(Window::Day),
                    limit: Some(14_400),
                    remaining: Some(14_370),
                    reset: Some(Duration::from_millis(179_560)),
                },
                QuotaReading {
                    measure: Measure::Tokens,
                    window: Some(Window::Minute),
                    limit: Some(18_000),
                    remaining: Some(17_997),
                    reset: Some(Duration::from_millis(7_660)),
                },
            ]
        );
    }

    #[test]
    fn the_reset_of_what_is_spent_is_when_a_tier_may_be_asked_again() {
        let read = |pairs: &[_]| spent_until(&readings(groq(), &headers(pairs)));
        let (spent, reset) = (("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "7.66s"));
        let (left, later) = (("x-ratelimit-remaining-requests", "9"), ("x-ratelimit-reset-requests", "2m59.56s"));
        assert_eq!(read(&[spent, reset, left, later]), Some(Duration::from_millis(7_660)));
        assert_eq!(read(&[left, later]), None);
        assert_eq!(read(&[("x-ratelimit-reset", "12")]), Some(Duration::from_secs(12)));
    }

    #[test]
    fn a_window_in_the_headers_name_wins_and_nonsense_is_left_out() {
        let headers = headers(&[
            ("x-ratelimit-remaining-tokens-day", "-5"),
            ("x-ratelimit-limit-elephants", "3"),
            ("x-ratelimit-limit-requests", "many"),
        ]);
        let readings = readings(groq(), &headers);
        assert_eq!(readings.len(), 1);
        assert_eq!((readings[0].window, readings[0].remaining), (Some(Window::Day), Some(0)));
    }

    #[test]
    fn a_reset_may_be_a_moment_of_the_unix_clock() {
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let table = ["1445412490", "1445412490000"];
        for moment in table {
            let headers = headers(&[date, ("x-ratelimit-reset", moment)]);
            assert_eq!(readings(Kind::space(), &headers)[0].reset, Some(Duration::from_secs(10)), "{moment}");
        }
    }
}
