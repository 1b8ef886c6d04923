//! What is measured, in its order.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::supervisor::Supervisor;
use futures_util::future::try_join_all;
use upstream::Upstream;

use super::asking::{Timed, ask};
use super::figures::{Edit, Figures, Page, Reading, Roofline, Together, Writing};
use super::requests::{self, Ask};
use super::{PATIENCE, Progress, memory};
use crate::worker::{self, Ready};

/// How many steps a progress bar has.
pub(super) const STEPS: u64 = 8;
const CALLERS: u32 = 4;

/// Measures the model of a worker that has just been started.
///
/// # Errors
/// The worker cannot run it or dies at it, or an answer says nothing.
pub(super) async fn figures(
    model: String,
    file_bytes: u64,
    supervisor: &Supervisor,
    progress: &Progress,
) -> anyhow::Result<Figures> {
    let (Ready { context, threads }, loaded) = load(&model, supervisor, progress).await?;
    let steps = Steps { worker: worker::client(supervisor, &model), progress };
    let mark = uuid::Uuid::new_v4().to_string();
    let prompt = Reading::of(&steps.one("reading a prompt", requests::long_prompt(&mark)).await?);
    let known_prefix = Reading::of(&steps.one("the same start again", requests::known_prefix(&mark)).await?);
    let decode = Writing::of(&steps.one("writing an answer", requests::answer()).await?);
    anyhow::ensure!(decode.tokens > 1, "{model} ends its answers at once: nothing can be measured of it");
    let page = Page::of(&steps.one("a page", requests::page()).await?);
    let edit = Edit::of(&steps.one("an edit", requests::edit()).await?);
    let callers = Together::of(&steps.at_once("four callers at once", requests::callers(CALLERS)).await?);
    progress.begin("reading memory");
    let bandwidth = tokio::task::spawn_blocking(move || memory::bytes_a_second(threads)).await?;
    let roofline = Roofline::new(bandwidth, file_bytes, &decode);
    let load_seconds = loaded.as_secs_f64();
    Ok(Figures {
        model,
        file_bytes,
        context,
        threads,
        load_seconds,
        prompt,
        known_prefix,
        decode,
        page,
        edit,
        callers,
        roofline,
    })
}

/// Waits for the worker, says how long that took, and has it touch its weights once.
async fn load(model: &str, supervisor: &Supervisor, progress: &Progress) -> anyhow::Result<(Ready, Duration)> {
    let begun = Instant::now();
    let ready = worker::ready(supervisor, PATIENCE, |percent| progress.loading(percent)).await;
    let ready = ready.with_context(|| format!("{model} cannot be run"))?;
    let took = begun.elapsed();
    ask(&worker::client(supervisor, model), requests::warm_up()).await.context("the first answer")?;
    progress.done();
    Ok((ready, took))
}

/// Asks one worker one thing after the other.
struct Steps<'a> {
    worker: Upstream,
    progress: &'a Progress,
}

impl Steps<'_> {
    async fn one(&self, what: &'static str, request: Ask) -> anyhow::Result<Timed> {
        self.progress.begin(what);
        let timed = ask(&self.worker, request).await.context(what)?;
        self.progress.done();
        Ok(timed)
    }

    async fn at_once(&self, what: &'static str, requests: Vec<Ask>) -> anyhow::Result<Vec<Timed>> {
        self.progress.begin(what);
        let timed = try_join_all(requests.into_iter().map(|request| ask(&self.worker, request))).await.context(what)?;
        self.progress.done();
        Ok(timed)
    }
}
