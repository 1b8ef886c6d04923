//! A warm prefix as a file: its tokens, and what llama.cpp's cache holds of them.
//!
//! ```text
//! magic 8 | key 32 | tokens u32 | state u64 | the tokens, i32 each | the state | SHA-256 of all that 32
//! ```
//!
//! Numbers are little-endian. llama.cpp's own reader is C++, so nothing reaches it that is not to the last byte what it
//! once gave out itself, for the same model.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use crate::model::job::Token;

/// The last byte is this form's version.
const MAGIC: [u8; 8] = *b"TFWARM\0\x01";
const HEAD: usize = MAGIC.len() + KEY + 4 + 8;
const KEY: usize = 32;
const SUM: usize = 32;
/// Bytes of a file beside its tokens and the state.
pub(in crate::model) const OVERHEAD: u64 = (HEAD + SUM) as u64;
/// The state goes through the sum and to the disk in pieces of so many bytes: some milliseconds each.
const PIECE: usize = 1 << 20;

/// What a file must have been written for.
pub(in crate::model) type Key = [u8; KEY];

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub(in crate::model) enum Unfit {
    #[error("it is no warm prefix")]
    Foreign,
    #[error("it is of another model, other settings or another llama.cpp")]
    Other,
    #[error("it has {found} bytes, and its head says {said}")]
    Length { found: u64, said: u64 },
    #[error("it is damaged")]
    Damaged,
    #[error("llama.cpp does not take it")]
    Refused,
    #[error("it has no room beside the others")]
    Surplus,
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::model) struct Contents {
    pub(in crate::model) tokens: Vec<Token>,
    pub(in crate::model) state: Vec<u8>,
}

/// Writes a file, and asks before each piece whether to go on. False where it did not, and what was written is none.
pub(super) fn write(
    to: &mut impl Write,
    key: &Key,
    (tokens, state): (&[Token], &[u8]),
    mut go_on: impl FnMut() -> bool,
) -> io::Result<bool> {
    let count = u32::try_from(tokens.len()).map_err(io::Error::other)?;
    let mut head = [&MAGIC[..], key, &count.to_le_bytes(), &(state.len() as u64).to_le_bytes()].concat();
    head.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
    let mut sum = Sha256::new();
    for piece in std::iter::once(&head[..]).chain(state.chunks(PIECE)) {
        if !go_on() {
            return Ok(false);
        }
        sum.update(piece);
        to.write_all(piece)?;
    }
    to.write_all(&sum.finalize())?;
    Ok(true)
}

/// Checks a whole file and takes it apart.
pub(super) fn read(mut bytes: Vec<u8>, key: &Key) -> Result<Contents, Unfit> {
    let head = bytes.first_chunk::<HEAD>().ok_or(Unfit::Foreign)?;
    let (magic, rest) = head.split_at(MAGIC.len());
    let (written_for, numbers) = rest.split_at(KEY);
    if magic != MAGIC {
        return Err(Unfit::Foreign);
    }
    if written_for != key {
        return Err(Unfit::Other);
    }
    let count = u64::from(u32::from_le_bytes([numbers[0], numbers[1], numbers[2], numbers[3]]));
    let state = numbers.last_chunk().map_or(0, |state| u64::from_le_bytes(*state));
    let (found, said) = (bytes.len() as u64, (OVERHEAD + 4 * count).saturating_add(state));
    if found != said {
        return Err(Unfit::Length { found, said });
    }
    let (summed, sum) = bytes.split_at(bytes.len() - SUM);
    if Sha256::digest(summed)[..] != *sum {
        return Err(Unfit::Damaged);
    }
    let from = HEAD + 4 * count as usize;
    let tokens = bytes[HEAD..from].as_chunks().0.iter().map(|token| Token::from_le_bytes(*token)).collect();
    bytes.truncate(bytes.len() - SUM);
    bytes.drain(..from);
    Ok(Contents { tokens, state: bytes })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

    use super::*;

    const OURS: Key = [7; KEY];

    fn written() -> Vec<u8> {
        let mut file = Vec::new();
        assert!(write(&mut file, &OURS, (&[1, -2, 3], b"state"), || true).unwrap());
        file
    }

    #[test]
    fn what_is_written_is_read_again() {
        let contents = Contents { tokens: vec![1, -2, 3], state: b"state".to_vec() };
        assert_eq!(read(written(), &OURS).unwrap(), contents);
    }

    #[test]
    fn any_byte_that_is_changed_and_any_that_is_missing_is_seen() {
        let whole = written();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            assert!(read(changed, &OURS).is_err(), "byte {at}");
            assert!(read(whole[..at].to_vec(), &OURS).is_err(), "cut at {at}");
        }
        let longer = [&whole[..], b"x"].concat();
        assert!(matches!(read(longer, &OURS), Err(Unfit::Length { found: 102, said: 101 })));
    }

    #[test]
    fn each_fault_has_its_name() {
        assert!(matches!(read(b"<html>".to_vec(), &OURS), Err(Unfit::Foreign)));
        assert!(matches!(read(written(), &[8; KEY]), Err(Unfit::Other)));
        let mut endless = written();
        endless[HEAD - 8..HEAD].fill(0xff);
        assert!(matches!(read(endless, &OURS), Err(Unfit::Length { said: u64::MAX, .. })));
        let mut flipped = written();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(read(flipped, &OURS), Err(Unfit::Damaged)));
    }

    #[test]
    fn whoever_is_not_to_go_on_writes_no_more_than_a_piece() {
        let (mut file, mut pieces) = (Vec::new(), 0);
        let state = vec![0; 3 * PIECE];
        let go_on = || {
            pieces += 1;
            pieces < 3
        };
        assert!(!write(&mut file, &OURS, (&[1], &state), go_on).unwrap());
        assert_eq!(file.len(), HEAD + 4 + PIECE);
    }
}
