//! Fixed texts that a model says in place of numbered words.

/// One of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// A whole HTML page.
    Page,
    /// The first half of it.
    HalfPage,
    /// A JSON object: `words`, an array of strings, and `count`, a number.
    Json,
    /// The first half of it.
    HalfJson,
    /// All of it, in a Markdown fence.
    FencedJson,
    /// A page's words in short Markdown.
    Markdown,
    /// White space.
    Blank,
}

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>The wall</title>\n</head>\n<body>\n<p>w1 w2 w3 w4 w5 \
    w6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20</p>\n</body>\n</html>\n";
const JSON: &str = "{\"words\": [\"w1\", \"w2\", \"w3\", \"w4\", \"w5\", \"w6\", \"w7\", \"w8\", \"w9\", \"w10\", \"w11\", \
    \"w12\", \"w13\", \"w14\", \"w15\", \"w16\"], \"count\": 16}";
const MARKDOWN: &str = "# Nord\n> Coffee by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Cardamom bun**: 3.20 €\n\
    ## Opening hours\n- **Monday to Friday**: 7 to 18\n- **Saturday**: 8 to 16\n## Find us\nWe are at the old \
    crane, where the ferries leave.\n[See the menu]\n";
const FENCED_JSON: &str = "```json\n{\"words\": [\"w1\", \"w2\"], \"count\": 2}\n```";

impl Text {
    /// Its tokens: words with the white space behind them.
    pub(crate) fn tokens(self) -> Vec<&'static str> {
        let (text, half) = match self {
            Text::Page => (PAGE, false),
            Text::HalfPage => (PAGE, true),
            Text::Json => (JSON, false),
            Text::HalfJson => (JSON, true),
            Text::FencedJson => (FENCED_JSON, false),
            Text::Markdown => (MARKDOWN, false),
            Text::Blank => ("\n  \n\n", false),
        };
        let mut tokens: Vec<_> = text.split_inclusive(char::is_whitespace).collect();
        tokens.truncate(if half { tokens.len() / 2 } else { usize::MAX });
        tokens
    }
}

/// The number of the token of `tokens` that follows on `said`, which is their beginning, and whether the white space of the
/// token before it is yet to be said; `None` where it is not.
pub(crate) fn token_after(said: &str, tokens: &[&str]) -> Option<(u32, bool)> {
    let mut rest = said;
    for (number, token) in (1..).zip(tokens) {
        if rest.is_empty() {
            return Some((number, false));
        }
        if rest == token.trim_end() && rest != *token {
            return Some((number + 1, true));
        }
        rest = rest.strip_prefix(token)?;
    }
    rest.is_empty().then(|| (u32::try_from(tokens.len() + 1).unwrap_or(u32::MAX), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_text_is_the_beginning_of_the_whole() {
        for (half, whole) in [(Text::HalfPage, Text::Page), (Text::HalfJson, Text::Json)] {
            let said = half.tokens().concat();
            let (next, _) = token_after(&said, &whole.tokens()).unwrap();
            assert_eq!(next as usize, half.tokens().len() + 1);
            assert!(whole.tokens().concat().len() > said.len() + 40);
        }
    }

    #[test]
    fn what_is_no_beginning_is_followed_by_nothing() {
        assert_eq!(token_after("something else", &Text::Page.tokens()), None);
        assert_eq!(token_after("", &Text::Page.tokens()), Some((1, false)));
        assert_eq!(token_after(JSON, &Text::Json.tokens()), Some((19 + 1, false)));
        assert_eq!(token_after("<!DOCTYPE", &Text::Page.tokens()), Some((2, true)));
    }
}
