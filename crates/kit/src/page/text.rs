//! A text within an element: escaped, with its links and stresses. What can be read of it is the text itself.

use maud::{Markup, html};

/// A text as a page shows it.
pub(super) fn inline(text: &str) -> Markup {
    let parts: Vec<&str> = text.split("**").collect();
    if parts.len().is_multiple_of(2) {
        return linked(text);
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index % 2 == 1 { strong { (linked(part)) } } @else { (linked(part)) }
        }
    }
}

fn linked(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @let address = word.trim_matches(|c: char| c.is_whitespace() || ",.;:!?()<>\"“”„".contains(c));
            @match target(address).zip(word.split_once(address)) {
                Some((target, (before, after))) => { (before) a href=(target) { (address) } (after) }
                None => (word),
            }
        }
    }
}

/// Where a word leads, if it is an address.
fn target(word: &str) -> Option<String> {
    if word.contains(['"', '\'', '<', '>']) {
        return None;
    }
    let is_web =
        ["https://", "http://"].iter().any(|start| word.strip_prefix(start).is_some_and(|rest| rest.contains('.')));
    if is_web {
        return Some(word.to_owned());
    }
    if word.strip_prefix("www.").is_some_and(|rest| rest.contains('.')) {
        return Some(format!("https://{word}"));
    }
    let (user, host) = word.split_once('@')?;
    let is_mail = !user.is_empty()
        && !host.contains('@')
        && host.split_once('.').is_some_and(|(name, end)| !name.is_empty() && end.len() >= 2);
    is_mail.then(|| format!("mailto:{word}"))
}

/// A way to reach somebody: also a telephone number is a link.
pub(super) fn reached(text: &str) -> Markup {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let is_number = text.chars().all(|c| c.is_ascii_digit() || "+ -()/.–".contains(c));
    if is_number && digits.len() >= 6 {
        return html! { a href={ "tel:" (digits) } { (text) } };
    }
    inline(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_the_rest_is_escaped() {
        let table = [
            ("a < b & c", "a &lt; b &amp; c"),
            (
                "Write to a@nord.example, please",
                "Write to <a href=\"mailto:a@nord.example\">a@nord.example</a>, please",
            ),
            ("www.nord.example.", "<a href=\"https://www.nord.example\">www.nord.example</a>."),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("at @nord or a@b", "at @nord or a@b"),
            ("**Fresh** bread", "<strong>Fresh</strong> bread"),
            ("5 ** 2", "5 ** 2"),
            ("\"https://a.b/\"onload=\"", "&quot;https://a.b/&quot;onload=&quot;"),
        ];
        for (text, expected) in table {
            assert_eq!(inline(text).into_string(), expected);
        }
    }

    #[test]
    fn a_telephone_number_is_dialled() {
        assert_eq!(reached("+49 40 123-456").into_string(), "<a href=\"tel:+4940123456\">+49 40 123-456</a>");
        assert_eq!(reached("12 seats").into_string(), "12 seats");
    }
}
