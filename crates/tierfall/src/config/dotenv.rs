//! `.env` files, read with `dotenvy` and told apart by line, so that an error or a warning can say where.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use super::error::{ConfigError, Origin, Warning};
use super::values::Entry;

/// A `.env` file is a screenful; one over this size is something else.
const LARGEST: u64 = 1 << 20;

/// Reads one `.env` file into `warnings` and a map of what it gives; `None` where there is no such file.
///
/// # Errors
/// The file cannot be read, is not text, or has a line that is not `KEY=value`.
pub(super) fn read(path: &Path, warnings: &mut Vec<Warning>) -> Result<Option<BTreeMap<String, Entry>>, ConfigError> {
    let unreadable = |why: String| ConfigError::Unreadable { path: path.to_owned(), why };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let mut text = String::new();
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(unreadable("over 1 MiB, not a file of keys".to_owned()));
    }
    parse(path, text.trim_start_matches('\u{feff}'), warnings).map(Some)
}

fn parse(path: &Path, text: &str, warnings: &mut Vec<Warning>) -> Result<BTreeMap<String, Entry>, ConfigError> {
    let lines: Vec<&str> = text.lines().collect();
    let delivered = std::cell::Cell::new(0);
    let reader = LineReader { rest: text.as_bytes(), delivered: &delivered, inside: false };
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for item in dotenvy::from_read_iter(reader) {
        let origin = Origin::Line(path.to_owned(), delivered.get());
        // dotenvy's own error holds the whole line, and with it perhaps a key.
        let (key, value) = item.map_err(|_| ConfigError::BadLine { origin: origin.clone() })?;
        let line = lines.get(delivered.get().saturating_sub(1)).copied().unwrap_or_default();
        if has_spaces_round_equals(line, &key) {
            warnings.push(Warning::Spaces { key: key.clone(), origin: origin.clone() });
        }
        if entries.contains_key(&key) {
            warnings.push(Warning::Twice { key: key.clone(), origin: origin.clone() });
        }
        entries.insert(key.clone(), Entry::new(&key, key.as_str(), value, origin));
    }
    Ok(entries)
}

fn has_spaces_round_equals(line: &str, key: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let Some((before, after)) = line.split_once('=') else { return false };
    let value = after.trim_start();
    before.trim_end() == key
        && (before.len() > key.len() || (after.len() > value.len() && !value.is_empty() && !value.starts_with('#')))
}

/// Hands out at most one line a read, so that the count of lines handed out is the line that dotenvy is at.
struct LineReader<'a> {
    rest: &'a [u8],
    delivered: &'a std::cell::Cell<usize>,
    inside: bool,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = self.rest.iter().position(|&byte| byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let take = line.min(buffer.len());
        if take > 0 && !self.inside {
            self.delivered.set(self.delivered.get() + 1);
        }
        buffer[..take].copy_from_slice(&self.rest[..take]);
        self.rest = &self.rest[take..];
        self.inside = take < line;
        Ok(take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Result<BTreeMap<String, Entry>, ConfigError>, Vec<String>) {
        let mut warnings = Vec::new();
        let entries = parse(Path::new("/home/me/.env.local"), text, &mut warnings);
        (entries, warnings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_entry_knows_its_line() {
        let (entries, warnings) = parsed("# first\n\nA=1\r\nexport B=\"two words\" # why\n\nC='3'");
        let entries = entries.expect("three keys");
        let told: Vec<_> = entries.values().map(|e| format!("{}={} {}", e.key, e.text, e.origin)).collect();
        assert_eq!(told, ["A=1 .env.local:3", "B=two words .env.local:4", "C=3 .env.local:6"]);
        assert!(warnings.is_empty());
    }

    #[test]
    fn a_line_longer_than_any_buffer_is_still_one_line() {
        let (entries, _) = parsed(&format!("A={}\nB=2\n", "x".repeat(100_000)));
        let entries = entries.expect("two keys");
        assert_eq!(entries["B"].origin.to_string(), ".env.local:2");
        assert_eq!(entries["A"].text.len(), 100_000);
    }

    #[test]
    fn spaces_round_equals_are_read_and_told() {
        for (line, told) in [
            ("A = 1", true),
            ("A =1", true),
            ("A= 1", true),
            ("export A = 1", true),
            ("A=1", false),
            ("A=", false),
            ("A=   # nothing", false),
            ("A=\"b = c\"", false),
        ] {
            let (entries, warnings) = parsed(line);
            assert!(entries.expect("a key").contains_key("A"), "{line}");
            assert_eq!(warnings.len(), usize::from(told), "{line}: {warnings:?}");
        }
        let (_, warnings) = parsed("\nGROQ_API_KEY = gsk_secret\n");
        let expected =
            "GROQ_API_KEY (.env.local:2) has spaces round =: write GROQ_API_KEY=value, other programs misread it";
        assert_eq!(warnings, [expected]);
    }

    #[test]
    fn a_line_that_is_none_is_refused_by_its_number_and_without_its_text() {
        for text in ["A=1\ngsk_secret\n", "A=1\nB=gsk_secret and more\n", "A=1\nB=\"gsk_secret", "A=1\n9B=gsk_secret"] {
            let error = parsed(text).0.map(|_| ()).expect_err("not KEY=value").to_string();
            assert!(error.starts_with(".env.local:2: takes KEY=value"), "{error}");
            assert!(!error.contains("gsk_secret"), "{error}");
        }
    }

    #[test]
    fn the_last_of_two_counts() {
        let (entries, warnings) = parsed("A=1\nA=2\n");
        assert_eq!(entries.expect("a key")["A"].text, "2");
        assert_eq!(warnings, ["A is given twice: .env.local:2 counts"]);
    }
}
