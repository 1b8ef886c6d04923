use proptest::prelude::*;

use super::*;

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>T</title><style>p>a{}</style></head>\n<body>\n  <h1 id=\"top\">Nord</h1>\n  <!-- <p>no</p> -->\n  <ul>\n    <li>One\n    <li>Two <b>bold</b>\n  </ul>\n  <p>First<p>Second<br>line\n  <div class=x>Box</div>\n  <script>'<p>'</script>\n  <img src=a.png><br>\n  <svg viewBox='0 0 1 1'><path d='M0'/><text>t</text></svg>\n</body></html>\n";

/// The element whose source begins so.
fn at(page: &Elements<'_>, start: &str) -> ElementRef {
    let found = (0..page.all.len())
        .map(ElementRef)
        .find(|at| page.source_of(*at).is_some_and(|source| source.starts_with(start)));
    found.unwrap_or_else(|| panic!("{start} is an element"))
}

#[test]
fn a_name_is_read_as_it_is_written() {
    assert_eq!("e17".parse(), Ok(ElementRef(17)));
    assert_eq!(ElementRef(17).to_string(), "e17");
    for text in ["", "e", "17", "e1.2", "e-1", "e+1", "s1"] {
        assert_eq!(text.parse::<ElementRef>(), Err(NotAnElement(text.to_owned())), "{text}");
    }
}

#[test]
fn an_element_without_an_end_tag_ends_where_the_next_begins() {
    let page = Elements::of(PAGE);
    for (start, whole) in [
        ("<li>One", "<li>One\n    "),
        ("<li>Two", "<li>Two <b>bold</b>\n  "),
        ("<p>First", "<p>First"),
        ("<p>Second", "<p>Second<br>line\n  "),
        ("<img", "<img src=a.png>"),
        ("<svg", "<svg viewBox='0 0 1 1'><path d='M0'/><text>t</text></svg>"),
    ] {
        assert_eq!(page.source_of(at(&page, start)), Some(whole));
    }
}

#[test]
fn what_is_seen_is_marked_and_nothing_else() {
    let marked = Elements::of(PAGE).marked();
    for mark in [
        "<h1 data-ref=\"e5\" id",
        "<li data-ref=\"e7\">One",
        "<p data-ref=\"e10\">First",
        "<img data-ref=",
        "<svg data-ref=",
    ] {
        assert!(marked.contains(mark), "{mark} in {marked}");
    }
    for bare in ["<html>", "<body>", "<title>", "<style>", "<!-- <p>no</p> -->", "'<p>'", "<path d", "<br>"] {
        assert!(marked.contains(bare), "{bare} in {marked}");
    }
    assert_eq!(marked.matches(" data-ref=").count(), 10);
}

#[test]
fn a_text_is_put_in_and_stays_text() {
    let page = Elements::of(PAGE);
    let changed = page.with_text(at(&page, "<h1"), "A & </h1><script>x</script> $&");
    assert_eq!(changed, Ok(PAGE.replace("Nord", "A &amp; &lt;/h1&gt;&lt;script&gt;x&lt;/script&gt; $&amp;")));
    assert_eq!(page.with_text(at(&page, "<li>One"), "Eins"), Ok(PAGE.replace("<li>One\n", "<li>Eins\n")));
    assert_eq!(page.with_text(at(&page, "<p>Second"), "2"), Ok(PAGE.replace("Second<br>line", "2")));
    for (start, why) in [
        ("<li>Two", CannotChange::HoldsMore),
        ("<img", CannotChange::HoldsMore),
        ("<script", CannotChange::NotSeen),
        ("<body", CannotChange::NotSeen),
    ] {
        assert_eq!(page.with_text(at(&page, start), "x"), Err(why), "{start}");
    }
    assert_eq!(page.with_text(ElementRef(99), "x"), Err(CannotChange::NothingThere));
}

#[test]
fn an_element_goes_whole() {
    let page = Elements::of(PAGE);
    assert_eq!(page.without(at(&page, "<p>First")), Ok(PAGE.replace("<p>First", "")));
    assert_eq!(
        page.without(at(&page, "<ul")),
        Ok(PAGE.replace("<ul>\n    <li>One\n    <li>Two <b>bold</b>\n  </ul>", ""))
    );
    assert_eq!(page.without(at(&page, "<html")), Err(CannotChange::NotSeen));
}

#[test]
fn an_element_moves_past_its_siblings_alone() {
    let page = Elements::of(PAGE);
    let swapped = "<li>Two <b>bold</b></li>\n  <li>One</li>\n    </ul>";
    let expected = PAGE.replace("<li>One\n    <li>Two <b>bold</b>\n  </ul>", swapped);
    assert_eq!(page.shifted(at(&page, "<li>One"), 1), Ok(expected.clone()));
    assert_eq!(page.shifted(at(&page, "<li>Two"), -1), Ok(expected));
    assert_eq!(page.shifted(at(&page, "<li>Two"), 1), Err(CannotChange::NoFurther));
    assert_eq!(page.shifted(at(&page, "<h1"), -1), Err(CannotChange::NoFurther));
    let far = Elements::of("<i>1</i> <b>2</b>-<u>3</u>");
    assert_eq!(far.shifted(ElementRef(2), -2).as_deref(), Ok("<u>3</u> <i>1</i>-<b>2</b>"));
}

#[test]
fn a_double_stands_behind_its_element_and_has_no_id() {
    let page = Elements::of(PAGE);
    let twice = "<h1 id=\"top\">Nord</h1>\n  <h1>Nord</h1>";
    assert_eq!(page.doubled(at(&page, "<h1")), Ok(PAGE.replace("<h1 id=\"top\">Nord</h1>", twice)));
    let page = Elements::of("<p>a<p id=x class=y>b");
    assert_eq!(page.doubled(ElementRef(1)).as_deref(), Ok("<p>a<p id=x class=y>b</p><p class=y>b</p>"));
}

#[test]
fn an_element_is_found_by_its_source_where_it_is_one() {
    let page = Elements::of("<p>a</p><p>a</p><div>\n <p>b</p></div>");
    assert_eq!(page.find("<div><p>b</p>\n</div>"), Some(ElementRef(2)));
    assert_eq!(page.find("<p>a</p>"), None);
    assert_eq!(page.find("<p>c</p>"), None);
}

#[test]
fn a_million_elements_are_read_in_one_go() {
    let nested = "<div>".repeat(300_000);
    assert_eq!(Elements::of(&nested).all.len(), 300_000);
    let strays = format!("{}{}", "<b>".repeat(150_000), "</i>".repeat(150_000));
    assert_eq!(Elements::of(&strays).all.len(), 150_000);
    let kept = format!("<p><table>{}", "<div>".repeat(150_000));
    assert_eq!(Elements::of(&kept).all.len(), 150_002);
    let flat = "<p>x".repeat(250_000);
    assert_eq!(Elements::of(&flat).marked().matches("data-ref").count(), 250_000);
}

fn pages() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<li>",
        "<ul>",
        "</ul>",
        "<div id=a>",
        "</div>",
        "<br>",
        "é",
        "x\n",
        "<!-- <p> -->",
        "<script>'<p>'</script>",
        "<table>",
        "<td>",
        "</table>",
        "<svg>",
        "<path/>",
        "</svg>",
        "<b a='>'>",
        "</b>",
        "<",
        "<a href",
        "&lt;",
        "</head>",
        "<head>",
        "<body>",
        "\r\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_hand_changes_its_own_span_and_no_other_byte(page in pages(), which in 0..20_usize) {
        let elements = Elements::of(&page);
        let at = ElementRef(which);
        if let Some(element) = elements.all.get(which) {
            let (before, after) = (&page[..element.start_tag.start], &page[element.end..]);
            for changed in [elements.with_text(at, "new"), elements.without(at), elements.doubled(at)].into_iter().flatten() {
                prop_assert!(changed.starts_with(before) && changed.ends_with(after), "{}", changed);
            }
        }
    }

    #[test]
    fn a_page_without_its_marks_is_the_page(page in pages()) {
        let marked = Elements::of(&page).marked();
        let mut bare = marked.clone();
        for index in (0..page.len()).rev() {
            bare = bare.replace(&format!(" data-ref=\"e{index}\""), "");
        }
        prop_assert_eq!(bare, page);
    }
}

#[test]
fn the_innermost_element_is_found_that_holds_what_stands_there() {
    let page = Elements::of(PAGE);
    let holding = |text: &str| {
        let start = PAGE.find(text).expect("it stands there");
        page.holding(start..start + text.len()).and_then(|at| page.source_of(at))
    };
    assert_eq!(holding("  <h1 id=\"top\">Nord</h1>\n"), Some("<h1 id=\"top\">Nord</h1>"));
    assert_eq!(holding("bold"), Some("<b>bold</b>"));
    assert_eq!(holding("Two <b>bold"), Some("<li>Two <b>bold</b>\n  "));
    assert_eq!(holding("p>a{}"), Some("<style>p>a{}</style>"));
    assert!(holding("<li>One\n    <li>Two").is_some_and(|source| source.starts_with("<ul>")));
    for frame in ["Nord</h1>\n  <!--", "<title>T</title><style>", "<!DOCTYPE html>"] {
        assert_eq!(holding(frame), None, "{frame}");
    }
}

#[test]
fn an_element_written_again_takes_its_place_and_whatever_stands_round_it_stays() {
    let page = Elements::of(PAGE);
    let written = |start: &str, source: &str| page.with_written(at(&page, start), source);
    let heading = "<h1>Süd <small>$&</small></h1>";
    assert_eq!(written("<h1", heading), Some(PAGE.replace("<h1 id=\"top\">Nord</h1>", heading)));
    assert_eq!(written("<li>One", "<li>1</li>\n<li>2</li>\n"), Some(PAGE.replace("<li>One", "<li>1</li>\n<li>2</li>")));
    assert_eq!(written("<style>", "<style>b{}</style>"), Some(PAGE.replace("p>a{}", "b{}")));
    assert_eq!(written("<img", "<img src=b.png>"), Some(PAGE.replace("a.png", "b.png")));
}

#[test]
fn an_element_written_again_that_would_change_what_stands_round_it_is_refused() {
    let page = Elements::of("<body><section><p>a <b>c</b></p><p>d</p></section><p>e</p></body>");
    for (start, source) in [
        // Left open, ended once too often, without a tag, beside a text, in a paragraph that it ends.
        ("<p>a", "<div>a"),
        ("<p>a", "<p>a</section></p>"),
        ("<p>a", "<p>a</p></section>"),
        ("<p>a", "</section><p>a</p>"),
        ("<p>a", "a"),
        ("<p>a", "<p>a</p> and more"),
        ("<b>", "<div>c</div>"),
        ("<p>e", "<!-- <p>e</p>"),
        ("<p>a", "<script>1"),
    ] {
        assert_eq!(page.with_written(at(&page, start), source), None, "{source}");
    }
}
