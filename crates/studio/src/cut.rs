//! For tests of what reads a text while it comes.

use std::fmt::Debug;

/// What is read of a text, which must be the same however it is cut into pieces.
pub(crate) fn however_cut<T: PartialEq + Debug>(text: &str, read: impl Fn(&[String]) -> T) -> T {
    let letters: Vec<char> = text.chars().collect();
    let pieces = |length: usize| letters.chunks(length).map(|piece| piece.iter().collect()).collect::<Vec<String>>();
    let whole = read(&pieces(letters.len().max(1)));
    for length in 1..=9 {
        assert_eq!(read(&pieces(length)), whole, "cut into {length}: {text:?}");
    }
    whole
}
