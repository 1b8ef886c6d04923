//! An exact count of the cells that the sequences take in llama.cpp's unified cache.
//!
//! A cell holds the keys and values of one token, and sequences with a common start share its cells once one of them
//! was copied from the other. llama.cpp only says that it is full when a batch no longer fits; whom to make way
//! for whom has to be known before.

/// A cell, by a number of our own; llama.cpp places it where it likes.
pub(super) type Cell = u32;

/// Which cells are taken, and by how many sequences.
#[derive(Debug)]
pub(super) struct Cells {
    owners: Vec<u32>,
    free: Vec<Cell>,
}

impl Cells {
    pub(super) fn new(capacity: u32) -> Self {
        Self { owners: vec![0; capacity as usize], free: (0..capacity).rev().collect() }
    }

    pub(super) fn capacity(&self) -> usize {
        self.owners.len()
    }

    pub(super) fn free(&self) -> usize {
        self.free.len()
    }

    /// Takes a cell for one more token of one sequence.
    pub(super) fn take(&mut self) -> Option<Cell> {
        let cell = self.free.pop()?;
        self.owners[cell as usize] = 1;
        Some(cell)
    }

    /// One more sequence holds these.
    pub(super) fn share(&mut self, cells: &[Cell]) {
        for &cell in cells {
            self.owners[cell as usize] += 1;
        }
    }

    /// One sequence fewer holds these.
    pub(super) fn release(&mut self, cells: impl IntoIterator<Item = Cell>) {
        for cell in cells {
            let owners = &mut self.owners[cell as usize];
            *owners -= 1;
            if *owners == 0 {
                self.free.push(cell);
            }
        }
    }

    /// How many different cells these sequences hold together.
    pub(super) fn distinct<'a>(&self, sequences: impl IntoIterator<Item = &'a [Cell]>) -> usize {
        let mut seen = vec![false; self.owners.len()];
        let cells = sequences.into_iter().flatten();
        cells.filter(|&&cell| !std::mem::replace(&mut seen[cell as usize], true)).count()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use super::*;

    #[test]
    fn a_shared_cell_is_free_only_when_its_last_owner_lets_go() {
        let mut cells = Cells::new(3);
        let first = cells.take().unwrap();
        cells.share(&[first]);
        cells.release([first]);
        assert_eq!(cells.free(), 2);
        cells.release([first]);
        assert_eq!(cells.free(), 3);
    }

    #[test]
    fn shared_cells_count_once() {
        let mut cells = Cells::new(4);
        let (a, b, c) = (cells.take().unwrap(), cells.take().unwrap(), cells.take().unwrap());
        assert_eq!(cells.distinct([&[a, b][..], &[a, c][..]]), 3);
    }

    #[test]
    fn no_more_cells_are_given_than_there_are() {
        let mut cells = Cells::new(1);
        assert!(cells.take().is_some());
        assert!(cells.take().is_none());
    }
}
