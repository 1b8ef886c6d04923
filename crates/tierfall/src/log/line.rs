//! One line of the log, in words for people or as a JSON object.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The words of DESIGN.md.
    Plain {
        /// Whether the mark at the front has its colour.
        colour: bool,
    },
    /// A JSON object with its time.
    Json,
}

/// Something that happened. No line holds a key or a word of a prompt.
#[derive(Clone, Copy, Debug)]
pub enum Line<'a> {
    /// An attempt begins.
    Trying {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
    },
    /// A tier was not asked.
    Skipped {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// Why not.
        reason: &'a str,
    },
    /// An attempt failed.
    Failed {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// In the words of DESIGN.md, such as `timeout after 5000ms`.
        reason: &'a str,
        /// A short token for programs, such as `timeout`.
        code: &'a str,
        /// How long the attempt took.
        took: Duration,
    },
    /// A tier answered.
    Succeeded {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// How long the attempt took.
        took: Duration,
        /// How long the request took.
        total: Duration,
    },
    /// No tier answered.
    AllFailed {
        /// The request's id.
        request: &'a str,
        /// How long the request took.
        total: Duration,
    },
    /// A tier goes on with what another has said.
    CarriedOn {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
        /// How much had been said, in characters.
        seam: usize,
    },
    /// An answer ended in sight of its caller.
    BrokenOff {
        /// The request's id.
        request: &'a str,
        /// The tier's name.
        tier: &'a str,
    },
    /// The caller did not wait for the end.
    CallerLeft {
        /// The request's id.
        request: &'a str,
        /// How long the caller waited.
        total: Duration,
    },
    /// How a tier is set up, at the start.
    Tier {
        /// Its number.
        number: u32,
        /// Its kind, model, limits, and why it is off.
        text: &'a str,
    },
    /// The gateway takes requests.
    Listening {
        /// Its address.
        address: &'a str,
    },
    /// What the user should know, such as a misspelt key.
    Warning {
        /// In one line.
        text: &'a str,
    },
    /// Anything else that happened.
    Info {
        /// In one line.
        text: &'a str,
    },
}

impl Line<'_> {
    /// The line with its line break.
    #[must_use]
    pub fn render(&self, form: Form) -> String {
        match form {
            Form::Plain { colour } => self.plain(colour),
            Form::Json => self.json(Timestamp::now()),
        }
    }

    fn plain(&self, colour: bool) -> String {
        let mut line = String::with_capacity(96);
        let written = match *self {
            Self::Trying { tier, .. } => write!(line, "→ Trying: {tier}"),
            Self::Skipped { tier, reason, .. } => write!(line, "↷ Skipped: {tier} ({reason})"),
            Self::Failed { tier, reason, .. } => write!(line, "✗ Failed: {tier} ({reason})"),
            Self::Succeeded { tier, took, total, .. } => {
                write!(line, "✓ Success: {tier} ({}ms, total: {}ms)", took.as_millis(), total.as_millis())
            }
            Self::AllFailed { .. } => write!(line, "Error: All LLM tiers failed"),
            Self::CarriedOn { tier, seam, .. } => write!(line, "↳ Carried on: {tier} (after {seam} characters)"),
            Self::BrokenOff { tier, .. } => write!(line, "✗ Broken off: {tier}"),
            Self::CallerLeft { total, .. } => write!(line, "← Caller left after {}ms", total.as_millis()),
            Self::Tier { text, .. } | Self::Info { text } => write!(line, "{text}"),
            Self::Listening { address } => write!(line, "Listening on http://{address}"),
            Self::Warning { text } => write!(line, "Warning: {text}"),
        };
        written.expect("a String takes everything");
        // A provider's words must neither begin a line of their own nor drive the terminal.
        let mut line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if let (true, Some(style)) = (colour, self.style()) {
            line = format!("{style}{line}{style:#}");
        }
        line.push('\n');
        line
    }

    fn style(&self) -> Option<anstyle::Style> {
        let colour = match self {
            Self::Succeeded { .. } => anstyle::AnsiColor::Green,
            Self::Failed { .. } | Self::AllFailed { .. } | Self::BrokenOff { .. } => anstyle::AnsiColor::Red,
            Self::Warning { .. } | Self::Skipped { .. } | Self::CarriedOn { .. } => anstyle::AnsiColor::Yellow,
            Self::Trying { .. }
            | Self::CallerLeft { .. }
            | Self::Tier { .. }
            | Self::Listening { .. }
            | Self::Info { .. } => {
                return None;
            }
        };
        Some(colour.on_default())
    }

    fn json(&self, now: Timestamp) -> String {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (event, members) = match *self {
            Self::Trying { request, tier } => ("trying", json!({"request": request, "tier": tier})),
            Self::Skipped { request, tier, reason } => {
                ("skipped", json!({"request": request, "tier": tier, "reason": reason}))
            }
            Self::Failed { request, tier, reason, code, took } => {
                ("failed", json!({"request": request, "tier": tier, "reason": reason, "code": code, "ms": ms(took)}))
            }
            Self::Succeeded { request, tier, took, total } => {
                ("success", json!({"request": request, "tier": tier, "ms": ms(took), "total_ms": ms(total)}))
            }
            Self::AllFailed { request, total } => {
                let error = "All LLM tiers failed";
                ("all_tiers_failed", json!({"request": request, "error": error, "total_ms": ms(total)}))
            }
            Self::CarriedOn { request, tier, seam } => {
                ("carried_on", json!({"request": request, "tier": tier, "seam": seam}))
            }
            Self::BrokenOff { request, tier } => ("broken_off", json!({"request": request, "tier": tier})),
            Self::CallerLeft { request, total } => ("caller_left", json!({"request": request, "total_ms": ms(total)})),
            Self::Tier { number, text } => ("tier", json!({"number": number, "text": text})),
            Self::Listening { address } => ("listening", json!({"address": address})),
            Self::Warning { text } => ("warning", json!({"text": text})),
            Self::Info { text } => ("info", json!({"text": text})),
        };
        let mut object = Map::new();
        object.insert("time".to_owned(), Value::String(format!("{now:.3}")));
        object.insert("event".to_owned(), Value::String(event.to_owned()));
        if let Value::Object(members) = members {
            object.extend(members);
        }
        Value::Object(object).to_string() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Form = Form::Plain { colour: false };

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn the_lines_are_those_of_the_contract() {
        let (request, slow, fast) = ("r", "Tier 1: Your HF Space", "Tier 2: Ultra-Fast Fallback");
        let reason = "timeout after 5000ms";
        let lines = [
            Line::Trying { request, tier: slow },
            Line::Failed { request, tier: slow, reason, code: "timeout", took: ms(5000) },
            Line::Trying { request, tier: fast },
            Line::Succeeded { request, tier: fast, took: ms(4000), total: ms(9000) },
            Line::Skipped { request, tier: slow, reason: "loading 43 %" },
            Line::AllFailed { request, total: ms(1) },
        ];
        assert_eq!(
            lines.map(|line| line.render(PLAIN)).concat(),
            "→ Trying: Tier 1: Your HF Space\n\
             ✗ Failed: Tier 1: Your HF Space (timeout after 5000ms)\n\
             → Trying: Tier 2: Ultra-Fast Fallback\n\
             ✓ Success: Tier 2: Ultra-Fast Fallback (4000ms, total: 9000ms)\n\
             ↷ Skipped: Tier 1: Your HF Space (loading 43 %)\n\
             Error: All LLM tiers failed\n"
        );
    }

    #[test]
    fn json_says_the_same_with_its_time() {
        let line = Line::Failed { request: "r", tier: "T\n1", reason: "\"no\"", code: "401", took: ms(7) };
        let line = line.json(Timestamp::UNIX_EPOCH);
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let value: Value = serde_json::from_str(&line).expect("JSON");
        let expected = json!({
            "time": "1970-01-01T00:00:00.000Z", "event": "failed", "request": "r", "tier": "T\n1", "reason": "\"no\"",
            "code": "401", "ms": 7
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_providers_words_stay_in_their_line_and_cannot_drive_a_terminal() {
        let reason = "error in the stream: x\n✓ Success: Tier 1\u{1b}[2J\r";
        let line = Line::Failed { request: "r", tier: "t", reason, code: "error", took: ms(1) }.render(PLAIN);
        assert_eq!(line, "✗ Failed: t (error in the stream: x ✓ Success: Tier 1 [2J )\n");
    }

    #[test]
    fn colour_stands_round_the_line_and_only_where_it_is_wanted() {
        let line = Line::AllFailed { request: "r", total: ms(1) };
        assert_eq!(line.render(Form::Plain { colour: true }), "\u{1b}[31mError: All LLM tiers failed\u{1b}[0m\n");
    }
}
