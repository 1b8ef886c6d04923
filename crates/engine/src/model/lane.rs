//! The sequences of the llama context: what each holds in the cache, and which job it works on.
//!
//! A lane that has done its job keeps its tokens, so that a later prompt with the same start need not read it again.

use llama_cpp_2::context::LlamaContext;

use super::cells::{Cell, Cells};
use super::job::Token;
use super::run::Run;

/// One sequence.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The job, while there is one.
    pub(super) run: Option<Run>,
    /// The tokens in the cache, in order; while there is a job, the first of its tokens.
    held: Vec<Token>,
    /// Their cells.
    cells: Vec<Cell>,
    /// When it was last taken, in jobs; the lowest makes way first.
    used: u64,
}

impl Lane {
    /// How many tokens are in the cache.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// How many of the job's tokens have still to be decoded.
    pub(super) fn pending(&self) -> usize {
        self.run.as_ref().map_or(0, |run| run.tokens.len() - self.held.len())
    }
}

/// All sequences of a context, and the cells that they share.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Those that work on jobs; behind them the places for warm prefixes, which only hold tokens.
    pub(super) all: Vec<Lane>,
    parallel: usize,
    cells: Cells,
    jobs: u64,
    /// False for models whose state is one running sum: it cannot be cut, or copied in part.
    divisible: bool,
}

/// Where a job has been given a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seated {
    pub(super) lane: usize,
    /// How many of its tokens were in the cache.
    pub(super) common: usize,
}

/// Where a job would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seat {
    lane: usize,
    /// The lane that holds its longest start, and how much of it.
    source: usize,
    common: usize,
}

impl Lanes {
    pub(super) fn new(parallel: u32, places: usize, context: u32, divisible: bool) -> Self {
        let parallel = parallel as usize;
        let all = (0..parallel + places).map(|_| Lane::default()).collect();
        Self { all, parallel, cells: Cells::new(context), jobs: 0, divisible }
    }

    /// How many jobs may have a lane at once.
    pub(super) fn parallel(&self) -> usize {
        self.parallel
    }

    pub(super) fn is_idle(&self) -> bool {
        self.all.iter().all(|lane| lane.run.is_none())
    }

    /// Lanes with a job, the one that came first at the front.
    pub(super) fn busy(&self) -> Vec<usize> {
        let mut busy: Vec<_> = (0..self.all.len()).filter(|&index| self.all[index].run.is_some()).collect();
        busy.sort_by_key(|&index| self.all[index].used);
        busy
    }

    /// Gives a lane to a job; gives the job back where none is free, where the cache has no room for it beside the others,
    /// or where its start is just being read for another.
    pub(super) fn admit(&mut self, context: &mut LlamaContext<'_>, mut run: Run) -> Result<Seated, Box<Run>> {
        let fits = |&seat: &Seat| self.has_room(&run, seat) && !self.is_being_read(&run, seat);
        let Some(seat) = self.seat(run.reusable()).filter(fits) else { return Err(Box::new(run)) };
        let common = self.prepare(context, seat);
        self.jobs += 1;
        run.start(common);
        let lane = &mut self.all[seat.lane];
        lane.used = self.jobs;
        lane.run = Some(run);
        // A place is used by those who begin with it; a lane's is the order in which its jobs came.
        if seat.source >= self.parallel {
            self.all[seat.source].used = self.jobs;
        }
        Ok(Seated { lane: seat.lane, common })
    }

    /// The idle lane with the longest common start, where the job goes on in it; else the lane that was idle longest,
    /// with a copy of the longest start that any lane holds.
    fn seat(&self, tokens: &[Token]) -> Option<Seat> {
        let idle = |index: &usize| *index < self.parallel && self.all[*index].run.is_none();
        let oldest =
            (0..self.parallel).filter(idle).min_by_key(|&index| (self.all[index].held() > 0, self.all[index].used))?;
        let (source, common) = (0..self.all.len())
            .map(|index| (index, self.reusable(index, tokens)))
            .max_by_key(|&(index, common)| (common, idle(&index)))?;
        let mostly_used = common * 2 >= self.all[source].held();
        let lane = if idle(&source) && (mostly_used || !self.divisible) { source } else { oldest };
        let lane = if common == 0 { oldest } else { lane };
        Some(Seat { lane, source, common })
    }

    /// Whether a lane will soon hold more of the job's start than any does now. It is not read twice at once: of two
    /// prompts the older is read first anyway, so that nothing is lost by waiting for it.
    fn is_being_read(&self, run: &Run, seat: Seat) -> bool {
        /// Fewer tokens than this are read beside others at no price.
        const WORTH_WAITING: usize = 16;
        let start = run.reusable();
        let other = |lane: &Lane| lane.run.as_ref().map_or(0, |other| common(&other.tokens, &start[..start.len() - 1]));
        self.divisible && self.all.iter().any(|lane| other(lane) >= seat.common + WORTH_WAITING)
    }

    /// How many tokens of a prompt need not be read again, as the lanes are now.
    pub(super) fn longest_start(&self, tokens: &[Token]) -> usize {
        (0..self.all.len()).map(|index| self.reusable(index, tokens)).max().unwrap_or(0)
    }

    /// How many tokens the cache holds.
    pub(super) fn capacity(&self) -> usize {
        self.cells.capacity()
    }

    /// How many tokens of a prompt a lane could spare it. The last one is always read: its logits are what is sampled.
    fn reusable(&self, index: usize, tokens: &[Token]) -> usize {
        let lane = &self.all[index];
        let most = lane.held.len().min(tokens.len() - 1);
        let common = common(&lane.held[..most], tokens);
        let whole = common == lane.held.len() && lane.run.is_none();
        if self.divisible || whole { common } else { 0 }
    }

    /// Whether the cache can hold the job to the end of its prompt, and a little further, with all others at theirs.
    fn has_room(&self, run: &Run, seat: Seat) -> bool {
        if self.is_idle() {
            return true;
        }
        let busy = self.all.iter().filter(|lane| lane.run.is_some());
        let start = &self.all[seat.source].cells[..seat.common];
        let taken = self.cells.distinct(busy.clone().map(|lane| &lane.cells[..]).chain([start]));
        let growth = |lane: &Lane| lane.run.as_ref().map_or(0, |run| run.claim() - lane.held());
        let wanted = run.claim() - seat.common;
        taken + busy.map(growth).sum::<usize>() + wanted <= self.cells.capacity()
    }

    /// Makes the seat hold just the common start; gives its length.
    fn prepare(&mut self, context: &mut LlamaContext<'_>, seat: Seat) -> usize {
        if seat.lane == seat.source {
            return self.truncate(context, seat.lane, seat.common);
        }
        self.copy(context, seat)
    }

    /// Makes the seat's lane hold the common start and nothing else, in the very cells of its source; gives its length.
    fn copy(&mut self, context: &mut LlamaContext<'_>, seat: Seat) -> usize {
        self.truncate(context, seat.lane, 0);
        if seat.common == 0 {
            return 0;
        }
        let (held, cells) = {
            let source = &self.all[seat.source];
            (source.held[..seat.common].to_vec(), source.cells[..seat.common].to_vec())
        };
        let end = Some(position(seat.common));
        if context.kv_cache_seq_cp(sequence(seat.source), sequence(seat.lane), Some(0), end).is_err() {
            return 0;
        }
        self.cells.share(&cells);
        let lane = &mut self.all[seat.lane];
        (lane.held, lane.cells) = (held, cells);
        seat.common
    }

    /// How many tokens a place holds.
    pub(super) fn held_at(&self, place: usize) -> usize {
        self.all[self.parallel + place].held()
    }

    /// The sequence of a place.
    pub(super) fn sequence_at(&self, place: usize) -> i32 {
        sequence(self.parallel + place)
    }

    /// Makes a place hold the first `common` tokens of a lane.
    pub(super) fn keep_at(&mut self, context: &mut LlamaContext<'_>, place: usize, seated: Seated) {
        let lane = self.parallel + place;
        self.copy(context, Seat { lane, source: seated.lane, common: seated.common });
        self.all[lane].used = self.jobs;
    }

    /// Makes a place hold as much of these tokens as any lane does, itself among them.
    pub(super) fn begin_at(&mut self, context: &mut LlamaContext<'_>, place: usize, tokens: &[Token]) {
        let lane = self.parallel + place;
        let longest = (0..self.all.len()).map(|index| (self.reusable(index, tokens), index == lane, index)).max();
        if let Some((common, _, source)) = longest {
            self.prepare(context, Seat { lane, source, common });
        }
        self.all[lane].used = self.jobs;
    }

    /// Empties a place.
    pub(super) fn empty(&mut self, context: &mut LlamaContext<'_>, place: usize) {
        self.truncate(context, self.parallel + place, 0);
    }

    /// Takes cells for the next tokens of a place, which are about to be decoded or loaded.
    pub(super) fn append_at(&mut self, place: usize, tokens: &[Token]) {
        let lane = &mut self.all[self.parallel + place];
        lane.held.extend_from_slice(tokens);
        lane.cells.extend(tokens.iter().map_while(|_| self.cells.take()));
        lane.used = self.jobs;
    }

    /// How many more tokens the cache has room for without anything making way.
    pub(super) fn free(&self) -> usize {
        self.cells.free()
    }

    /// How many tokens of a draft the cache has room for without anything making way; none where what is refused could not be cut
    /// out again.
    pub(super) fn room_for_drafts(&self) -> usize {
        if self.divisible { self.cells.free() } else { 0 }
    }

    /// Keeps the first `keep` tokens of a lane; none, where the model's state cannot be cut. Gives how many it kept.
    pub(super) fn truncate(&mut self, context: &mut LlamaContext<'_>, index: usize, keep: usize) -> usize {
        if self.all[index].held.len() <= keep {
            return self.all[index].held.len();
        }
        let cut = context.kv_cache_seq_rm(sequence(index), Some(position(keep)), None).is_ok();
        let keep = if cut { keep } else { 0 };
        if !cut {
            // Removing a whole sequence never fails, says llama.h.
            let _ = context.kv_cache_seq_rm(sequence(index), None, None);
        }
        let lane = &mut self.all[index];
        lane.held.truncate(keep);
        self.cells.release(lane.cells.drain(keep..));
        keep
    }

    /// Takes cells for the next tokens of a lane's job and for a draft of what follows them, which are about to be decoded.
    pub(super) fn grow(&mut self, index: usize, count: usize, draft: &[Token]) {
        let lane = &mut self.all[index];
        let Some(run) = &lane.run else { return };
        let from = lane.held.len();
        lane.held.extend_from_slice(&run.tokens[from..from + count]);
        lane.held.extend_from_slice(draft);
        lane.cells.extend((0..count + draft.len()).map_while(|_| self.cells.take()));
    }

    /// Frees cells until `wanted` are free: first of idle lanes, the longest idle first; then the youngest job makes
    /// way, and is given back to be started again later.
    pub(super) fn make_room(&mut self, context: &mut LlamaContext<'_>, wanted: usize) -> Vec<Run> {
        let mut displaced = Vec::new();
        while self.cells.free() < wanted {
            let holding = (0..self.all.len()).filter(|&index| self.all[index].held() > 0);
            let idle = holding.filter(|&index| self.all[index].run.is_none()).min_by_key(|&index| self.all[index].used);
            if let Some(index) = idle {
                self.truncate(context, index, 0);
                continue;
            }
            let busy = self.busy();
            let [_, .., youngest] = busy[..] else { break };
            displaced.extend(self.all[youngest].run.take());
            self.truncate(context, youngest, 0);
        }
        displaced
    }

    /// Forgets everything that is in the cache; gives the jobs that were at work.
    pub(super) fn clear(&mut self, context: &mut LlamaContext<'_>) -> Vec<Run> {
        context.clear_kv_cache();
        let mut runs = Vec::new();
        for lane in &mut self.all {
            lane.held.clear();
            self.cells.release(lane.cells.drain(..));
            runs.extend(lane.run.take());
        }
        runs
    }
}

/// How long the common start is.
fn common(one: &[Token], other: &[Token]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn sequence(lane: usize) -> i32 {
    i32::try_from(lane).expect("lanes are few")
}

fn position(token: usize) -> u32 {
    u32::try_from(token).expect("a lane holds no more tokens than the context, which is a u32")
}
