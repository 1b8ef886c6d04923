//! What the source of a page may leave out: elements that have no end, and end tags that the next tag stands for
//! (<https://html.spec.whatwg.org/multipage/syntax.html#optional-tags>).

/// Whether an element of this name has no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// What a start tag of this name ends, where such an element is open, and what keeps it from reaching further out.
pub(super) fn ended_by(name: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match name {
        "li" => (&["li"], &["ul", "ol", "menu"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr"], &["table"]),
        "thead" | "tbody" | "tfoot" => (&["thead", "tbody", "tfoot"], &["table"]),
        "rt" | "rp" => (&["rt", "rp"], &["ruby"]),
        _ => return None,
    })
}

/// A paragraph outside of these is not ended by what stands in them.
pub(super) const PARAGRAPH_KEEPERS: &[&str] = &["button", "table", "td", "th", "caption", "object", "template", "svg"];

/// Whether a paragraph that is open ends where such an element begins.
pub(super) fn ends_paragraph(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "ul"
    )
}

/// Whether an element of this name says nothing that is seen.
pub(super) fn is_hidden(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "head"
            | "body"
            | "title"
            | "meta"
            | "link"
            | "base"
            | "style"
            | "script"
            | "noscript"
            | "template"
            | "source"
            | "track"
            | "param"
            | "col"
            | "colgroup"
            | "br"
            | "wbr"
            | "area"
    )
}

/// Whether an element of this name stands in a page's head; any other ends it.
pub(super) fn belongs_to_head(name: &str) -> bool {
    matches!(name, "title" | "meta" | "link" | "base" | "style" | "script" | "noscript" | "template")
}

/// Whether what stands in it is none of the page's own elements.
pub(super) fn hides_content(name: &str) -> bool {
    matches!(name, "head" | "svg" | "math" | "noscript" | "template" | "select" | "iframe")
}
