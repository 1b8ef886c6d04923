//! How fast this machine reads memory: the roofline of an answer, as each of its tokens takes all weights past the processor
//! once (Williams, Waterman, Patterson: "Roofline", CACM 2009).

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::doctor::memory;

/// As large as the smallest buffer may be that no cache holds, where the caches are not known, in bytes.
const SMALLEST: u64 = 256 << 20;
/// A buffer so many times as large as the largest cache hardly ever finds anything in it.
const TIMES_THE_CACHE: u64 = 4;
/// Passes over the buffer, of which the fastest counts: the others met somebody else's work.
const PASSES: usize = 6;

/// Bytes a second that so many threads read together, each its own part of one large buffer; blocks for a second or so.
pub(super) fn bytes_a_second(threads: usize) -> f64 {
    let words = (buffer_bytes() / 8) as usize / threads.max(1);
    let parts: Vec<Vec<u64>> = (0..threads.max(1)).map(|part| vec![part as u64 + 1; words]).collect();
    let bytes = (parts.len() * words * 8) as f64;
    let fastest = (0..PASSES).map(|_| pass(&parts).0).min().unwrap_or_default();
    bytes / fastest.as_secs_f64()
}

/// Reads all parts at once, each on a thread of its own; how long that took, and what all words come to.
fn pass(parts: &[Vec<u64>]) -> (Duration, u64) {
    let begun = Instant::now();
    let read = |part: &[u64]| black_box(part.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word)));
    let sum = thread::scope(|scope| {
        let readers: Vec<_> = parts.iter().map(|part| scope.spawn(move || read(part))).collect();
        readers.into_iter().map(|reader| reader.join().expect("a sum does not panic")).fold(0, u64::wrapping_add)
    });
    (begun.elapsed(), sum)
}

/// Far larger than the caches, and no more than a quarter of what is free.
fn buffer_bytes() -> u64 {
    let wanted = largest_cache().map_or(SMALLEST, |cache| (cache * TIMES_THE_CACHE).max(SMALLEST));
    memory::available().map_or(wanted, |free| wanted.min(free / 4))
}

/// The largest cache of the first processor, in bytes; `None` where the kernel does not say.
///
/// Source: the kernel's `sysfs-devices-system-cpu`, `cache/index*/size`.
fn largest_cache() -> Option<u64> {
    let caches = std::fs::read_dir("/sys/devices/system/cpu/cpu0/cache").ok()?.flatten();
    caches.filter_map(|cache| parse_size(&std::fs::read_to_string(cache.path().join("size")).ok()?)).max()
}

/// `32768K`, in bytes.
fn parse_size(text: &str) -> Option<u64> {
    text.trim().strip_suffix('K')?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_given_in_kibibytes() {
        assert_eq!(parse_size("32768K\n"), Some(32 << 20));
        assert_eq!(parse_size("big"), None);
    }

    #[test]
    fn every_word_of_every_part_is_read() {
        let parts = [vec![1; 1 << 20], vec![2; 1 << 20], vec![u64::MAX]];
        assert_eq!(pass(&parts).1, 3 * (1 << 20) - 1);
    }
}
