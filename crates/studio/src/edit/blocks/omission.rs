//! Answers that write a part of a file and say that the rest stays: taken as they come they would delete the rest.

use std::sync::LazyLock;

use regex::Regex;

/// A comment, of HTML, of a style sheet or of a script.
static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)<!--(.*?)-->|/\*(.*?)\*/|(?m)^\s*//(.*)$").expect("it is a regular expression"));

/// What such a comment says, in the languages that models answer in.
static REST: LazyLock<Regex> = LazyLock::new(|| {
    let says = [
        r"\b(rest|remaind?er|remaining|other|previous|existing|original)\b.*\b(same|unchanged|here|stays?|remains?|as (is|before)|omitted|code|content|styles?|sections?|html)\b",
        r"\b(unchanged|same as (before|above)|as before|omitted( for brevity)?|keep (the )?(rest|existing))\b",
        r"\brest\b.*\b(bleibt|gleich|unverändert)|\bunverändert|wie (bisher|zuvor)",
        r"\b(reste|suite)\b.*(inchangé|identique)|inchangée?s?\b",
        r"\bel resto\b|sin cambios|\bcódigo existente",
        r"^\W*(\.\.\.|…)\W*$",
    ];
    Regex::new(&format!("(?i){}", says.join("|"))).expect("it is a regular expression")
});

/// Whether `after`, which takes the place of `before`, leaves out what is to stay: a comment says so that was not there.
pub(crate) fn leaves_out(before: &str, after: &str) -> bool {
    let comments = COMMENT.captures_iter(after);
    let mut said =
        comments.filter_map(|comment| comment.iter().skip(1).flatten().next()).map(|said| said.as_str().trim());
    said.any(|said| REST.is_match(said) && !before.contains(said))
}

/// Whether a file that is written again has lost most of what makes it: its elements, or its rules.
pub(super) fn is_emptied(before: &str, after: &str) -> bool {
    /// So few may well go at a wish.
    const FEW: usize = 12;
    let parts = |file: &str| file.matches("</").count() + file.matches('{').count();
    let had = parts(before);
    !before.trim().is_empty() && after.trim().is_empty() || had > FEW && parts(after) * 2 < had
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_that_says_that_the_rest_stays_leaves_it_out() {
        for after in [
            "<h1>Nord</h1>\n<!-- the rest stays the same -->",
            "<h1>Nord</h1>\n<!-- ... existing code ... -->",
            "<!-- Rest of the page remains unchanged -->",
            "<style>\n/* existing styles */\np {}\n</style>",
            "<script>\n// ... rest of the code ...\n</script>",
            "<!-- Der Rest bleibt unverändert -->",
            "<!-- le reste est inchangé -->",
            "<!-- ... -->",
        ] {
            assert!(leaves_out("<h1>Nord</h1>\n<p>Tea</p>", after), "{after}");
            assert!(!leaves_out(after, after), "{after}");
        }
        for whole in [
            "<!-- Menu -->\n<p>The rest stays the same.</p>",
            "<!-- other drinks -->",
            "/* buttons */",
            "https://nord.example/rest",
        ] {
            assert!(!leaves_out("", whole), "{whole}");
        }
    }

    #[test]
    fn a_file_that_lost_most_of_what_makes_it_is_emptied() {
        let rules = "p { color: red }\n".repeat(20);
        assert!(is_emptied(&rules, "p { color: red }\n"));
        assert!(is_emptied("p {}", " \n"));
        assert!(!is_emptied(&rules, &"p { color: red }\n".repeat(12)));
        assert!(!is_emptied("", ""));
        assert!(!is_emptied("<ul><li>a</li><li>b</li></ul>", "<ul></ul>"));
    }
}
