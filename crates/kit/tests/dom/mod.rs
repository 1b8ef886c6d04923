//! A page as a browser reads it.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The names of the elements that it stands in, and its own.
    pub(crate) path: String,
    pub(crate) tag: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// All text within it.
    pub(crate) text: String,
    /// The text directly within it.
    pub(crate) own_text: String,
}

impl Node {
    pub(crate) fn attribute(&self, name: &str) -> Option<&String> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

fn parsed(page: &str) -> RcDom {
    let mut options = ParseOpts::default();
    options.tokenizer.exact_errors = true;
    options.tree_builder.exact_errors = true;
    parse_document(RcDom::default(), options).one(page)
}

/// What the parser had to mend.
pub(crate) fn parse_errors(page: &str) -> Vec<String> {
    parsed(page).errors.borrow().iter().map(ToString::to_string).collect()
}

/// Every element, in the order of the page; the style sheet is left out, since it takes long to read.
pub(crate) fn nodes(page: &str) -> Vec<Node> {
    let (head, rest) = page.split_once("<style>").unwrap_or_default();
    let (_, body) = rest.split_once("</style>").unwrap_or_default();
    let dom = parsed(&format!("{head}{body}"));
    let mut nodes = Vec::new();
    walk(&dom.document, "", &mut nodes);
    nodes
}

fn walk(handle: &Handle, path: &str, nodes: &mut Vec<Node>) {
    let mut inner = path.to_owned();
    if let NodeData::Element { name, attrs, .. } = &handle.data {
        let tag = name.local.to_string();
        inner = if path.is_empty() { tag.clone() } else { format!("{path}/{tag}") };
        let attributes =
            attrs.borrow().iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect();
        nodes.push(Node {
            path: inner.clone(),
            tag,
            attributes,
            text: text(handle, true),
            own_text: text(handle, false),
        });
    }
    handle.children.borrow().iter().for_each(|child| walk(child, &inner, nodes));
}

fn text(handle: &Handle, deep: bool) -> String {
    let children = handle.children.borrow();
    let texts = children.iter().map(|child| match &child.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        NodeData::Element { .. } if deep => text(child, true),
        _ => String::new(),
    });
    texts.collect()
}
