//! The engine's thread: it alone owns the llama context, and decodes one batch after another for all jobs together
//! (continuous batching: Yu et al., "Orca", OSDI 2022).
//!
//! A batch holds the next token of each answer, and a slice of the prompts that are still being read. Between two
//! batches the thread looks at what has come and what was cancelled; nothing else ever interrupts it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use llama_cpp_2::DecodeError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

use tokio::sync::watch;

use super::costs::Costs;
use super::crew::{Crews, Took};
use super::forecast::{Forecast, Load, Rest};
use super::job::{Finish, Token};
use super::lane::{Lane, Lanes};
use super::lengths::Lengths;
use super::openmp;
use super::pace::{Pace, without_leftover};
use super::run::Run;
use super::steps::Steps;
use super::ticket::{Errand, Ticket};
use super::warm::store::Store;
use super::warm::{Warm, Warmth};
use crate::grammar::Lost;

/// The engine's work.
pub(super) struct Scheduler<'model> {
    pub(super) context: LlamaContext<'model>,
    vocab: LlamaVocab<'model>,
    pub(super) batch: LlamaBatch<'static>,
    pub(super) lanes: Lanes,
    waiting: VecDeque<Run>,
    pub(super) warm: Warm,
    pub(super) store: Option<Store>,
    pub(super) pace: Pace,
    steps: Steps,
    costs: Costs,
    crews: Crews,
    lengths: Lengths,
    pub(super) told: Told,
}

/// What everybody may see of the engine's thread.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) load: watch::Sender<Load>,
    pub(super) warmth: watch::Sender<Warmth>,
    /// How many batches it has begun.
    pub(super) batches: Arc<AtomicU64>,
}

/// How much an engine does at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Jobs.
    pub(super) parallel: u32,
    /// Places for warm prefixes.
    pub(super) places: usize,
    /// Threads that compute.
    pub(super) threads: usize,
}

/// What one lane has in a batch.
#[derive(Debug, Clone)]
struct Part {
    lane: usize,
    /// Where in the batch they begin.
    first: i32,
    /// Tokens of its job.
    tokens: usize,
    /// Tokens that may follow them.
    draft: Vec<Token>,
    /// Where in the batch the logits are that its next token is drawn from; those for the draft's tokens follow.
    logits: Option<i32>,
}

/// The handles are gone: nobody can ask any more.
pub(super) struct NobodyAsks;

impl<'model> Scheduler<'model> {
    pub(super) fn new(
        model: &'model LlamaModel,
        context: LlamaContext<'model>,
        Size { parallel, places, threads }: Size,
        store: Option<Store>,
        told: Told,
    ) -> Self {
        let batch = context.n_batch() as usize;
        let divisible = !(model.is_recurrent() || model.is_hybrid());
        Self {
            lanes: Lanes::new(parallel, places, context.n_ctx(), divisible),
            warm: Warm::new(places, context.n_ctx() as usize / 2),
            store,
            vocab: model.vocab(),
            batch: LlamaBatch::new(batch, 1),
            waiting: VecDeque::new(),
            pace: Pace::new(batch),
            steps: Steps::new(parallel as usize),
            costs: Costs::default(),
            crews: Crews::new(threads),
            lengths: Lengths::default(),
            told,
            context,
        }
    }

    /// Works until the last handle is gone and the last job has ended.
    pub(super) fn run(mut self, errands: &Receiver<Errand>) {
        while self.take_in(errands).is_ok() {
            self.drop_cancelled();
            self.admit();
            self.tell_load();
            self.step();
        }
        self.save_all();
    }

    /// Takes the errands that have come; waits for one where there is nothing else to do.
    fn take_in(&mut self, errands: &Receiver<Errand>) -> Result<(), NobodyAsks> {
        if self.waiting.is_empty() && self.lanes.is_idle() {
            self.tell_load();
            let errand = self.while_idle(errands)?;
            self.take(errand);
        }
        loop {
            match errands.try_recv() {
                Ok(errand) => self.take(errand),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }

    fn take(&mut self, errand: Errand) {
        match errand {
            Errand::Job(ticket) => self.queue(*ticket),
            Errand::Warm(tokens) => self.keep_warm(tokens),
            Errand::Save(done) => {
                self.save_all();
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
            }
        }
    }

    fn queue(&mut self, ticket: Ticket) {
        let mut run = Run::new(ticket, self.vocab.n_tokens(), self.context.n_ctx());
        run.foresee(self.lanes.longest_start(run.reusable()));
        self.waiting.push_back(run);
    }

    /// A cancelled job leaves its tokens in the cache; the next one may begin with them.
    fn drop_cancelled(&mut self) {
        self.waiting.retain(|run| !run.is_cancelled());
        for lane in &mut self.lanes.all {
            lane.run.take_if(|run| run.is_cancelled());
        }
    }

    /// First come, first served: a job that does not fit yet is not overtaken by a smaller one.
    fn admit(&mut self) {
        while let Some(run) = self.waiting.pop_front() {
            match self.lanes.admit(&mut self.context, run) {
                Ok(seated) => self.notice_start(seated),
                Err(run) => return self.waiting.push_front(*run),
            }
        }
    }

    /// Tells what there is to do, where that has changed. Never waits: a reader copies it out.
    fn tell_load(&self) {
        let load = self.load();
        self.told.load.send_if_modified(|told| std::mem::replace(told, load) != load);
    }

    fn load(&self) -> Load {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let busy = self.lanes.busy();
        let write = |run: &Run| self.lengths.left(run.answered(), run.remaining());
        let running = |lane: &Lane| {
            // The last token is decoded with its answer's first.
            let read = if lane.pending() == 1 { 0 } else { lane.pending() };
            lane.run.as_ref().map(|run| Rest { read, write: write(run), cells: run.own_claim() })
        };
        let waiting = |run: &Run| Rest { read: run.unread(), write: write(run), cells: run.own_claim() };
        let answering = self.lanes.all.iter().filter(|lane| lane.run.as_ref().is_some_and(Run::is_answering)).count();
        let forecast = Forecast {
            running: busy.iter().filter_map(|&index| running(&self.lanes.all[index])).collect(),
            waiting: self.waiting.iter().map(waiting).collect(),
            lanes: self.lanes.parallel(),
            capacity: self.lanes.capacity(),
            slice: self.pace.slice(true),
            prompt_token: self.pace.prompt_token(),
            steps: &self.steps,
        };
        Load {
            running: number(busy.len()),
            waiting: number(self.waiting.len()),
            wait: forecast.wait(),
            prompt_token: self.pace.measured_prompt_token(),
            token: self.steps.token(answering),
        }
    }

    /// Decodes one batch and draws a token for each lane whose prompt has been read.
    fn step(&mut self) {
        let parts = self.plan();
        if parts.is_empty() {
            return;
        }
        let cost = match self.decode() {
            Ok(took) => self.measure(&parts, took),
            Err(error) => {
                for run in self.lanes.clear(&mut self.context) {
                    run.fail(&format!("llama.cpp could not decode a batch: {error}"));
                }
                return;
            }
        };
        for part in parts {
            self.advance(&part, cost * part.draft.len() as f64);
        }
    }

    /// Computes the batch, with the threads that are the fastest as the machine is now; gives how long it took.
    pub(super) fn decode(&mut self) -> Result<Duration, DecodeError> {
        self.told.batches.fetch_add(1, Ordering::SeqCst);
        let tokens = usize::try_from(self.batch.n_tokens()).unwrap_or(0);
        let (started, computed) = (Instant::now(), openmp::cpu_time());
        let crew = self.crews.choose(tokens, started);
        openmp::compute_with(crew);
        self.context.decode(&mut self.batch)?;
        self.context.synchronize();
        let took = Took { wall: started.elapsed(), cpu: openmp::cpu_time().saturating_sub(computed) };
        self.crews.measured(tokens, crew, took, Instant::now());
        Ok(took.wall)
    }

    /// Learns from a batch that took so long; gives what each token of a draft in it has cost, in steps.
    fn measure(&mut self, parts: &[Part], took: Duration) -> f64 {
        let tokens = parts.iter().map(|part| part.tokens).sum();
        let drafted: usize = parts.iter().map(|part| part.draft.len()).sum();
        if drafted > 0 {
            let step = self.steps.token(parts.len()).unwrap_or(took);
            self.costs.measured(tokens + drafted, took.div_duration_f64(step));
            return took.saturating_sub(step).div_duration_f64(step) / drafted as f64;
        }
        self.pace.measured(tokens, took);
        self.costs.stepped();
        if parts.iter().all(|part| part.tokens == 1) {
            self.steps.measured(parts.len(), took);
        }
        0.0
    }

    /// Fills the batch: answers first, one token each; then prompts, the older first, as far as the pace allows.
    fn plan(&mut self) -> Vec<Part> {
        let answering = self.lanes.all.iter().filter(|lane| lane.run.as_ref().is_some_and(Run::is_answering)).count();
        let mut slice = self.pace.slice(answering > 0);
        let (answers, prompts): (Vec<_>, Vec<_>) =
            self.lanes.busy().into_iter().partition(|&index| self.lanes.all[index].pending() == 1);
        if prompts.is_empty() {
            return self.plan_answers(&answers);
        }
        slice = without_leftover(slice, answers.len());
        let mut sizes: Vec<_> = answers.iter().map(|&index| (index, 1, Vec::new())).collect();
        for index in prompts {
            let room =
                (self.context.n_batch() as usize).saturating_sub(sizes.iter().map(|(_, tokens, _)| tokens).sum());
            let lane = &self.lanes.all[index];
            let most = lane.run.as_ref().map_or(0, Run::most_at_once);
            let tokens = lane.pending().min(slice).min(room).min(most);
            slice -= tokens;
            sizes.push((index, tokens, Vec::new()));
        }
        let wanted = sizes.iter().map(|(_, tokens, _)| tokens).sum();
        self.make_room(wanted);
        self.fill(sizes)
    }

    /// Each answer's next token, and what may follow it.
    fn plan_answers(&mut self, answers: &[usize]) -> Vec<Part> {
        self.make_room(answers.len());
        let mut room =
            self.lanes.room_for_drafts().min(self.pace.slice(answers.len() > 1)).saturating_sub(answers.len());
        let mut sizes = Vec::new();
        for &index in answers {
            let draft = self.draft(index, room, answers.len());
            room -= draft.len();
            sizes.push((index, 1, draft));
        }
        self.fill(sizes)
    }

    /// What a lane's answer may say after its next token, `room` tokens at the most.
    fn draft(&self, lane: usize, room: usize, answers: usize) -> Vec<Token> {
        let Some(run) = self.lanes.all[lane].run.as_ref().filter(|run| run.is_answering()) else {
            return Vec::new();
        };
        let Some(step) = self.steps.token(answers) else { return Vec::new() };
        let cost = |draft: usize| {
            let guess = || 1.0 + self.pace.prompt_token().div_duration_f64(step) * draft as f64;
            let batch = self.costs.batch(answers + draft).unwrap_or_else(guess);
            (batch - 1.0).max(0.0)
        };
        let most = room.min(run.remaining().saturating_sub(1));
        run.drafts.next(&run.tokens, most, cost).to_vec()
    }

    fn make_room(&mut self, wanted: usize) {
        if self.lanes.free() >= wanted {
            return;
        }
        for run in self.lanes.make_room(&mut self.context, wanted) {
            self.waiting.push_front(run);
        }
        self.tell_warmth();
    }

    /// Puts the parts into the batch; whoever made way for another is left out.
    fn fill(&mut self, sizes: Vec<(usize, usize, Vec<Token>)>) -> Vec<Part> {
        self.batch.clear();
        let mut parts = Vec::new();
        for (index, tokens, draft) in sizes {
            let lane = &self.lanes.all[index];
            let Some(run) = lane.run.as_ref().filter(|_| tokens > 0) else { continue };
            let (from, first) = (lane.held(), self.batch.n_tokens());
            let whole = from + tokens == run.tokens.len();
            let sequence = i32::try_from(index).expect("lanes are few");
            let wanted = run.tokens[from..from + tokens].iter().chain(&draft).zip(from..);
            for (&token, at) in wanted {
                let position = i32::try_from(at).expect("llama.cpp counts a context's positions in an i32");
                self.batch
                    .add(LlamaToken(token), position, &[sequence], run.wants_logits(at))
                    .expect("the batch was made for n_batch tokens, and the plan keeps to them");
            }
            self.lanes.grow(index, tokens, &draft);
            let last = first + i32::try_from(tokens).expect("a batch has few tokens") - 1;
            parts.push(Part { lane: index, first, tokens, draft, logits: whole.then_some(last) });
        }
        parts
    }

    /// What the decoded batch means to one lane; its draft cost so many steps.
    fn advance(&mut self, part: &Part, cost: f64) {
        let lane = &mut self.lanes.all[part.lane];
        let read = lane.held();
        let Some(run) = &mut lane.run else { return };
        let from = read - part.tokens - part.draft.len();
        run.weigh_prompt(&self.context, &self.vocab, from, (part.first, part.tokens));
        let Some(logits) = part.logits else {
            run.report(read);
            return;
        };
        run.drafts.begin(part.draft.len());
        let (accepted, ended) =
            accept(run, &part.draft, |run, index| run.sample(&self.context, &self.vocab, logits + index));
        if part.draft.is_empty() {
            run.drafts.stepped();
        } else {
            run.drafts.settled(part.draft.len(), accepted, cost);
        }
        if let Some(ended) = ended.transpose()
            && let Some(run) = lane.run.take()
        {
            if run.answered() > 0 {
                self.lengths.ended(run.answered());
            }
            match ended {
                Ok(finish) => run.finish(finish, self.told.batches.load(Ordering::SeqCst)),
                Err(lost) => run.fail(&lost.to_string()),
            }
        }
        self.lanes.truncate(&mut self.context, part.lane, read - (part.draft.len() - accepted));
    }
}

/// Draws the next token, and goes on as long as the draft has foreseen what was drawn; gives how much of the draft is
/// part of the answer, and whether that has ended.
fn accept(
    run: &mut Run,
    draft: &[Token],
    mut draw: impl FnMut(&mut Run, i32) -> Result<Option<Finish>, Lost>,
) -> (usize, Result<Option<Finish>, Lost>) {
    let mut accepted = 0;
    for index in 0.. {
        let ended = draw(run, index);
        if !matches!(ended, Ok(None)) || draft.get(accepted) != run.tokens.last() {
            return (accepted, ended);
        }
        accepted += 1;
    }
    (accepted, Ok(None))
}
