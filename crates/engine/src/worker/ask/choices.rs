//! How many answers are wanted, and what is told beside each.

use serde::Deserialize;
use wire::Form;

use super::members::Members;
use crate::model::{Logprobs, Sampling};
use crate::worker::refusal::Refusal;

/// More answers at once than this would keep everybody else waiting for minutes. (OpenAI takes 128.)
pub(super) const MOST: usize = 16;
/// The likeliest tokens that are told beside each in a chat: OpenAI's bound ("Create chat completion").
const MOST_TOP_OF_CHAT: usize = 20;
/// The same in the text form ("Create completion").
const MOST_TOP_OF_TEXT: usize = 5;

/// What a request asks for beside its prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choices {
    /// Answers that are given, a prompt.
    pub(super) given: usize,
    /// Answers that are made, a prompt, of which the likeliest are given.
    pub(super) made: usize,
    /// The answer begins with its prompt.
    pub(super) echo: bool,
    /// The likeliest tokens beside each of the answer's, where they are told.
    pub(super) logprobs: Option<usize>,
}

impl Choices {
    pub(super) fn read(form: Form, members: &mut Members<'_>) -> Result<Self, Refusal> {
        let given = count(members, "n")?.unwrap_or(1);
        match form {
            Form::Chat => Ok(Self { given, made: given, echo: false, logprobs: of_chat(members)? }),
            Form::Text => {
                let made = count(members, "best_of")?.unwrap_or(given);
                if made < given {
                    return Err(Refusal::bad_value("best_of", "n or more"));
                }
                let echo = members.take("echo", "true or false")?.unwrap_or(false);
                Ok(Self { given, made, echo, logprobs: of_text(members)? })
            }
        }
    }

    /// Refuses what `prompts` prompts, or a stream, cannot have.
    pub(super) fn check(&self, prompts: usize, streamed: bool) -> Result<(), Refusal> {
        if streamed && self.made > self.given {
            return Err(Refusal::unsupported_value("best_of", "more than n for a stream"));
        }
        if self.made.saturating_mul(prompts) > MOST {
            return Err(Refusal::cannot("prompt", &format!("all prompts have {MOST} answers at the most")));
        }
        Ok(())
    }

    /// What the engine has to weigh. The best answers are found by their tokens' likelihood.
    pub(super) fn weighed(&self) -> Option<Logprobs> {
        let top = self.logprobs.or((self.made > self.given).then_some(0))?;
        Some(Logprobs { top, prompt: self.echo && self.logprobs.is_some() })
    }

    /// How the `index`th answer to a prompt is drawn: a seed would draw the same one each time.
    pub(super) fn sampling(sampling: &Sampling, index: usize) -> Sampling {
        let step = u32::try_from(index).unwrap_or(u32::MAX);
        Sampling { seed: sampling.seed.map(|seed| seed.wrapping_add(step)), ..sampling.clone() }
    }
}

fn count(members: &mut Members<'_>, name: &str) -> Result<Option<usize>, Refusal> {
    const TAKES: &str = "a whole number from 1 on";
    let count = members.take(name, TAKES)?;
    match count {
        Some(0) => Err(Refusal::bad_value(name, TAKES)),
        Some(count) if count > MOST => Err(Refusal::unsupported_value(name, &format!("more than {MOST}"))),
        count => Ok(count),
    }
}

fn of_chat(members: &mut Members<'_>) -> Result<Option<usize>, Refusal> {
    const TOP: &str = "top_logprobs";
    let asked = members.take("logprobs", "true or false")?.unwrap_or(false);
    let top: usize = members.take(TOP, "a whole number from 0 to 20")?.unwrap_or(0);
    if top > MOST_TOP_OF_CHAT {
        return Err(Refusal::bad_value(TOP, "a whole number from 0 to 20"));
    }
    if top > 0 && !asked {
        return Err(Refusal::bad_value(TOP, "left out, or logprobs be true"));
    }
    Ok(asked.then_some(top))
}

fn of_text(members: &mut Members<'_>) -> Result<Option<usize>, Refusal> {
    /// Clients that serve both forms send `false` where they want none.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Asked {
        Top(usize),
        Not(bool),
    }
    const TAKES: &str = "a whole number from 0 to 5";
    match members.take("logprobs", TAKES)? {
        None | Some(Asked::Not(false)) => Ok(None),
        Some(Asked::Top(top)) if top <= MOST_TOP_OF_TEXT => Ok(Some(top)),
        Some(Asked::Top(_) | Asked::Not(true)) => Err(Refusal::bad_value("logprobs", TAKES)),
    }
}
