//! Reading a file front to back without ever believing a length in it.

use std::fs::File;
use std::io::{BufReader, Read};

use super::error::Fault;

/// A position in a file of known length. `what` names the field being read, for the error.
#[derive(Debug)]
pub(super) struct Reader {
    file: BufReader<File>,
    at: u64,
    length: u64,
}

impl Reader {
    pub(super) fn new(file: File) -> Result<Self, Fault> {
        let length = file.metadata()?.len();
        Ok(Self { file: BufReader::with_capacity(1 << 16, file), at: 0, length })
    }

    /// Where the next byte is read.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// The file's length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn u32(&mut self, what: &dyn Fn() -> String) -> Result<u32, Fault> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &dyn Fn() -> String) -> Result<u64, Fault> {
        self.array(what).map(u64::from_le_bytes)
    }

    pub(super) fn array<const N: usize>(&mut self, what: &dyn Fn() -> String) -> Result<[u8; N], Fault> {
        self.reserve(N as u64, what)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A length and so many bytes of UTF-8, at most `most`.
    pub(super) fn string(&mut self, most: u64, what: &dyn Fn() -> String) -> Result<String, Fault> {
        let length = self.string_length(most, what)?;
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| Fault::damaged(what(), "is too long"))?];
        self.file.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| Fault::damaged(what(), "is not UTF-8"))
    }

    /// Steps over a length and so many bytes.
    pub(super) fn skip_string(&mut self, most: u64, what: &dyn Fn() -> String) -> Result<(), Fault> {
        let length = self.string_length(most, what)?;
        self.seek(length)
    }

    /// Steps over `count` values of `size` bytes.
    pub(super) fn skip(&mut self, count: u64, size: u64, what: &dyn Fn() -> String) -> Result<(), Fault> {
        let bytes = count.saturating_mul(size);
        self.reserve(bytes, what)?;
        self.seek(bytes)
    }

    fn string_length(&mut self, most: u64, what: &dyn Fn() -> String) -> Result<u64, Fault> {
        let length = self.u64(&|| format!("the length of {}", what()))?;
        self.reserve(length, what)?;
        if length > most {
            return Err(Fault::damaged(what(), format!("has {length} bytes, {most} are allowed")));
        }
        Ok(length)
    }

    /// Moves past `bytes`, which must lie inside the file.
    fn reserve(&mut self, bytes: u64, what: &dyn Fn() -> String) -> Result<(), Fault> {
        let end = self.at.saturating_add(bytes);
        if end > self.length {
            return Err(Fault::Truncated { what: what(), end, length: self.length });
        }
        self.at = end;
        Ok(())
    }

    fn seek(&mut self, bytes: u64) -> Result<(), Fault> {
        let bytes = i64::try_from(bytes).map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        Ok(self.file.seek_relative(bytes)?)
    }
}
