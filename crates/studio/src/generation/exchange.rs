//! One question and its answer, told and kept while it comes.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use gateway::Entry;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use wire::Finish;

use super::event::{Done, Event};
use super::event_log::Told;
use crate::model_client::{Answer, Asked, Failure, Heard, Pages, Tiers, ms};
use crate::project::{Making, TierMark};
use crate::store::Store;
use crate::{HTML_ROUTE, ROUTE};

/// How often at most the text is written down while it comes.
const KEPT_EVERY: Duration = Duration::from_millis(300);
/// How often at most a page is shown while it is written.
const SHOWN_EVERY: Duration = Duration::from_millis(120);

/// Carries a request out, turn by turn.
pub(super) struct Scribe<'a> {
    pub(super) entry: &'a Entry,
    pub(super) store: &'a Store,
    pub(super) project: &'a str,
    pub(super) told: &'a Told,
    stopped: watch::Receiver<bool>,
    began: Instant,
    first_token: Option<Instant>,
    first_paint: Option<Duration>,
    shown: Option<Instant>,
    tier: Option<TierMark>,
    tokens: u32,
}

/// What becomes of an answer while it comes.
#[derive(Clone, Copy)]
struct Hearing {
    /// Whether it is written down.
    keeps: bool,
    /// Whether whoever listens is told of it.
    tells: bool,
}

/// How much of the text was written down, and when.
struct Kept {
    length: usize,
    at: Instant,
}

/// What came of a turn.
pub(super) struct Turn {
    pub(super) text: String,
    pub(super) ended: TurnEnd,
}

pub(super) enum TurnEnd {
    /// The answer is complete.
    Complete(Finish),
    /// The user stopped it.
    Stopped,
    /// It broke off, or did not begin.
    Failed(Failure),
}

impl<'a> Scribe<'a> {
    pub(super) fn new(
        entry: &'a Entry,
        store: &'a Store,
        project: &'a str,
        told: &'a Told,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            entry,
            store,
            project,
            told,
            stopped,
            began: Instant::now(),
            first_token: None,
            first_paint: None,
            shown: None,
            tier: None,
            tokens: 0,
        }
    }

    /// Asks, and tells what comes. `page` makes the page of the text so far, where there is something new to show. What comes
    /// is kept while it comes.
    pub(super) async fn turn(&mut self, asked: &Asked, page: impl FnMut(&str) -> Option<Event>) -> Turn {
        self.hear(asked, page, Hearing { keeps: true, tells: true }).await
    }

    /// Asks for what is no page before it is put into one: nothing of it is shown or kept.
    pub(super) async fn ask(&mut self, asked: &Asked) -> Turn {
        self.hear(asked, |_| None, Hearing { keeps: false, tells: true }).await
    }

    /// Asks for what is no part of a page: nothing of it is shown, told or kept.
    pub(super) async fn read(&mut self, asked: &Asked) -> Turn {
        self.hear(asked, |_| None, Hearing { keeps: false, tells: false }).await
    }

    async fn hear(&mut self, asked: &Asked, mut page: impl FnMut(&str) -> Option<Event>, hearing: Hearing) -> Turn {
        let mut answer = Answer::to(self.entry, asked);
        let (mut text, mut kept) = (String::new(), Kept { length: 0, at: Instant::now() });
        let mut tick = tokio::time::interval(SHOWN_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            let heard = tokio::select! {
                biased;
                _ = self.stopped.wait_for(|&stopped| stopped) => break TurnEnd::Stopped,
                heard = answer.next() => Some(heard),
                // What came last is shown and kept also where nothing follows it for a while.
                _ = tick.tick() => None,
            };
            match heard {
                Some(Heard::Tier(news)) => self.told.tell(&news.into()),
                Some(Heard::Thought(_)) => {}
                Some(Heard::Text(more)) => {
                    self.first_token.get_or_insert_with(Instant::now);
                    text += &more;
                    if hearing.tells {
                        self.told.tell(&Event::Token { text: more });
                    }
                }
                Some(Heard::End(end)) => {
                    self.tokens += end.tokens;
                    break end.how.map_or_else(TurnEnd::Failed, TurnEnd::Complete);
                }
                None => {}
            }
            self.show_if_due(|| page(&text));
            if hearing.keeps && kept.length < text.len() && kept.at.elapsed() >= KEPT_EVERY {
                // What cannot be written now is written at the end, or said there.
                let _ = self.store.keep(self.project, &text, answer.tier().as_ref()).await;
                kept = Kept { length: text.len(), at: Instant::now() };
            }
        };
        self.tier = answer.tier().or(self.tier.take());
        Turn { text, ended }
    }

    fn show_if_due(&mut self, page: impl FnOnce() -> Option<Event>) {
        if self.shown.is_none_or(|shown| shown.elapsed() >= SHOWN_EVERY)
            && let Some(page) = page()
        {
            self.shown = Some(Instant::now());
            self.show(&page);
        }
    }

    /// Shows a page.
    pub(super) fn show(&mut self, page: &Event) {
        self.first_paint.get_or_insert_with(|| self.began.elapsed());
        self.told.tell(page);
    }

    /// The route through the tiers that may do so much, or to the next one behind the tier that answered last. `None` where
    /// there is none behind it.
    pub(super) fn route(&self, least: Pages, to_next_tier: bool) -> Option<Cow<'static, str>> {
        if to_next_tier {
            let last = self.tier.as_ref()?.number;
            return Tiers::of(self.entry).after(last, least).map(Cow::Owned);
        }
        Some(if least == Pages::Html { HTML_ROUTE } else { ROUTE }.into())
    }

    /// How it was made so far.
    pub(super) fn making(&self) -> Making {
        let own = self.tier.as_ref().is_some_and(|tier| Tiers::of(self.entry).is_own(tier.number));
        Making {
            tier: self.tier.clone(),
            ms: Some(ms(self.began.elapsed())),
            first_paint_ms: Some(ms(self.first_paint.unwrap_or_else(|| self.began.elapsed()))),
            tokens: Some(self.tokens),
            cost_usd: own.then_some(0.0),
        }
    }

    /// As [`Scribe::making`], for who listens.
    pub(super) fn done(&self, version: u32, making: &Making) -> Done {
        let writing = self.first_token.map(|first| first.elapsed().as_secs_f64()).filter(|&seconds| seconds > 0.0);
        Done {
            version,
            tier: making.tier.as_ref().map(|tier| tier.number),
            name: making.tier.as_ref().map(|tier| tier.name.clone()),
            ms: making.ms.unwrap_or_default(),
            first_paint_ms: making.first_paint_ms,
            tokens: self.tokens,
            tokens_per_second: writing.map(|seconds| (f64::from(self.tokens) / seconds * 10.0).round() / 10.0),
            cost_usd: making.cost_usd,
        }
    }
}
