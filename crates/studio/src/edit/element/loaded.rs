//! A page with what it loads in it: where it is shown it may load nothing, so each style sheet and script of its own stands
//! in the place of the element that asks for it.

use std::ops::Range;
use std::sync::LazyLock;

use html5gum::{Token, Tokenizer};
use regex::Regex;

use super::closing::hides_content;
use super::{Element, Elements};

/// How far out an element is looked for that hides what stands in it.
const FARTHEST: usize = 256;

/// So much of its files is put into a page at most, in bytes: it may ask for one of them ever again.
const LARGEST: usize = 4 << 20;

/// What an element says of the file that it loads, and not of itself.
const OF_THE_FILE: [&str; 13] = [
    "src",
    "href",
    "rel",
    "as",
    "integrity",
    "crossorigin",
    "referrerpolicy",
    "fetchpriority",
    "charset",
    "hreflang",
    "defer",
    "async",
    "blocking",
];

static STYLE_END: LazyLock<Regex> = LazyLock::new(|| expected(r"(?i)</(style)"));
static SCRIPT_END: LazyLock<Regex> = LazyLock::new(|| expected(r"(?i)<(/script)"));
/// Behind `<!--` a script that begins hides the end of the one that it stands in.
static SCRIPT_START: LazyLock<Regex> = LazyLock::new(|| expected(r"(?i)<(script[\s/>])"));

fn expected(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this file are well formed, as its tests show")
}

/// What stands in the place of an element that loads something.
struct Inlined {
    html: String,
    /// Whether it waits until the page is read.
    waits: bool,
}

impl Elements<'_> {
    /// A copy of the source as it is shown: with the marks of the preview, where it `is_marked`, and with the files that it
    /// loads in the place of what loads them. `file` gives what an address leads to, where that is a file of the page's own.
    pub(crate) fn with_files<'f>(&self, is_marked: bool, file: impl Fn(&str) -> Option<&'f str>) -> String {
        let mut changes: Vec<(Range<usize>, String)> = self.marks().filter(|_| is_marked).collect();
        let (mut at_end, mut left) = (String::new(), LARGEST);
        for element in self.all.iter().filter(|element| matches!(&*element.name, "link" | "script")) {
            let tag = &self.source[element.start_tag.clone()];
            let Some(Inlined { html, waits }) = inlined(&element.name, tag, &file) else { continue };
            if html.len() > left || self.is_hidden(element) {
                continue;
            }
            left -= html.len();
            // A script that stands in the page does not wait: one that is to, comes where the page is read.
            let here = if waits { String::new() } else { html.clone() };
            at_end += if waits { &html } else { "" };
            changes.push((element.start_tag.start..element.end, here));
        }
        if !at_end.is_empty() {
            let end = self.content_end();
            changes.push((end..end, at_end));
        }
        changes.sort_by_key(|(span, _)| span.start);
        let changes: Vec<(Range<usize>, &str)> = changes.iter().map(|(span, text)| (span.clone(), &**text)).collect();
        self.with(&changes)
    }

    /// Whether it stands where nothing of it is carried out.
    fn is_hidden(&self, element: &Element) -> bool {
        let parent = |element: &&Element| element.parent.map(|parent| &self.all[parent]);
        let around = std::iter::successors(parent(&element), parent).take(FARTHEST);
        around.into_iter().any(|around| &*around.name != "head" && hides_content(&around.name))
    }

    /// Where the page's content ends: before the end tags of its frame.
    fn content_end(&self) -> usize {
        let frame = |name: &str| self.all.iter().find(|element| &*element.name == name && element.is_closed);
        frame("body").or(frame("html")).map_or(self.source.len(), |frame| frame.content_end)
    }
}

/// What an element of this name and start tag loads, as an element that holds it.
fn inlined<'f>(name: &str, tag: &str, file: impl Fn(&str) -> Option<&'f str>) -> Option<Inlined> {
    let attributes = attributes(tag);
    let value = |name: &str| attributes.iter().find(|(there, _)| there == name).map(|(_, value)| value.as_str());
    let kind = value("type").unwrap_or_default().trim().to_ascii_lowercase();
    let kept = attributes.iter().filter(|(name, _)| !OF_THE_FILE.contains(&name.as_str()));
    let kept: String = kept.map(|(name, value)| format!(" {name}=\"{}\"", quoted(value))).collect();
    if name == "link" {
        let rel = value("rel")?.to_ascii_lowercase();
        let is_said = |word: &str| rel.split_ascii_whitespace().any(|said| said == word);
        if !is_said("stylesheet") || is_said("alternate") || value("disabled").is_some() {
            return None;
        }
        let css = file(value("href")?).filter(|_| matches!(kind.as_str(), "" | "text/css"))?;
        let css = STYLE_END.replace_all(css, r"<\/$1");
        return Some(Inlined { html: format!("<style{kept}>{css}</style>"), waits: false });
    }
    let script = file(value("src")?)?;
    let is_module = kind == "module";
    if !is_module && !kind.is_empty() && !kind.contains("javascript") && !kind.contains("ecmascript") {
        return None;
    }
    // As the standard has it: https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    let mut script = SCRIPT_END.replace_all(script, r"\x3C$1").into_owned();
    if script.contains("<!--") {
        script = SCRIPT_START.replace_all(&script, r"\x3C$1").into_owned();
    }
    // A module waits by itself.
    let waits = !is_module && (value("defer").is_some() || value("async").is_some());
    Some(Inlined { html: format!("<script{kept}>{script}</script>"), waits })
}

/// A start tag's attributes, as they are meant.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let read = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match Tokenizer::new(tag).next() {
        Some(Ok(Token::StartTag(tag))) => {
            tag.attributes.iter().map(|(name, value)| (read(name), read(value))).collect()
        }
        _ => Vec::new(),
    }
}

fn quoted(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = "p { color: red }";
    const SCRIPT: &str = "play()";

    fn shown(page: &str) -> String {
        let file = |address: &str| match address {
            "style.css" => Some(CSS),
            "app.js" => Some(SCRIPT),
            "tricks.css" => Some("p::after { content: '</STYLE ><script>x</script>' }"),
            "tricks.js" => Some("if (i<scripts.length) '</script><!-- <script>' + /<\\/script/"),
            _ => None,
        };
        Elements::of(page).with_files(false, file)
    }

    #[test]
    fn what_a_page_loads_of_its_own_stands_in_the_place_of_what_loads_it() {
        for (page, expected) in [
            ("<LINK REL=StyleSheet HREF=style.css>", "<style>p { color: red }</style>"),
            (
                "<link media=\"(width > 9px) and &quot;\" rel='stylesheet' href='style.css' integrity=x crossorigin>",
                "<style media=\"(width > 9px) and &quot;\">p { color: red }</style>",
            ),
            ("<p>a</p><script src=\"app.js\">lost</script><p>b", "<p>a</p><script>play()</script><p>b"),
            ("<script type=module src=app.js></script><p>", "<script type=\"module\">play()</script><p>"),
            ("<svg/><link rel=stylesheet href=style.css>", "<svg/><style>p { color: red }</style>"),
        ] {
            assert_eq!(shown(page), expected);
        }
    }

    #[test]
    fn a_script_that_waits_comes_where_the_page_is_read() {
        let page = "<html><head><script defer src=app.js></script></head><body><p>a</p>\n</body></html>";
        let expected = "<html><head></head><body><p>a</p>\n<script>play()</script></body></html>";
        assert_eq!(shown(page), expected);
        assert_eq!(shown("<script async src=app.js></script><p>a"), "<p>a<script>play()</script>");
    }

    #[test]
    fn whatever_else_is_loaded_stays_as_it_is() {
        for page in [
            "<link rel=stylesheet href=https://a.example/style.css>",
            "<link rel=icon href=style.css>",
            "<link rel='alternate stylesheet' href=style.css>",
            "<link rel=stylesheet disabled href=style.css>",
            "<link rel=stylesheet type=text/less href=style.css>",
            "<script src=other.js></script>",
            "<script type=text/template src=app.js></script>",
            "<script>'<script src=app.js>'</script>",
            "<!-- <script src=app.js></script> -->",
            "<template><script src=app.js></script></template>",
            "<head><noscript><link rel=stylesheet href=style.css></noscript>",
            "<a href=style.css>style</a><img src=app.js>",
        ] {
            assert_eq!(shown(page), page);
        }
    }

    #[test]
    fn a_page_that_asks_for_a_file_ever_again_does_not_grow_for_ever() {
        let css = "p {}".repeat(LARGEST / 10);
        let page = "<link rel=stylesheet href=style.css>".repeat(100);
        let shown = Elements::of(&page).with_files(false, |_| Some(&css));
        assert!(shown.len() < LARGEST + page.len(), "{}", shown.len());
        assert_eq!(shown.matches("<style>").count(), 2);
    }

    #[test]
    fn nothing_in_a_file_ends_the_element_that_holds_it() {
        let page = "<link rel=stylesheet href=tricks.css><script src=tricks.js></script><p>still here</p>";
        let shown = shown(page);
        let elements = Elements::of(&shown);
        let names: Vec<&str> = elements.all.iter().map(|element| &*element.name).collect();
        assert_eq!(names, ["style", "script", "p"], "{shown}");
        assert!(shown.contains(r"'<\/STYLE ><script>x</script>'"), "{shown}");
        assert!(shown.contains(r"if (i<scripts.length) '\x3C/script><!-- \x3Cscript>' + /<\/script/"), "{shown}");
    }
}
