//! A plan as steps on a socket: bytes, pauses, and how the connection ends.

use std::time::Duration;

use bytes::Bytes;

use crate::ask::Form;
use crate::fault::{Break, ContentType, Filler};
use crate::head::{self, Framing};
use crate::plan::{Act, Answer};
use crate::reply::Reply;
use crate::spoken::{Said, Spoken, Wanted};
use crate::stream::{self, Events};
use crate::whole;

/// The pause between two fillers where the script sets no pace.
const FILLER_PACE: Duration = Duration::from_millis(50);
/// A chunk size that is none.
const BAD_CHUNK: &[u8] = b"not-a-size\r\n";
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// One thing done to the socket. After the last step the connection takes the next request, unless it is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Write(Bytes),
    /// Each byte in a write of its own.
    WriteBytewise(Bytes),
    Wait(Duration),
    /// Nothing more, until the client leaves.
    Silence,
    /// The same bytes again and again, until the client leaves.
    Repeat(Bytes, Duration),
    Close,
    Reset,
}

/// The steps of a plan that gives no answer.
pub(crate) fn refusal(act: &Act) -> Vec<Step> {
    match act {
        Act::Silence => vec![Step::Silence],
        Act::Reset => vec![Step::Reset],
        Act::Close => vec![Step::Close],
        Act::CutInHead => vec![Step::Write(Bytes::from_static(b"HTTP/1.1 200 OK\r\ncontent-ty")), Step::Close],
        Act::Reply(reply) => vec![Step::Write(whole_reply(reply))],
        Act::Answer(_) => Vec::new(),
    }
}

/// A fixed answer with its head.
pub(crate) fn whole_reply(reply: &Reply) -> Bytes {
    let mut out = head::head(reply.status, Some(reply.content_type), &reply.headers, Framing::Length(reply.body.len()));
    out.extend_from_slice(&reply.body);
    out.into()
}

/// The steps of an answer.
pub(crate) fn answer(answer: &Answer, wanted: &Wanted, model: &str) -> Vec<Step> {
    let said = Said::new(answer, wanted, model);
    let events = Events::new(&said, answer);
    // The transcripts are of chats.
    let voice = answer.voice.filter(|_| wanted.form == Form::Chat);
    if answer.streamed.unwrap_or(wanted.streamed) {
        let spoken = match voice {
            Some(voice) => voice.stream(&said, answer, &events, wanted.include_usage),
            None => events.spoken(answer, wanted.include_usage),
        };
        let progress = wanted.progress;
        Scene { answer, events, streamed: true, chunked: true, progress, steps: Vec::new(), pending: Vec::new() }
            .play(&spoken)
    } else {
        let spoken = match voice {
            Some(voice) => voice.whole(&said),
            None => whole::spoken(&said, answer.usage),
        };
        let chunked = answer.filler.is_some() || matches!(answer.breaks, Some((_, Break::BadChunk)));
        Scene { answer, events, streamed: false, chunked, progress: false, steps: Vec::new(), pending: Vec::new() }
            .play(&spoken)
    }
}

/// Writes steps. Bytes without a pause between them are one write.
struct Scene<'a> {
    answer: &'a Answer,
    events: Events<'a>,
    streamed: bool,
    chunked: bool,
    /// Whether it reports how much of the prompt has been read.
    progress: bool,
    steps: Vec<Step>,
    pending: Vec<u8>,
}

impl Scene<'_> {
    fn play(mut self, spoken: &Spoken) -> Vec<Step> {
        if !self.streamed {
            self.wait(self.answer.first);
        }
        if let Some(filler) = self.answer.filler {
            return self.fill(filler, spoken);
        }
        let broken = self.break_within(spoken);
        if let Some((_, Break::ErrorFrame)) = broken
            && !self.streamed
        {
            return self.error_as_answer();
        }
        if !self.progress {
            self.wait(self.answer.reads);
        }
        self.head(match broken {
            Some((after, Break::End)) => spoken.len_before(after),
            _ => spoken.len(),
        });
        if self.progress {
            self.report_progress();
        }
        self.frame(spoken.prefix());
        for (index, token) in spoken.tokens().enumerate() {
            if let Some((after, how)) = broken
                && after == index
            {
                return self.break_off(how, token);
            }
            self.pause_before(index);
            self.frame(token);
        }
        if let Some((_, how)) = broken {
            return self.break_off(how, spoken.suffix());
        }
        self.frame(spoken.suffix());
        self.end()
    }

    /// The number of the token at which the answer breaks, where it has as many.
    fn break_within(&self, spoken: &Spoken) -> Option<(usize, Break)> {
        let (after, how) = self.answer.breaks?;
        let after = usize::try_from(after).ok()?;
        (after <= spoken.tokens().count()).then_some((after, how))
    }

    fn head(&mut self, length: usize) {
        let content_type = match self.answer.content_type {
            None if self.streamed => Some("text/event-stream"),
            None | Some(ContentType::Json) => Some("application/json"),
            Some(ContentType::EventStream) => Some("text/event-stream"),
            Some(ContentType::Html) => Some("text/html; charset=utf-8"),
            Some(ContentType::None) => None,
        };
        let framing = if self.chunked { Framing::Chunked } else { Framing::Length(length) };
        self.pending.extend(head::head(200, content_type, &self.answer.headers, framing));
    }

    fn frame(&mut self, bytes: &[u8]) {
        if !self.chunked {
            self.pending.extend_from_slice(bytes);
        } else if !bytes.is_empty() {
            self.pending.extend(chunk(bytes));
        }
    }

    /// A report at once, and one after each pause.
    fn report_progress(&mut self) {
        let reports = self.answer.reads.as_nanos().div_ceil(FILLER_PACE.as_nanos());
        for report in 0..u32::try_from(reports).unwrap_or(u32::MAX) {
            let report = self.events.progress(report);
            self.frame(report.as_bytes());
            self.wait(FILLER_PACE);
        }
    }

    fn pause_before(&mut self, token: usize) {
        if let Some((time, after)) = self.answer.silence
            && usize::try_from(after) == Ok(token)
        {
            self.wait(time);
        }
        match token {
            0 if self.streamed => self.wait(self.answer.first),
            0 => {}
            _ => self.wait(self.answer.pace),
        }
    }

    fn wait(&mut self, time: Duration) {
        if !time.is_zero() {
            self.flush();
            self.steps.push(Step::Wait(time));
        }
    }

    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.pending));
        self.steps.push(if self.answer.bytewise { Step::WriteBytewise(bytes) } else { Step::Write(bytes) });
    }

    fn end(mut self) -> Vec<Step> {
        if self.chunked {
            self.pending.extend_from_slice(LAST_CHUNK);
        }
        self.finish(None)
    }

    fn finish(mut self, last: Option<Step>) -> Vec<Step> {
        self.flush();
        self.steps.extend(last);
        self.steps
    }

    /// Breaks off where `next` would have come.
    fn break_off(mut self, how: Break, next: &[u8]) -> Vec<Step> {
        match how {
            Break::Cut => {
                let framed = if self.chunked { chunk(next) } else { next.to_vec() };
                self.pending.extend_from_slice(&framed[..framed.len() / 2]);
                self.finish(Some(Step::Close))
            }
            Break::Reset => self.finish(Some(Step::Reset)),
            Break::Stall => self.finish(Some(Step::Silence)),
            Break::End => self.end(),
            Break::BadChunk => {
                self.pending.extend_from_slice(BAD_CHUNK);
                self.finish(Some(Step::Close))
            }
            Break::ErrorFrame => {
                let error = self.events.error();
                self.frame(error.as_bytes());
                self.end()
            }
        }
    }

    /// Status 200 with an error in the place of the answer.
    fn error_as_answer(mut self) -> Vec<Step> {
        self.head(stream::ERROR.len());
        self.frame(stream::ERROR.as_bytes());
        self.end()
    }

    fn fill(mut self, filler: Filler, spoken: &Spoken) -> Vec<Step> {
        self.head(0);
        let filling = match filler {
            _ if !self.streamed => " ".to_owned(),
            Filler::Role | Filler::EmptyDeltas => self.events.empty_delta(),
            Filler::Comments => self.events.comment(),
        };
        if self.streamed && filler != Filler::Comments {
            self.frame(spoken.prefix());
        }
        if filler == Filler::Role {
            return self.finish(Some(Step::Silence));
        }
        let pace = if self.answer.pace.is_zero() { FILLER_PACE } else { self.answer.pace };
        self.finish(Some(Step::Repeat(chunk(filling.as_bytes()).into(), pace)))
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("{:x}\r\n", bytes.len()).into_bytes();
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::continuation::Start;

    fn steps_of(answer: &Answer) -> Vec<Step> {
        let wanted = Wanted {
            form: Form::Chat,
            streamed: true,
            include_usage: false,
            progress: false,
            prompt_tokens: 1,
            max_tokens: None,
            start: Start::ANEW,
            quoted: None,
        };
        super::answer(answer, &wanted, "m")
    }

    #[test]
    fn what_has_no_pause_is_one_write() {
        assert!(matches!(steps_of(&Answer::default())[..], [Step::Write(_)]));
        let bytewise = Answer { bytewise: true, ..Answer::default() };
        assert!(matches!(steps_of(&bytewise)[..], [Step::WriteBytewise(_)]));
    }

    #[test]
    fn a_paced_stream_waits_once_before_each_token_but_the_first() {
        let pace = Duration::from_millis(5);
        let steps = steps_of(&Answer { words: 4, pace, ..Answer::default() });
        assert_eq!(steps.iter().filter(|step| **step == Step::Wait(pace)).count(), 3);
    }
}
