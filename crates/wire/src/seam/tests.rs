//! What is a continuation, what is none, and the white space between.

use super::*;

const SHOWN: &str = "<h1>Nord</h1>\n<p>Coffee from the north, roasted every morning in the old harbour hall";
const MODES: [ResumeMode; 3] = [ResumeMode::Certain, ResumeMode::Prefill, ResumeMode::Repeat];

/// The rest that follows on `shown` when `answer` comes in pieces of `size` characters.
fn resumed(shown: &str, mode: ResumeMode, answer: &str, size: usize) -> Option<String> {
    let mut seam = Seam::new(shown.into(), mode);
    let characters: Vec<char> = answer.chars().collect();
    let mut pieces = characters.chunks(size).map(|piece| piece.iter().collect::<String>());
    let result = pieces.by_ref().map(|piece| seam.push(&piece)).find(|result| *result != SeamResult::Pending);
    match result.unwrap_or_else(|| seam.finish()) {
        SeamResult::Resumed(rest) => Some(rest + &pieces.collect::<String>()),
        SeamResult::Absent => None,
        SeamResult::Pending => panic!("an end is a decision"),
    }
}

fn each_size(shown: &str, mode: ResumeMode, answer: &str, expected: Option<&str>) {
    for size in [1, 2, 7, 10_000] {
        let rest = resumed(shown, mode, answer, size);
        assert_eq!(rest.as_deref(), expected, "{mode:?} {shown:?} {answer:?} in pieces of {size}");
    }
}

#[test]
fn a_tier_that_is_certain_to_go_on_is_believed_at_once() {
    each_size(SHOWN, ResumeMode::Certain, " since 1998.</p>", Some(" since 1998.</p>"));
    let mut seam = Seam::new(SHOWN.into(), ResumeMode::Certain);
    assert_eq!(seam.push("<h1>"), SeamResult::Resumed("<h1>".to_owned()));
}

#[test]
fn what_is_repeated_is_cut_out() {
    let few = "every morning in the old harbour hall since 1998.";
    each_size(SHOWN, ResumeMode::Prefill, few, Some(" since 1998."));
    for asked in [
        "roasted every morning in the old harbour hall",
        "Coffee from the north, roasted every morning in the old harbour hall",
    ] {
        each_size(SHOWN, ResumeMode::Repeat, &format!("{asked} since 1998."), Some(" since 1998."));
        each_size(SHOWN, ResumeMode::Repeat, &format!("\n {asked} since 1998."), Some(" since 1998."));
    }
    let remark = "Sure:\n```html\nroasted every morning in the old harbour hall since 1998.";
    each_size(SHOWN, ResumeMode::Repeat, remark, Some(" since 1998."));
}

#[test]
fn an_answer_made_anew_serves_where_it_says_the_same_again() {
    let anew = format!("{SHOWN} since 1998.");
    each_size(SHOWN, ResumeMode::Prefill, &anew, Some(" since 1998."));
    each_size(SHOWN, ResumeMode::Repeat, &anew, Some(" since 1998."));
    let long = "One more line of a long answer, which has many. ".repeat(500);
    each_size(&long, ResumeMode::Prefill, &format!("{long} And its end."), Some(" And its end."));
}

#[test]
fn an_apology_is_never_shown() {
    let apology = "I apologize, my last answer was cut off. Here it is in full: w1 w2 w3 w4 w5 w6";
    each_size("w1 w2 w3 w4", ResumeMode::Prefill, apology, None);
    each_size("w1 w2 w3 w4", ResumeMode::Repeat, apology, Some(" w5 w6"));
    each_size("w1 w2", ResumeMode::Repeat, &apology.replace("w1 w2", "The page"), None);
    let quoting = "You saw \"w1 w2 w3 w4\" and I go on from there: w1 w2 w3 w4 w5";
    each_size("w1 w2 w3 w4", ResumeMode::Repeat, quoting, Some(" w5"));
    each_size("w1 w2 w3 w4", ResumeMode::Repeat, "Your last words were \"w1 w2 w3 w4\". I stop here.", None);
    each_size("w1 w2 w3 w4", ResumeMode::Repeat, "\"w1 w2 w3 w4\" w5", Some(" w5"));
    each_size("he said \"w1 w2 w3 w4", ResumeMode::Repeat, "\"w1 w2 w3 w4\" and left", None);
    each_size(
        "he said: \"w1 w2 w3 w4 w5 w6 w7 w8",
        ResumeMode::Repeat,
        "w1 w2 w3 w4 w5 w6 w7 w8\" and left",
        Some("\" and left"),
    );
}

#[test]
fn an_answer_that_begins_nowhere_in_what_was_shown_is_no_continuation() {
    for mode in [ResumeMode::Prefill, ResumeMode::Repeat] {
        each_size(SHOWN, mode, " since 1998.</p>", None);
        each_size(SHOWN, mode, "<h1>Nord</h1>\n<p>Coffee from the south of the old town", None);
        each_size(SHOWN, mode, "I am sorry, but I cannot go on with that.", None);
        each_size(SHOWN, mode, "hall", None);
    }
}

#[test]
fn the_search_is_given_up_after_half_a_kibibyte() {
    for mode in [ResumeMode::Prefill, ResumeMode::Repeat] {
        let mut seam = Seam::new(SHOWN.into(), mode);
        let heard = (1..).find(|_| seam.push("x") == SeamResult::Absent);
        assert_eq!(heard, Some(GIVEN_UP_AFTER), "{mode:?}");
    }
}

#[test]
fn a_few_bytes_in_common_are_chance() {
    each_size("<ul>\n<li>tea</li>\n<li>", ResumeMode::Prefill, "<li>milk", None);
}

#[test]
fn of_an_answer_that_ends_at_once_nothing_is_missing() {
    each_size(SHOWN, ResumeMode::Certain, "", Some(""));
    each_size(SHOWN, ResumeMode::Prefill, "", Some(""));
    each_size(SHOWN, ResumeMode::Repeat, "", None);
    each_size(SHOWN, ResumeMode::Repeat, "roasted every morning in the old harbour hall", Some(""));
}

/// A text in which all kinds of white space stand, at every place at which it can be cut.
const BLANKS: &str = "fn main() {\n    let a  =\t1;\n\n\n    if a {\n\t\tgo(a);  \n    }\n}\n\nAn end.\u{a0} \u{3000}é\r\n\r\n| a |  b |\n";

#[test]
fn the_callers_text_is_the_same_byte_for_byte_wherever_it_is_cut() {
    for (cut, _) in BLANKS.char_indices().skip(1) {
        let (shown, missing) = BLANKS.split_at(cut);
        let point = resume_point(shown);
        let exact = &BLANKS[point.len()..];
        let again = |words: &str| format!("{words}{exact}");
        let cases = [
            (ResumeMode::Certain, exact.to_owned()),
            (ResumeMode::Repeat, again(last_words(shown))),
            (ResumeMode::Repeat, again(&format!(" {}", last_words(shown)))),
            (ResumeMode::Repeat, again(point)),
            (ResumeMode::Prefill, again(point)),
        ];
        for (mode, answer) in cases {
            each_size(shown, mode, &answer, Some(missing));
        }
    }
}

#[test]
fn white_space_that_a_tier_trims_from_what_it_says_or_adds_to_it_is_that_which_was_seen() {
    let words =
        BLANKS.char_indices().filter(|&(at, c)| !c.is_whitespace() && BLANKS[..at].ends_with(char::is_whitespace));
    for (cut, _) in words {
        let (shown, missing) = BLANKS.split_at(cut);
        each_size(shown, ResumeMode::Certain, missing, Some(missing));
        each_size(shown, ResumeMode::Certain, &format!(" {missing}"), Some(missing));
    }
}

#[test]
fn a_line_break_is_not_lost_where_the_white_space_differs() {
    each_size("a = 1 ", ResumeMode::Certain, "\nb = 2", Some("\nb = 2"));
    each_size("one\n", ResumeMode::Certain, " two", Some("two"));
    each_size("one \n", ResumeMode::Certain, "\n", Some(""));
    each_size("  ", ResumeMode::Certain, "  w1", Some("w1"));
}

#[test]
fn a_model_in_a_loop_is_carried_on_at_a_few_steps_a_byte() {
    for (shown, answer) in [("a".repeat(20_480), "a".repeat(30_000)), ("la ".repeat(7_000), "la ".repeat(9_000))] {
        for mode in MODES {
            let mut seam = Seam::new(shown.as_str().into(), mode);
            let mut heard = 0;
            for piece in answer.as_bytes().chunks(3) {
                heard += piece.len();
                if seam.push(std::str::from_utf8(piece).expect("ASCII")) != SeamResult::Pending {
                    break;
                }
            }
            assert!(heard <= shown.len() + 3, "{mode:?}: decided after {heard} bytes");
            assert!(seam.overlap.steps <= 4 * (SEARCHED + heard), "{mode:?}: {} steps", seam.overlap.steps);
        }
    }
}

#[test]
fn the_last_words_are_few_and_stand_in_what_was_shown() {
    assert_eq!(last_words(SHOWN), "roasted every morning in the old harbour hall");
    assert_eq!(last_words("one two "), "one two");
    assert_eq!(last_words(" \n"), "");
    assert_eq!(last_words(&"é".repeat(1_000)).len(), MOST_REPEATED);
    let indented = "<ul>\n            <li>one</li>\n            <li>two</li>\n            <li>three";
    assert_eq!(last_words(indented), indented, "blanks are no words");
    assert!(request_to_repeat("one two").contains("repeat its last words, \"one two\""));
}
