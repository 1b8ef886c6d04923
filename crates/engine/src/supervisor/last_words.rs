//! What a worker wrote to its standard error before it died.

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of the end is kept, in bytes.
const KEPT: usize = 4 << 10;
/// The longest line that is told, in characters.
const LONGEST: usize = 300;

/// Reads to the end, and gives the last line that says anything; `None` where there is none.
pub(super) async fn listen(mut stderr: impl AsyncRead + Unpin) -> Option<String> {
    let mut end = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        end.extend_from_slice(&piece[..count]);
        end.drain(..end.len().saturating_sub(KEPT));
    }
    String::from_utf8_lossy(&end).lines().rev().map(plain).find(|line| !line.is_empty())
}

/// Fit for a log line: one line, no control characters, not too long.
fn plain(line: &str) -> String {
    let line: String = line.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(text: &[u8]) -> Option<String> {
        listen(text).await
    }

    #[tokio::test]
    async fn the_last_line_that_says_something_is_told() {
        let text = b"terminate called after throwing\n  what():  out of memory\n\n   \n";
        assert_eq!(heard(text).await.as_deref(), Some("what():  out of memory"));
        assert_eq!(heard(b"").await, None);
        assert_eq!(heard(b"\n\n").await, None);
    }

    #[tokio::test]
    async fn a_line_cannot_paint_a_terminal_or_fill_a_log() {
        assert_eq!(heard(b"\x1b[31mred\x07").await.as_deref(), Some("[31mred"));
        let long = vec![b'x'; 100 << 10];
        assert_eq!(heard(&long).await.map(|line| line.len()), Some(LONGEST));
    }
}
