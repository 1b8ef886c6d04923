//! What holds for every page that the kit makes.

mod dom;

use dom::{Node, nodes, parse_errors};
use kit::{Colour, Fonts, Kind, Line, Look, Marks, Section, Spot, Style, Words, page};

const SAMPLES: [&str; 6] = [
    include_str!("../examples/words/nord.md"),
    include_str!("../examples/words/summit.md"),
    include_str!("../examples/words/sonnenblume.md"),
    include_str!("../examples/words/atelier.md"),
    include_str!("../examples/words/qamar.md"),
    include_str!("../examples/words/note.md"),
];

/// What a hostile or careless model may write, in every place.
const HOSTILE: &str = "# </script><svg onload=alert(1)>\n> \"><img src=x onerror=alert(1)>\n\
    ## <b>Menu</b> --></style>\n- **</title><i>**: 2 € <script>x</script>\n- **\" onclick=\"x**: ' & &amp; &lt;\n\
    Write to \"onload=\"a@b.example or javascript:alert(1)\n## \n- <table><tr>\n## Questions\n- **<select>?**: </details>\n\
    ## Contact\n- **Email**: \"><script>@b.example\n[</a><button>]\n";

fn styles() -> impl Iterator<Item = Style> {
    let green = Colour { red: 46, green: 125, blue: 50 };
    let own = Look::ALL.map(|look| Style { look, ..Style::default() });
    own.into_iter().chain([Style { look: Look::Poster, colour: Some(green), fonts: Some(Fonts::Mono) }])
}

/// Every page of the samples, given away and in the Studio.
fn pages() -> impl Iterator<Item = String> {
    let texts = SAMPLES.into_iter().chain([HOSTILE, "", "# Nord", "- **A**: 1 €"]);
    texts.flat_map(|text| {
        let words = Words::parse(text);
        let studio = Marks::Studio { made_up: &[Spot::Name, Spot::ItemDetail(0, 0)] };
        styles()
            .flat_map(move |style| [page(&words, &style, Marks::None), page(&words, &style, studio)])
            .collect::<Vec<_>>()
    })
}

#[test]
fn a_page_is_well_formed() {
    for page in pages() {
        assert_eq!(parse_errors(&page), Vec::<String>::new(), "{page}");
    }
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for page in pages() {
        for node in nodes(&page) {
            assert!(
                !matches!(
                    node.tag.as_str(),
                    "script" | "link" | "img" | "iframe" | "image" | "use" | "object" | "base"
                ),
                "{node:?}"
            );
            for (name, value) in &node.attributes {
                assert!(!name.starts_with("on") && name != "src" && name != "action", "{node:?}");
                let is_link =
                    ["#", "mailto:", "tel:", "https://", "http://"].iter().any(|start| value.starts_with(start));
                assert!(name != "href" || node.tag == "a" && is_link, "{node:?}");
            }
        }
        assert!(!page.contains("url(") && !page.contains("@import"));
    }
}

#[test]
fn what_looks_like_markup_is_text() {
    let words = Words::parse(HOSTILE);
    for style in styles() {
        let nodes = nodes(&page(&words, &style, Marks::Studio { made_up: &[] }));
        for (spot, text) in texts(&words) {
            let element = marked(&nodes, spot);
            assert_eq!(element.text, text, "{spot}");
        }
    }
}

#[test]
fn a_page_that_is_given_away_has_no_trace_of_the_studio() {
    for text in SAMPLES {
        for style in styles() {
            let page = page(&Words::parse(text), &style, Marks::None);
            assert!(!page.contains("data-"), "{page}");
        }
    }
}

#[test]
fn in_the_studio_every_text_says_where_it_stands() {
    for text in SAMPLES {
        let words = Words::parse(text);
        for style in styles() {
            let nodes = nodes(&page(&words, &style, Marks::Studio { made_up: &[Spot::ItemDetail(0, 0)] }));
            for (spot, text) in texts(&words) {
                let element = marked(&nodes, spot);
                assert_eq!(element.text, text, "{spot}");
                let is_made_up = element.attributes.iter().any(|(name, _)| name == "data-made-up");
                assert_eq!(is_made_up, spot == Spot::ItemDetail(0, 0), "{spot}");
            }
            for (index, section) in words.sections.iter().enumerate() {
                marked(&nodes, Spot::Section(index));
                (0..section.lines.len()).for_each(|line| drop(marked(&nodes, Spot::Line(index, line))));
            }
        }
    }
}

#[test]
fn one_more_line_adds_to_a_page_and_changes_nothing_of_it() {
    for text in SAMPLES {
        let lines: Vec<&str> = text.lines().collect();
        // The looks differ in their drawings alone: those with the fewest and the most are enough.
        for look in [Look::Harbour, Look::Poster] {
            let style = Style { look, ..Style::default() };
            for end in 1..lines.len() {
                let [before, after] = [end, end + 1].map(|end| Words::parse(&lines[..end].join("\n")));
                if was_refined(&before, &after) {
                    continue;
                }
                let [before, after] = [before, after].map(|words| body(&page(&words, &style, Marks::None)));
                let mut rest = after.iter();
                for node in &before {
                    assert!(
                        rest.any(|other| other == node),
                        "{look:?}: {node} is gone or moved after {:?}",
                        lines[end]
                    );
                }
            }
        }
    }
}

/// Whether the last line told more of what its section is.
fn was_refined(before: &Words, after: &Words) -> bool {
    before.sections.iter().zip(&after.sections).any(|(before, after)| Kind::of(before) != Kind::of(after))
}

/// The elements of a page's body, each with the elements that it stands in and the text of its own.
fn body(page: &str) -> Vec<String> {
    let nodes = nodes(page);
    let in_body = nodes.into_iter().filter(|node| node.path.starts_with("html/body"));
    // What a screen reader hears first is in the page's language, which more words may tell better.
    in_body
        .filter(|node| !node.attributes.iter().any(|(name, value)| name == "class" && value == "skip"))
        .map(|node| format!("{} {:?} {:?}", node.path, node.attributes, node.own_text))
        .collect()
}

#[test]
fn headings_follow_each_other_in_order() {
    for page in pages() {
        let mut level = 0;
        for node in nodes(&page) {
            if let Some(next) = node.tag.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) {
                assert!(next <= level + 1 || level == 0 && next == 2, "{page}");
                level = next;
            }
        }
    }
}

#[test]
fn every_link_within_a_page_leads_somewhere() {
    for page in pages() {
        let nodes = nodes(&page);
        let ids: Vec<&String> = nodes.iter().flat_map(|node| node.attribute("id")).collect();
        for node in nodes.iter().filter(|node| node.tag == "a") {
            let target = node.attribute("href").and_then(|href| href.strip_prefix('#'));
            assert!(target.is_none_or(|target| ids.iter().any(|id| *id == target)), "{node:?}");
        }
        let unique: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "two elements of one name: {ids:?}");
    }
}

#[test]
fn a_page_weighs_little() {
    for page in pages() {
        assert!(page.len() < 40_000, "{} bytes: {}", page.len(), &page[..300]);
    }
}

#[test]
fn every_kind_of_section_stands_in_the_samples() {
    let kinds: std::collections::HashSet<Kind> = SAMPLES
        .iter()
        .flat_map(|text| Words::parse(text).sections)
        .map(|section: Section| Kind::of(&section))
        .collect();
    assert_eq!(kinds.len(), Kind::ALL.len());
}

/// The places of words that hold a text, with it.
fn texts(words: &Words) -> Vec<(Spot, String)> {
    let mut spots = vec![Spot::Name, Spot::Sentence, Spot::Button];
    for (index, section) in words.sections.iter().enumerate() {
        spots.push(Spot::Heading(index));
        for (line, text) in section.lines.iter().enumerate() {
            match text {
                Line::Paragraph(_) => spots.push(Spot::Line(index, line)),
                Line::Item { .. } => spots.extend([Spot::ItemName(index, line), Spot::ItemDetail(index, line)]),
            }
        }
    }
    let texts = spots.into_iter().filter_map(|spot| Some((spot, words.text(spot)?)));
    texts.filter(|(_, text)| !text.is_empty()).collect()
}

fn marked(nodes: &[Node], spot: Spot) -> Node {
    let name = spot.to_string();
    let found: Vec<&Node> = nodes.iter().filter(|node| node.attribute("data-ref") == Some(&name)).collect();
    assert_eq!(found.len(), 1, "{spot} stands in {} elements", found.len());
    found[0].clone()
}
