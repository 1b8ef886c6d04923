//! The overlap finder: what was shown and what is found behind the seam are together one text, in which nothing that the tier
//! said anew is lost, and nothing that was shown stands twice.

use wire::{ResumeMode, Seam, SeamResult, resume_point};

/// What parts the texts of an input: what was shown, and what the tier then says.
const BREAK: &str = "\n====\n";
/// As in `wire::Seam`: fewer bytes than these tell no repetition from chance.
const TELLING: usize = 24;
/// So many bytes are waited for that are no part of what was shown.
const GIVEN_UP_AFTER: usize = 512;
/// How many of the last words a tier is asked to repeat.
const REPEATED_WORDS: usize = 8;
/// How many bytes these come to at most.
const MOST_REPEATED: usize = 200;

/// Takes `data` as two texts with a break between them.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((shown, answer)) = text.split_once(BREAK).filter(|(shown, _)| !shown.is_empty()) else { return };
    for mode in [ResumeMode::Prefill, ResumeMode::Certain, ResumeMode::Repeat] {
        let whole = rest(shown, mode, answer, usize::MAX);
        for size in [1, 2, 7] {
            let rest = rest(shown, mode, answer, size);
            // A longer answer is given up on before its end.
            if answer.len() < GIVEN_UP_AFTER {
                assert_eq!(rest, whole, "{mode:?}, in pieces of {size}");
            }
            rest.iter().for_each(|rest| check_seam(shown, mode, answer, rest));
        }
        whole.iter().for_each(|rest| check_seam(shown, mode, answer, rest));
    }
}

/// What is found behind the seam when `answer` comes in pieces of `size` characters; `None` where there is no seam.
fn rest(shown: &str, mode: ResumeMode, answer: &str, size: usize) -> Option<String> {
    let mut seam = Seam::new(shown.into(), mode);
    let characters: Vec<char> = answer.chars().collect();
    let mut pieces = characters.chunks(size.min(characters.len().max(1))).map(String::from_iter);
    let found = pieces.by_ref().map(|piece| seam.push(&piece)).find(|found| *found != SeamResult::Pending);
    match found.unwrap_or_else(|| seam.finish()) {
        SeamResult::Resumed(rest) => Some(rest + &pieces.collect::<String>()),
        SeamResult::Absent => None,
        SeamResult::Pending => panic!("an end is a decision"),
    }
}

fn check_seam(shown: &str, mode: ResumeMode, answer: &str, rest: &str) {
    let point = resume_point(shown);
    let blank = &shown[point.len()..];
    let cut = answer.strip_suffix(rest).expect("the rest is the end of what was said");
    check_blank(blank, cut, rest);
    let said = cut.trim();
    let again = said.is_empty() || said == point.trim() || (point.ends_with(said) && said.len() >= TELLING);
    match mode {
        ResumeMode::Certain => assert!(said.is_empty(), "{cut:?} was lost"),
        _ if point.is_empty() => assert!(said.is_empty(), "{cut:?} was lost"),
        ResumeMode::Prefill => {
            assert!(again, "{cut:?} was lost");
            assert!(!said.is_empty() || answer.trim().is_empty(), "{answer:?} begins nowhere in what was shown");
        }
        // Before the words that it was asked to repeat, a tier may make a remark, and put them into quotation marks.
        ResumeMode::Repeat => {
            let words = last_words(point).trim_start_matches(|c: char| !c.is_alphanumeric());
            let unquoted = said.strip_suffix(['"', '\'', '`', '”', '»', '’']).unwrap_or(said);
            assert!(!said.is_empty() || words.is_empty(), "nothing was repeated");
            let repeated = [said, unquoted].iter().any(|said| said.ends_with(words));
            assert!(again || repeated, "{cut:?} was lost");
        }
    }
}

/// What was cut out of the white space at the seam was seen before, or breaks no more lines than that.
fn check_blank(blank: &str, cut: &str, rest: &str) {
    let lines = |text: &str| text.matches('\n').count();
    let lost = &cut[cut.trim_end().len()..];
    assert!(lines(lost) <= lines(blank), "a line break of {lost:?} was lost behind {blank:?}");
    let twice = !blank.is_empty() && lost.is_empty() && rest.starts_with(blank);
    assert!(!twice, "{blank:?} stands twice");
}

/// The last eight words of `point`, with what stands between them.
fn last_words(point: &str) -> &str {
    let text = &point[point.ceil_char_boundary(point.len().saturating_sub(MOST_REPEATED))..];
    let first = text.split_whitespace().rev().take(REPEATED_WORDS).last();
    first.map_or("", |first| &text[first.as_ptr().addr() - text.as_ptr().addr()..])
}
