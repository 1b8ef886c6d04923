//! One line of the log, in words for people or as a JSON object.

use std::fmt::Write as _;
use std::time::Duration;

use gateway::{InPlace, Note};
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
    /// A step of a request.
    Request(Note<'a>),
    /// How a tier is set up, at the start.
    Tier {
        /// Its number.
        number: u32,
        /// Its kind, model, limits, and why it is off.
        text: &'a str,
    },
    /// Which tiers a route has, at the start.
    Route {
        /// Its name.
        name: &'a str,
        /// The numbers of those that are on.
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
            Self::Request(note) => step(&mut line, note),
            Self::Tier { text, .. } | Self::Route { text, .. } | Self::Info { text } => write!(line, "{text}"),
            Self::Listening { address } => write!(line, "Listening on http://{address}"),
            Self::Warning { text } => write!(line, "Warning: {text}"),
        };
        written.expect("a String takes everything");
        // A provider's words must neither begin a line of their own nor drive the terminal.
        if line.contains(char::is_control) {
            line = line.replace(char::is_control, " ");
        }
        if let (true, Some(style)) = (colour, self.style()) {
            line = format!("{style}{line}{style:#}");
        }
        line.push('\n');
        line
    }

    fn style(&self) -> Option<anstyle::Style> {
        let colour = match self {
            Self::Request(Note::Succeeded { .. } | Note::Restored { .. }) => anstyle::AnsiColor::Green,
            Self::Request(Note::Failed { .. } | Note::AllFailed { .. } | Note::BrokenOff { .. }) => {
                anstyle::AnsiColor::Red
            }
            Self::Request(
                Note::Skipped { .. } | Note::Overtaken { .. } | Note::CarriedOn { .. } | Note::Replaced { .. },
            )
            | Self::Warning { .. } => anstyle::AnsiColor::Yellow,
            Self::Request(Note::Trying { .. } | Note::Waiting { .. } | Note::CallerLeft { .. })
            | Self::Tier { .. }
            | Self::Route { .. }
            | Self::Listening { .. }
            | Self::Info { .. } => return None,
        };
        Some(colour.on_default())
    }

    fn json(&self, now: Timestamp) -> String {
        let (event, members) = match *self {
            Self::Request(note) => step_json(note),
            Self::Tier { number, text } => ("tier", json!({"number": number, "text": text})),
            Self::Route { name, text } => ("route", json!({"route": name, "text": text})),
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

/// A step of a request, in the words of DESIGN.md.
fn step(line: &mut String, note: Note<'_>) -> std::fmt::Result {
    match note {
        Note::Trying { tier, .. } => write!(line, "→ Trying: {tier}"),
        Note::Skipped { tier, reason, .. } => write!(line, "↷ Skipped: {tier} ({reason})"),
        Note::Waiting { tier, ahead, .. } => write!(line, "· Waiting: {tier} ({ahead} ahead)"),
        Note::Failed { tier, reason, .. } => write!(line, "✗ Failed: {tier} ({reason})"),
        Note::Succeeded { tier, took, total, .. } => {
            write!(line, "✓ Success: {tier} ({}ms, total: {}ms)", took.as_millis(), total.as_millis())
        }
        Note::Overtaken { tier, took, .. } => write!(line, "↷ Overtaken: {tier} (after {}ms)", took.as_millis()),
        Note::Replaced { tier, gone, model, .. } => write!(line, "⇄ Replaced: {tier} ({})", InPlace { gone, model }),
        Note::Restored { tier, model, .. } => write!(line, "⇄ Restored: {tier} ({model} is back)"),
        Note::AllFailed { .. } => write!(line, "Error: All LLM tiers failed"),
        Note::CarriedOn { tier, seam, .. } => write!(line, "↳ Carried on: {tier} (after {seam} characters)"),
        Note::BrokenOff { tier, .. } => write!(line, "✗ Broken off: {tier}"),
        Note::CallerLeft { total, .. } => write!(line, "← Caller left after {}ms", total.as_millis()),
    }
}

/// The same for programs: the event's name, and its members.
fn step_json(note: Note<'_>) -> (&'static str, Value) {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    match note {
        Note::Trying { request, tier } => ("trying", json!({"request": request, "tier": tier})),
        Note::Skipped { request, tier, reason } => {
            ("skipped", json!({"request": request, "tier": tier, "reason": reason}))
        }
        Note::Waiting { request, tier, ahead } => {
            ("waiting", json!({"request": request, "tier": tier, "ahead": ahead}))
        }
        Note::Failed { request, tier, reason, took } => {
            let (words, code) = (reason.to_string(), reason.code());
            ("failed", json!({"request": request, "tier": tier, "reason": words, "code": code, "ms": ms(took)}))
        }
        Note::Succeeded { request, tier, took, total } => {
            ("success", json!({"request": request, "tier": tier, "ms": ms(took), "total_ms": ms(total)}))
        }
        Note::Overtaken { request, tier, took } => {
            ("overtaken", json!({"request": request, "tier": tier, "ms": ms(took)}))
        }
        Note::Replaced { request, tier, gone, model, .. } => {
            ("replaced", json!({"request": request, "tier": tier, "gone": gone, "model": model}))
        }
        Note::Restored { request, tier, model } => {
            ("restored", json!({"request": request, "tier": tier, "model": model}))
        }
        Note::AllFailed { request, total } => {
            let error = "All LLM tiers failed";
            ("all_tiers_failed", json!({"request": request, "error": error, "total_ms": ms(total)}))
        }
        Note::CarriedOn { request, tier, seam } => {
            ("carried_on", json!({"request": request, "tier": tier, "seam": seam}))
        }
        Note::BrokenOff { request, tier } => ("broken_off", json!({"request": request, "tier": tier})),
        Note::CallerLeft { request, total } => ("caller_left", json!({"request": request, "total_ms": ms(total)})),
    }
}

#[cfg(test)]
mod tests {
    use cascade::Limit;
    use gateway::Reason;
    use upstream::{Cause, Failure};

    use super::*;

    const PLAIN: Form = Form::Plain { colour: false };

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn the_lines_are_those_of_the_contract() {
        let (request, slow, fast) = ("r", "Tier 1: Your HF Space", "Tier 2: Ultra-Fast Fallback");
        let reason = &Reason::Limit(Limit::Total, ms(5000));
        let steps = [
            Note::Trying { request, tier: slow },
            Note::Failed { request, tier: slow, reason, took: ms(5000) },
            Note::Trying { request, tier: fast },
            Note::Succeeded { request, tier: fast, took: ms(4000), total: ms(9000) },
            Note::Skipped { request, tier: slow, reason: "loading 43 %" },
            Note::AllFailed { request, total: ms(1) },
        ];
        assert_eq!(
            steps.map(|step| Line::Request(step).render(PLAIN)).concat(),
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
        let reason = &Reason::Failure(Failure { status: Some(401), ..Cause::Unauthorized.into() });
        let line = Line::Request(Note::Failed { request: "r", tier: "T\n1", reason, took: ms(7) });
        let line = line.json(Timestamp::UNIX_EPOCH);
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1);
        let value: Value = serde_json::from_str(&line).expect("JSON");
        let expected = json!({
            "time": "1970-01-01T00:00:00.000Z", "event": "failed", "request": "r", "tier": "T\n1",
            "reason": "401 Unauthorized", "code": "401", "ms": 7
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_providers_words_stay_in_their_line_and_cannot_drive_a_terminal() {
        let said = "x\n✓ Success: Tier 1\u{1b}[2J\r".to_owned();
        let reason = &Reason::Failure(Cause::StreamError(said).into());
        let line = Line::Request(Note::Failed { request: "r", tier: "t", reason, took: ms(1) }).render(PLAIN);
        assert_eq!(line, "✗ Failed: t (error in the stream: x ✓ Success: Tier 1 [2J )\n");
    }

    #[test]
    fn colour_stands_round_the_line_and_only_where_it_is_wanted() {
        let line = Line::Request(Note::AllFailed { request: "r", total: ms(1) });
        assert_eq!(line.render(Form::Plain { colour: true }), "\u{1b}[31mError: All LLM tiers failed\u{1b}[0m\n");
    }
}
