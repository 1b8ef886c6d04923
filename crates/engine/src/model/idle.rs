//! What the engine's thread does while nobody asks: it reads what is known to come, and saves what is warm.
//!
//! All of it is done in small pieces, and before each the thread looks whether somebody has come.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use llama_cpp_2::context::session::LlamaStateSeqFlags;
use llama_cpp_2::token::LlamaToken;

use super::job::Token;
use super::lane::Seated;
use super::scheduler::{NobodyAsks, Scheduler};
use super::ticket::Errand;
use super::warm::file::{Contents, OVERHEAD, Unfit};
use super::warm::store::{self, LARGEST};
use super::warm::{OnDisk, Placed};

/// How long nobody has asked before anything is saved: who asks in turns is not disturbed between them.
const QUIET: Duration = Duration::from_secs(2);

impl Scheduler<'_> {
    /// Waits for an errand, and does what there is to do meanwhile: one slice, or one piece of a file, at a time.
    pub(super) fn while_idle(&mut self, errands: &Receiver<Errand>) -> Result<Errand, NobodyAsks> {
        loop {
            match errands.try_recv() {
                Ok(errand) => return Ok(errand),
                Err(TryRecvError::Disconnected) => return Err(NobodyAsks),
                Err(TryRecvError::Empty) => {}
            }
            if self.read_ahead() {
                continue;
            }
            let Some(place) = self.unsaved() else { return errands.recv().map_err(|_| NobodyAsks) };
            match errands.recv_timeout(QUIET) {
                Ok(errand) => return Ok(errand),
                Err(RecvTimeoutError::Disconnected) => return Err(NobodyAsks),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let mut came = None;
            self.save(place, || {
                came = errands.try_recv().ok();
                came.is_none()
            });
            if let Some(errand) = came {
                return Ok(errand);
            }
        }
    }

    /// Loads what an earlier process has saved, and removes what does not fit.
    pub(super) fn load_saved(&mut self) {
        let Some(store) = &self.store else { return };
        store.note_dropped(&[]);
        for name in store.names() {
            let read = self.store.as_ref().map_or(Err(Unfit::Foreign), |store| store.read(&name));
            let loaded = read.and_then(|Contents { tokens, state }| {
                let place = self.warm.found(tokens.clone()).ok_or(Unfit::Surplus)?;
                let loaded = self.load_at(place, &tokens, &state);
                loaded.inspect_err(|_| self.warm.forget(place))
            });
            if let Err(unfit) = loaded {
                self.drop_file(&name, &unfit);
            }
        }
        self.tell_warmth();
    }

    /// A start that is known to come gets a place; it is read while nobody asks.
    pub(super) fn keep_warm(&mut self, tokens: Vec<Token>) {
        if let Some(placed) = self.warm.tell(tokens) {
            self.clear_place(&placed);
        }
        self.tell_warmth();
    }

    /// A request has begun: what it shares with an earlier one is kept.
    pub(super) fn notice_start(&mut self, seated: Seated) {
        let Some(run) = self.lanes.all[seated.lane].run.as_ref().filter(|run| run.uses_its_start()) else { return };
        let held = |place| self.lanes.held_at(place);
        let Some(placed) = self.warm.began(&run.tokens, seated.common, held) else { return };
        self.clear_place(&placed);
        self.lanes.keep_at(&mut self.context, placed.place, Seated { common: placed.count, ..seated });
        self.tell_warmth();
    }

    /// Saves all that is warm and is not saved yet, whoever waits.
    pub(super) fn save_all(&mut self) {
        while let Some(place) = self.unsaved() {
            self.save(place, || true);
        }
    }

    /// Loads a saved prefix that had to make way, or reads one slice of one that is known to come; false where there is nothing
    /// to read.
    fn read_ahead(&mut self) -> bool {
        let Some(place) = self.warm.by_need().into_iter().find(|&place| self.is_wanted(place)) else { return false };
        let Some(prefix) = self.warm.at(place).cloned() else { return false };
        if self.lanes.held_at(place) == 0 {
            if prefix.on_disk == OnDisk::Saved {
                self.reload(place, &prefix.tokens);
                return true;
            }
            self.lanes.begin_at(&mut self.context, place, &prefix.tokens);
        }
        let rest = &prefix.tokens[self.lanes.held_at(place)..];
        let slice = &rest[..rest.len().min(self.pace.slice(true))];
        self.lanes.make_room(&mut self.context, slice.len());
        self.read_slice(place, slice);
        self.tell_warmth();
        true
    }

    /// What is known to come may have room made for it; what was shared comes back where nothing has to make way.
    fn is_wanted(&self, place: usize) -> bool {
        let (Some(prefix), held) = (self.warm.at(place), self.lanes.held_at(place)) else { return false };
        let comes_back = || prefix.on_disk == OnDisk::Saved && held == 0 && self.lanes.free() >= prefix.tokens.len();
        (prefix.is_known() && held < prefix.tokens.len()) || comes_back()
    }

    /// Decodes the next tokens of a place. What cannot be decoded is forgotten.
    fn read_slice(&mut self, place: usize, slice: &[Token]) {
        self.batch.clear();
        let sequence = self.lanes.sequence_at(place);
        for (&token, at) in slice.iter().zip(self.lanes.held_at(place)..) {
            let position = i32::try_from(at).expect("llama.cpp counts a context's positions in an i32");
            self.batch
                .add(LlamaToken(token), position, &[sequence], false)
                .expect("a slice has no more tokens than the batch was made for");
        }
        self.lanes.append_at(place, slice);
        match self.decode() {
            Ok(took) => self.pace.measured(slice.len(), took),
            Err(_) => {
                // No job is at work, so none is lost.
                self.lanes.clear(&mut self.context);
                self.warm.forget(place);
            }
        }
    }

    /// Loads what a place held before it had to make way.
    fn reload(&mut self, place: usize, tokens: &[Token]) {
        let Some(store) = &self.store else { return };
        let name = store::name(tokens);
        let read =
            store.read(&name).and_then(|read| if read.tokens == tokens { Ok(read) } else { Err(Unfit::Damaged) });
        self.lanes.make_room(&mut self.context, tokens.len());
        let loaded = read.and_then(|read| self.load_at(place, tokens, &read.state));
        if let Err(unfit) = &loaded {
            self.warm.set_on_disk(place, OnDisk::Unsaved);
            self.drop_file(&name, unfit);
        }
        self.tell_warmth();
    }

    /// Gives a saved state to llama.cpp.
    fn load_at(&mut self, place: usize, tokens: &[Token], state: &[u8]) -> Result<(), Unfit> {
        if tokens.is_empty() || self.lanes.free() < tokens.len() {
            return Err(Unfit::Surplus);
        }
        self.lanes.empty(&mut self.context, place);
        let sequence = self.lanes.sequence_at(place);
        // SAFETY: the state is, by its checksum, what `state_seq_get_data_ext` wrote, and by its key it did so for this model, these
        // settings and this llama.cpp, whose reader compares the shape of the cache once more. The slice outlives the call.
        let taken = unsafe { self.context.state_seq_set_data_ext(state, sequence, LlamaStateSeqFlags::empty()) };
        self.lanes.append_at(place, tokens);
        let last = self.context.kv_cache_seq_pos_max(sequence);
        if !taken || usize::try_from(last).ok() != Some(tokens.len() - 1) {
            self.lanes.empty(&mut self.context, place);
            return Err(Unfit::Refused);
        }
        Ok(())
    }

    /// A place whose prefix is whole in the cache, and not on disk.
    fn unsaved(&self) -> Option<usize> {
        self.store.as_ref()?;
        let is_unsaved = |&place: &usize| {
            let prefix = self.warm.at(place).filter(|prefix| prefix.on_disk == OnDisk::Unsaved);
            prefix.is_some_and(|prefix| self.lanes.held_at(place) == prefix.tokens.len())
        };
        self.warm.by_need().into_iter().find(is_unsaved)
    }

    /// Saves what a place holds; `go_on` is asked before each piece.
    fn save(&mut self, place: usize, go_on: impl FnMut() -> bool) {
        let (Some(store), Some(prefix)) = (&self.store, self.warm.at(place)) else { return };
        let sequence = self.lanes.sequence_at(place);
        let size = self.context.state_seq_get_size_ext(sequence, LlamaStateSeqFlags::empty());
        let whole = size as u64 + 4 * prefix.tokens.len() as u64 + OVERHEAD;
        let written = if whole > LARGEST {
            Err(std::io::ErrorKind::FileTooLarge.into())
        } else {
            let mut state = vec![0_u8; size];
            // SAFETY: the buffer has the size that llama.cpp said just now, and nothing was decoded since.
            let count = unsafe {
                self.context.state_seq_get_data_ext(state.as_mut_ptr(), sequence, LlamaStateSeqFlags::empty())
            };
            state.truncate(count);
            store.save(&prefix.tokens, &state, go_on)
        };
        match written {
            Ok(true) => self.warm.set_on_disk(place, OnDisk::Saved),
            Ok(false) => {}
            Err(_) => self.warm.set_on_disk(place, OnDisk::Never),
        }
        self.tell_warmth();
    }

    /// A place has another prefix now: what it held goes, from the disk too.
    fn clear_place(&mut self, placed: &Placed) {
        self.lanes.empty(&mut self.context, placed.place);
        if let (Some(store), Some(before)) = (&self.store, &placed.before) {
            store.remove(&store::name(&before.tokens));
        }
    }

    fn drop_file(&mut self, name: &str, unfit: &Unfit) {
        self.warm.drop_file(format!("{name}: {unfit}"));
        if let Some(store) = &self.store {
            store.remove(name);
            store.note_dropped(self.warm.dropped());
        }
    }

    /// Tells what is warm, where that has changed.
    pub(super) fn tell_warmth(&self) {
        let warmth = self.warm.tell_all(|place| self.lanes.held_at(place));
        self.told.warmth.send_if_modified(|told| std::mem::replace(told, warmth.clone()) != warmth);
    }
}
